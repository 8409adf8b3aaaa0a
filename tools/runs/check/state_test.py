"""What the events of a run add up to, in any order."""

from __future__ import annotations

import itertools

import pytest

from tools.runs.check.cases import Read
from tools.runs.check.state import State
from tools.runs.events import (
    Completed,
    Configured,
    Event,
    File,
    Finished,
    Logs,
    Notice,
    Problem,
    Progress,
    Started,
    TestResult,
    TestSummary,
)
from tools.runs.record import CaseId, CaseResult


def state(*events: Event, seconds: float = 100.0, **durations: float) -> State:
    made = State(durations={f"//a:{name}": each for name, each in durations.items()})
    made.began -= seconds
    for event in events:
        made.add(event)
    return made


def test_order_and_repetition_do_not_matter() -> None:
    events: list[Event] = [
        TestResult("//a:a", attempt=1, status="FAILED"),
        TestResult("//a:a", attempt=2, status="PASSED"),
        TestResult("//a:a", shard=2, status="FAILED", cached_locally=True),
        TestSummary("//a:a", "FAILED"),
    ]
    for order in itertools.permutations([*events, *events[:2]]):
        made = state(*order)
        assert ([red.shard for red in made.red], made.cached, made.done) == ([2], 1, 1)


def test_a_case_in_every_attempt() -> None:
    made = state()
    for attempt, outcome in ((2, "passed"), (1, "failed")):
        result = TestResult("//a:a", attempt=attempt)
        made.add(result)
        made.keep(result, Read((CaseResult(CaseId("//a:a"), outcome),)))  # type: ignore[arg-type]
    assert [(each.attempt, each.outcome) for each in made.results] == [(1, "failed"), (2, "passed")]


@pytest.mark.parametrize(
    ("line", "total", "slow", "running"),
    [
        (
            "[1,234 / 2,000] 3 / 1,020 tests, 1 failed; Testing //a:b; 7s linux-sandbox ... (3 actions, 2 running)",
            1020,
            ("//a:b", 7.0),
            2,
        ),
        ("[5 / 9] 1 / 2 tests; Testing //a:b (shard 2 of 4); 12s remote", 2, ("//a:b", 12.0), 1),
        ("[5 / 9] 1 / 2 tests; Compiling x; 3s local ... (4 actions running)", 2, None, 4),
        ("Analyzing: 3 targets", 0, None, 0),
    ],
)
def test_bazels_status_line(line: str, total: int, slow: tuple[str, float] | None, running: int) -> None:
    made = state(Progress(f"INFO: x\n{line}\n"))
    assert (made.doing, made.total, made.slow, made.running) == (line, total, slow, running)


def test_what_did_not_build() -> None:
    made = state(
        Problem("//a:a", "no such package", "LOADING_FAILURE"),
        Problem("//a:mac", "for a Mac", "SKIPPED"),
        TestSummary("//a:b", "FAILED_TO_BUILD"),
        TestSummary("//a:a", "FAILED_TO_BUILD"),
        Completed("//a:lib", success=False, failure="compiling failed"),
        Completed("//a:fine", success=True),
    )
    assert [(each.label, each.text) for each in made.unbuilt] == [
        ("//a:a", "no such package"),
        ("//a:lib", "compiling failed"),
        ("//a:b", "did not build"),
    ]


def test_the_end() -> None:
    logs = Logs((File("critical path", contents=b"Critical Path: 12.50s, Remote (0.00% of the time)"),))
    made = state(Started("id", 5.0), logs, Finished(3, "TESTS_FAILED"), *[Notice("x", "y")] * 50)
    assert made.started and made.started.id == "id" and made.critical_path == 12.5
    assert made.finished and made.finished.code == 3 and len(made.notices) == 10


def done(number: int, cached: int = 0) -> list[Event]:
    return [TestSummary(f"//d:{each}", "PASSED", runs=1, cached=cached) for each in range(number)]


@pytest.mark.parametrize(
    ("before", "cached", "eta"),
    [(3, 0, 20.0), (2, 0, None), (3, 1, 0.0)],
)
def test_when_it_will_be_over(before: int, cached: int, eta: float | None) -> None:
    tests = [Configured(f"//a:{name}", "py_test rule", "SMALL") for name in ("x", "y")]
    line = Progress(f"[1 / 9] {before} / {before + 2} tests; Testing //a:x; 0s linux-sandbox ... (2 actions running)")
    assert state(*tests, *done(before, cached), line, x=20.0, y=10.0).eta == eta


def test_nobody_guesses_without_history() -> None:
    line = Progress("[1 / 9] 3 / 5 tests; Testing //a:x; 0s linux-sandbox")
    assert state(Configured("//a:x", size="SMALL"), *done(3), line).eta is None
