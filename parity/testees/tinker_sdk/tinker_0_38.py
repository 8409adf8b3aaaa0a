"""PyPI tinker 0.38.0, unmodified, as a testee."""

from __future__ import annotations

from parity.judges.tinker_sdk import v0_38
from parity.testees.tinker_sdk.codec import codec
from parity.testees.tinker_sdk.serve import serve

HELLO = {
    "name": "tinker-0.38",
    "title": "PyPI tinker 0.38.0",
    "language": "python",
    "dialects": ["tinker-0.38"],
}
RENAMED: dict[str, str | None] = {
    "SaveWeightsExternalResponse": "SaveWeightsExternalResponseInternal",
    "SaveWeightsForSamplerResponse": "SaveWeightsForSamplerResponseInternal",
    # An alias over names that its module never imports: nothing can read with it.
    "FutureRetrieveResponse": None,
}


def main() -> None:
    types = v0_38(RENAMED)
    serve(HELLO, {"codec": codec(types)})


if __name__ == "__main__":
    main()
