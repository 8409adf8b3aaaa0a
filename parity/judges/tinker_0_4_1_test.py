"""PyPI tinker judges its dialect: its own types accept, refuse and write what the fixtures say."""

from __future__ import annotations

import pytest

from parity.judges.suite import Suite
from parity.judges.tinker_sdk import v0_4_1

SUITE = Suite(
    v0_4_1({"SaveWeightsForSamplerResponse": "SaveWeightsForSamplerResponseInternal"}), "tinker-0.4.1.disagreements"
)


@pytest.mark.parametrize("message", SUITE.messages)
def test_agrees_on(message: str) -> None:
    SUITE.check_message(message)


def test_the_list_holds_no_entry_too_many() -> None:
    SUITE.check_list()
