"""PyPI tinker judges its dialect: its own types accept, refuse and write what the fixtures say."""

from __future__ import annotations

import pytest

from parity.judges.suite import Suite
from parity.judges.tinker_sdk import v0_38

RENAMED = {
    "SaveWeightsExternalResponse": "SaveWeightsExternalResponseInternal",
    "SaveWeightsForSamplerResponse": "SaveWeightsForSamplerResponseInternal",
    # An alias over names that its module never imports: nothing can read with it.
    "FutureRetrieveResponse": None,
}
SUITE = Suite(v0_38(RENAMED), "tinker-0.38.disagreements")


@pytest.mark.parametrize("message", SUITE.messages)
def test_agrees_on(message: str) -> None:
    SUITE.check_message(message)


def test_the_list_holds_no_entry_too_many() -> None:
    SUITE.check_list()
