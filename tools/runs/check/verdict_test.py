"""The sentence and the exit code, from counts alone."""

from __future__ import annotations

import pytest

from tools.runs.check.state import State
from tools.runs.check.verdict import Counts, Last, conclude, count, last
from tools.runs.exit import Exit
from tools.runs.record import CaseId, CaseResult, Outcome

ONE, TWO, THREE = (CaseId("//a:a", "c", name) for name in ("one", "two", "three"))


@pytest.mark.parametrize(
    ("counts", "code", "more", "exit_code", "text"),
    [
        (Counts(cases=2, passed=2, targets=1), 0, {}, Exit.GOOD, "2 cases of 1 target pass"),
        (
            Counts(cases=1234, passed=1200, skipped=34, cached=1000, flaky=2, targets=120),
            0,
            {},
            Exit.GOOD,
            "1,200 cases of 120 targets pass, 34 skipped, 2 only when tried again; 1,000 from cache",
        ),
        (
            Counts(cases=2, passed=2, targets=1),
            3,
            {},
            Exit.FINDINGS,
            "Bazel says that tests failed, though no case is red",
        ),
        (
            Counts(cases=2, passed=1, masked=1, targets=1),
            3,
            {},
            Exit.GOOD,
            "1 case of 1 target passes; 1 quarantined failed",
        ),
        (
            Counts(cases=2, passed=1, masked=1, targets=1),
            3,
            {"findings": 2},
            Exit.FINDINGS,
            "2 findings beside the tests; 1 quarantined failed",
        ),
        (
            Counts(cases=2, passed=1, masked=1, targets=1),
            3,
            {"fixtures": 1},
            Exit.FINDINGS,
            "1 fixture of the matrix fails; 1 quarantined failed",
        ),
        (Counts(), None, {}, Exit.COULD_NOT_RUN, "could not run: Bazel never started"),
        (Counts(), -11, {}, Exit.COULD_NOT_RUN, "could not run: Bazel was killed by SIGSEGV"),
        (Counts(), -200, {}, Exit.COULD_NOT_RUN, "could not run: Bazel was killed by signal 200"),
        (
            Counts(cases=1, masked=1),
            8,
            {},
            Exit.COULD_NOT_RUN,
            "interrupted: 0 of 0 test targets were done; 1 quarantined failed",
        ),
        (
            Counts(cases=1, passed=1),
            0,
            {"interrupted": True},
            Exit.COULD_NOT_RUN,
            "interrupted: 0 of 0 test targets were done",
        ),
    ],
)
def test_verdicts(counts: Counts, code: int | None, more: dict[str, int], exit_code: Exit, text: str) -> None:
    verdict = conclude(State(), counts, code, **more)  # type: ignore[arg-type]
    assert (verdict.exit, verdict.text, verdict.code) == (exit_code, text, code)


def test_the_last_word_on_each_case() -> None:
    words = last(
        [
            CaseResult(ONE, "failed"),
            CaseResult(TWO, "failed", quarantined=True),
            CaseResult(ONE, "passed", attempt=2),
            CaseResult(THREE, "skipped"),
        ]
    )
    assert [(word.tries, word.reds, word.flaky) for word in words] == [(2, 1, True), (1, 1, False), (1, 0, False)]
    counts = count(State(), words)
    told = (counts.cases, counts.passed, counts.failed, counts.masked, counts.skipped, counts.flaky)
    assert told == (3, 1, 0, 1, 1, 1)


@pytest.mark.parametrize(
    ("runs", "outcome"),
    [(("passed", "failed", "passed"), "failed"), (("skipped", "passed"), "passed"), (("passed", "passed"), "passed")],
)
def test_a_case_that_bazel_runs_several_times_is_one_case(runs: tuple[Outcome, ...], outcome: Outcome) -> None:
    (word,) = last(CaseResult(ONE, each, run_number=number) for number, each in enumerate(runs, 1))
    assert (word.result.outcome, word.tries, word.reds) == (outcome, len(runs), runs.count("failed"))


def test_a_case_that_was_red_to_the_end_is_no_flake() -> None:
    assert not Last(CaseResult(ONE, "failed", attempt=3), tries=3, reds=3).flaky
