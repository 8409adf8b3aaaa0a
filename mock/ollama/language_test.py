"""Words and tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock.ollama import language


@given(st.text())
def test_tokens_lose_nothing(text: str) -> None:
    found = language.tokens(text)
    assert "".join(found) == text
    assert all(found)


def test_tokens_are_words_with_the_space_before_them() -> None:
    assert language.tokens("Hi there, you!\n") == ["Hi", " there", ",", " you", "!", "\n"]


def test_the_same_is_said_to_the_same_only() -> None:
    def said(*parts: object) -> str:
        return language.answer(language.source(*parts), "Why is the sky blue?")

    assert said("m", "p", 1) == said("m", "p", 1)
    assert len({said("m", "p", 1), said("n", "p", 1), said("m", "q", 1), said("m", "p", 2)}) == 4


@pytest.mark.parametrize("level", ["low", "medium", "on", "high", "max"])
def test_thoughts_grow_with_the_level(level: str) -> None:
    less = {"low": "", "medium": "low", "on": "medium", "high": "on", "max": "high"}[level]
    long = len(language.thought(language.source(1), level))
    assert long > (len(language.thought(language.source(1), less)) if less else 0)
