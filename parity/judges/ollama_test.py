"""PyPI ollama judges the types of its client: they accept, refuse and write what the fixtures say."""

from __future__ import annotations

import pytest

from parity.judges.ollama_sdk import OllamaSdk
from parity.judges.suite import Suite

SUITE = Suite(OllamaSdk(frozenset({"ollama-python"})), "ollama.disagreements")


@pytest.mark.parametrize("message", SUITE.messages)
def test_agrees_on(message: str) -> None:
    SUITE.check_message(message)


def test_the_list_holds_no_entry_too_many() -> None:
    SUITE.check_list()
