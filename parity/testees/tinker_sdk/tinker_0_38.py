"""PyPI tinker 0.38.0, unmodified, as a testee."""

from __future__ import annotations

from parity.judges.tinker_sdk import v0_38
from parity.testees.tinker_sdk.program import run

RENAMED: dict[str, str | None] = {
    "SaveWeightsExternalResponse": "SaveWeightsExternalResponseInternal",
    "SaveWeightsForSamplerResponse": "SaveWeightsForSamplerResponseInternal",
    # An alias over names that its module never imports: nothing can read with it.
    "FutureRetrieveResponse": None,
}

if __name__ == "__main__":
    run(v0_38(RENAMED), name="tinker-0.38", dialects=["tinker-0.38"])
