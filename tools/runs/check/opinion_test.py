"""What history says of reds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.runs import history
from tools.runs.check.opinion import SURE, Opinion, opinions
from tools.runs.check.reach import Answer
from tools.runs.check.verdict import Last
from tools.runs.history.store import History
from tools.runs.record import CaseId, CaseResult, Outcome, Run

CASE = CaseId("//a:a_test", "a", "x")


def result(outcome: Outcome, key: str = "", signature: str = "s") -> CaseResult:
    kind = "action" if key else ""
    red = outcome == "failed"
    return CaseResult(CASE, outcome, key=key, key_kind=kind, signature=signature if red else "")  # type: ignore[arg-type]


@pytest.fixture
def past(tmp_path: Path) -> Iterator[History]:
    with history.open(tmp_path / "h.sqlite") as opened:
        yield opened


def record(past: History, *results: CaseResult) -> None:
    for number, each in enumerate(results):
        past.record(Run(str(number), float(number), commit=f"c{number}", dirty=False), [each])


def think(past: History, red: CaseResult, answer: Answer | None = None) -> Opinion:
    (thought,) = opinions(past, [Last(red, 1, 1)], {CASE.label: answer} if answer else {}).values()
    return thought


def test_the_same_inputs_passed(past: History) -> None:
    record(past, result("passed", "k1"), result("passed", "k2"))
    assert think(past, result("failed", "k1")) == Opinion(SURE, "it passed before on the very same inputs")
    assert (think(past, result("failed", "k3")).flake or 1) < 0.5


def test_a_case_that_was_never_red_is_rather_broken(past: History) -> None:
    record(past, *[result("passed") for _ in range(20)])
    steady = think(past, result("failed"))
    unreachable = think(past, result("failed"), Answer("unreachable"))
    assert steady.flake is not None and unreachable.flake is not None
    assert steady.flake < 0.3 < 0.5 < unreachable.flake


def test_a_known_flake(past: History) -> None:
    record(past, *[result("failed" if number % 5 == 2 else "passed") for number in range(30)])
    known, other = think(past, result("failed")), think(past, result("failed", signature="another"))
    assert known.flake is not None and other.flake is not None and 0.9 < known.flake > other.flake
    assert known.why.startswith("6 red of 30 trials")


def test_one_that_is_red_for_long_has_regressed(past: History) -> None:
    record(past, *[result("passed") for _ in range(10)], *[result("failed") for _ in range(6)])
    thought = think(past, result("failed"))
    assert thought.flake is not None and thought.flake < 0.05 and "a flake with" not in thought.why


def test_history_that_is_silent(past: History) -> None:
    assert think(past, result("failed")) == Opinion(None, "never executed before")
    assert opinions(past, [], {}) == {}
