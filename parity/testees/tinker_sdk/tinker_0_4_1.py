"""PyPI tinker 0.4.1, unmodified, as a testee."""

from __future__ import annotations

from parity.judges.tinker_sdk import v0_4_1
from parity.testees.tinker_sdk.codec import codec
from parity.testees.tinker_sdk.serve import serve

HELLO = {
    "name": "tinker-0.4.1",
    "title": "PyPI tinker 0.4.1",
    "language": "python",
    "dialects": ["tinker-0.4.1"],
}
RENAMED: dict[str, str | None] = {"SaveWeightsForSamplerResponse": "SaveWeightsForSamplerResponseInternal"}


def main() -> None:
    types = v0_4_1(RENAMED)
    serve(HELLO, {"codec": codec(types)})


if __name__ == "__main__":
    main()
