"""Nothing is left out: every testee and every group has targets, every known difference a case that could show it."""

from __future__ import annotations

import os
from bisect import bisect_left
from itertools import islice, takewhile
from pathlib import Path

import pytest
from samewire.parity.v1.known_wire import KnownFile

from mock.engine.stubs.files import read_as
from parity.cli.place import Place
from parity.runner import codec
from parity.runner.corpus import Question, load
from parity.runner.dialects import DIALECTS, PACKAGE, USUAL
from parity.runner.pattern import matches
from parity.runner.registry import built

PLACE = Place.here()
KNOWN = sorted(PLACE.known.glob("*.yaml"))


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    return [*load(PLACE.cases, DIALECTS, USUAL), *codec.questions(PLACE.fixtures, PACKAGE, USUAL)]


def test_every_testee_has_targets() -> None:
    there = {testee.name for testee in built(PLACE.testees, PLACE.root)}
    assert there == set(os.environ["PARITY_TESTEES"].split()), "_TESTEES in parity/tests/BUILD.bazel"


def test_every_group_has_targets(questions: list[Question]) -> None:
    there = {question.name.partition("/")[0] for question in questions}
    assert there == set(os.environ["PARITY_GROUPS"].split()), "the groups in parity/tests/BUILD.bazel"


@pytest.mark.parametrize("file", KNOWN, ids=lambda file: file.stem)
def test_every_known_difference_has_cases(file: Path, questions: list[Question]) -> None:
    """Targets of one group cannot tell an entry that matches nothing from one of another group."""
    held: KnownFile = read_as(file, KnownFile)
    of_dialect = {dialect: sorted({each.name for each in questions if each.dialect == dialect}) for dialect in DIALECTS}
    idle = [
        pattern
        for entry in held.known
        for pattern in entry.cases
        for dialects in [DIALECTS if entry.dialect is None else [entry.dialect]]
        if not any(_meets(pattern, of_dialect[dialect]) for dialect in dialects)
    ]
    assert idle == []


def _meets(pattern: str, names: list[str]) -> bool:
    """`names` are sorted: only those that begin as the pattern does are looked at."""
    beginning = pattern.partition("*")[0]
    following = islice(names, bisect_left(names, beginning), None)
    return any(matches(pattern, name) for name in takewhile(lambda name: name.startswith(beginning), following))
