"""PyPI tinker 0.4.1, unmodified, as a testee."""

from __future__ import annotations

from parity.judges.tinker_sdk import v0_4_1
from parity.testees.tinker_sdk.program import run

RENAMED: dict[str, str | None] = {"SaveWeightsForSamplerResponse": "SaveWeightsForSamplerResponseInternal"}

if __name__ == "__main__":
    run(v0_4_1(RENAMED), name="tinker-0.4.1", dialects=["tinker-0.4.1"])
