"""Patterns and paths of stubs: refused, or run within a time whatever the text is."""

from __future__ import annotations

from random import Random

import orjson
import pytest

from mock.engine.stubs.error import StubError
from mock.engine.stubs.json_path import JsonPath
from mock.engine.stubs.pattern import Pattern
from mock.fuzz.effort import Effort
from mock.fuzz.mutator import Mutator
from mock.fuzz.patterns import CATASTROPHIC, json_path, pattern
from mock.fuzz.target import Found, Target, deadline

# Text on which engines that backtrack are lost.
TEXTS = ("a" * 30, "a" * 5000, "a" * 5000 + "b", "ab" * 500 + "!", "x" * 200, "", "\u00e9\U0001f600" * 50, "a\n" * 100)
VALUES = (
    {"a": ["a" * 60, {"a": 1, "b": [None, True]}]},
    [[[[[[{"a": {"a": "aa"}}]]]]]],
    [{"a": n} for n in range(50)],
    "a",
    None,
)


def test_patterns(target: Target, effort: Effort) -> None:
    mutate = Mutator()
    ran = 0

    async def one(random: Random) -> None:
        nonlocal ran
        source = pattern(random)
        if random.random() < 0.2:
            source = mutate(random, source.encode()).decode("utf-8", "replace")[:2000]
        try:
            with deadline():
                ran += _tried(_compiled(source))
        except Exception as error:
            raise Found(f"{error!r}\n{source!r:.3000}") from error

    target.run(target.rounds(effort, 3_000, one))
    assert ran > effort.round // 20, ran


@pytest.mark.parametrize("source", CATASTROPHIC)
def test_patterns_that_are_known_for_it(target: Target, source: str) -> None:
    found = _compiled(source)
    with deadline():
        _tried(found)


def _tried(compiled: Pattern | None) -> bool:
    """Whether there was a pattern to try."""
    if compiled is None:
        return False
    for text in TEXTS:
        compiled.found(text)
    return True


def _compiled(source: str) -> Pattern | None:
    try:
        return Pattern(source, "$.regex")
    except StubError as error:
        if "\n" in str(error):
            raise Found(f"not one line: {error}") from None
        return None


def test_json_paths(target: Target, effort: Effort) -> None:
    mutate = Mutator()
    ran = 0
    deep: object = "a"
    for _ in range(100):
        deep = {"a": [deep]}

    async def one(random: Random) -> None:
        nonlocal ran
        source = json_path(random)
        if random.random() < 0.2:
            source = mutate(random, source.encode()).decode("utf-8", "replace")[:500]
        try:
            with deadline():
                try:
                    path = JsonPath(source, "$.path")
                except StubError as error:
                    if "\n" in str(error):
                        raise Found(f"not one line: {error}") from None
                    return
                for value in (*VALUES, deep):
                    path.select(orjson.loads(orjson.dumps(value)))
            ran += 1
        except Exception as error:
            raise Found(f"{error!r}\n{source!r:.3000}") from error

    target.run(target.rounds(effort, 3_000, one))
    assert ran > effort.round // 20, ran
