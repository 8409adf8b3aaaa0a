"""What History promises, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tools.runs import history
from tools.runs.history.store import History
from tools.runs.record import RECENT, CaseId, CaseResult, Outcome, Run

A = CaseId.of("//a:a_test", "a.a_test", "test_x[1-b]")
B = CaseId("//b:b_test")
NOW = 1_000_000.0


class Clock:
    """A present that the test sets."""

    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def past(place: str, clock: Clock) -> Iterator[History]:
    with history.open(place, clock) as opened:
        yield opened


def run(number: int, *, commit: str = "", dirty: bool = True) -> Run:
    return Run(f"run-{number}", NOW - 1000 + number, commit=commit, dirty=dirty)


def result(outcome: Outcome = "passed", case: CaseId = A, key: str = "k", **more: object) -> CaseResult:
    kind = "action" if key else ""
    return CaseResult(case, outcome, seconds=1.0, key=key, key_kind=kind, **more)  # type: ignore[arg-type]


def only(past: History) -> history.store.Standing:  # type: ignore[name-defined]
    [standing] = past.standings()
    return standing


def test_a_run_comes_back_whole(past: History) -> None:
    one = Run("r/1", 5.0, 7.5, "junit", "test //...", "c0ffee", "main", False, "cfg", "host", 3)
    every = CaseResult(
        A, "failed", 0.25, 6.0, 2, 3, 1, False, "deadbeef", "action", "no\nway", "trace", "0123456789abcdef",
        "a/a_test.py::test_x[1-b]", "a/a_test.py", 7, "linux-sandbox", "42", True,
    )  # fmt: skip
    assert past.record(one, [every, result(case=B)])
    assert past.runs(9) == [one]
    assert list(past.results("r/1")) == [every, result(case=B)]
    assert list(past.results("r/2")) == []


def test_recording_a_run_again_changes_nothing(past: History) -> None:
    assert past.record(run(1), [result()])
    assert not past.record(run(1), [result("failed")])
    assert (only(past).trials, only(past).reds) == (1, 0)


def test_cached_and_skipped_results_are_no_trials(past: History) -> None:
    past.record(run(1), [result(), result("failed", cached=True), result("skipped"), result("xfailed")])
    standing = only(past)
    assert (standing.trials, standing.reds, standing.contradictions) == (2, 0, 0)
    assert [trial.red for trial in past.trials(A, 9)] == [False, False]
    assert standing.last == "xfailed"


def test_one_key_with_both_outcomes_is_one_contradiction(past: History) -> None:
    past.record(run(1), [result("failed"), result("failed")])
    assert only(past).contradictions == 0
    past.record(run(2), [result("passed", key="other")])
    assert only(past).contradictions == 0
    past.record(run(3), [result("passed")])
    assert (only(past).contradictions, only(past).contradiction) == (1, "k")
    past.record(run(4), [result("failed"), result("failed", key="other")])
    assert (only(past).contradictions, only(past).contradiction) == (2, "other")


def test_a_cached_pass_contradicts_nothing(past: History) -> None:
    past.record(run(1), [result("failed")])
    past.record(run(2), [result("passed", cached=True)])
    assert only(past).contradictions == 0


def test_attempts_of_one_run_contradict(past: History) -> None:
    past.record(run(1), [result("failed", attempt=1), result("passed", attempt=2)])
    assert only(past).contradictions == 1
    assert [(trial.red, trial.attempt) for trial in only(past).recent] == [(True, 1), (False, 2)]


@pytest.mark.parametrize(
    ("commit", "dirty", "contradictions"), [("c1", False, 1), ("c1", True, 0), ("", False, 0)], ids=str
)
def test_only_a_clean_tree_has_a_commit_key(past: History, commit: str, dirty: bool, contradictions: int) -> None:
    for number, outcome in enumerate(("failed", "passed")):
        past.record(run(number, commit=commit, dirty=dirty), [result(outcome, key="")])  # type: ignore[arg-type]
        told = replace(result(outcome, B, key="told"), key_kind="commit")  # type: ignore[arg-type]
        past.record(run(number + 10, commit=commit, dirty=dirty), [told])
    assert [standing.contradictions for standing in past.standings()] == [contradictions, contradictions]
    assert [trial.version for trial in past.trials(A, 9)] == ([commit, commit] if not dirty else ["", ""])


def test_another_configuration_is_another_key(past: History) -> None:
    for number, outcome in enumerate(("failed", "passed")):
        one = replace(run(number, commit="c", dirty=False), configuration=outcome)
        past.record(one, [result(outcome, key="")])  # type: ignore[arg-type]
    assert only(past).contradictions == 0


def test_a_run_in_an_outage_is_kept_and_counts_nothing(past: History) -> None:
    past.record(replace(run(1), outage="disk"), [result("failed"), result("passed")])
    standing = only(past)
    assert (standing.trials, standing.contradictions, standing.recent) == (0, 0, ())
    assert past.trials(A, 9) == []
    assert len(list(past.results("run-1"))) == 2


def test_standing_sums_all_and_shows_the_newest(past: History) -> None:
    for number in range(RECENT + 10):
        past.record(run(number), [result("failed" if number == 0 else "passed")])
    standing = only(past)
    assert (standing.trials, standing.reds, standing.seconds) == (RECENT + 10, 1, 1.0)
    assert (standing.first_seen, standing.last_seen) == (run(0).started, run(RECENT + 9).started)
    assert [trial.run for trial in standing.recent] == [f"run-{number}" for number in range(10, RECENT + 10)]
    assert past.trials(A, RECENT) == list(standing.recent)
    assert past.trials(A, 2) == list(standing.recent[-2:])
    assert past.trials(A, 999)[0].red


def test_reports_that_come_late_stand_in_their_place(past: History) -> None:
    for number in (2, 4, 1, 3):
        past.record(run(number), [result("failed" if number == 4 else "passed")])
    assert [trial.run for trial in only(past).recent] == ["run-1", "run-2", "run-3", "run-4"]
    assert past.trials(A, 9) == list(only(past).recent)
    assert only(past).last == "failed"
    assert only(past).first_seen == run(1).started
    assert [one.id for one in past.runs(2)] == ["run-4", "run-3"]


def test_reports_of_one_moment_stand_in_the_order_of_recording(past: History) -> None:
    past.record(run(9), [result()])
    for name in ("one", "two", "three"):
        past.record(Run(name, NOW - 999), [result()])
    assert [trial.run for trial in only(past).recent] == ["one", "two", "three", "run-9"]
    assert past.trials(A, 9) == list(only(past).recent)


def test_a_report_older_than_the_newest_counts_in_the_sums_only(past: History) -> None:
    for number in range(1, RECENT + 1):
        past.record(run(number), [result()])
    past.record(run(0), [result("failed")])
    assert (only(past).trials, only(past).reds) == (RECENT + 1, 1)
    assert not any(trial.red for trial in only(past).recent)


def test_a_clock_that_goes_back_loses_no_order(past: History, clock: Clock) -> None:
    past.record(run(1), [result("failed")])
    clock.now = 10.0
    past.record(Run("later", 9.0), [result("passed")])
    assert [trial.run for trial in only(past).recent] == ["run-1", "later"]
    assert [one.id for one in past.runs(9)] == ["later", "run-1"]
    assert "Set the clock right" in past.notices[0]
    assert only(past).last == "passed"


def test_a_report_from_the_future_does_not_stay_the_newest(past: History, clock: Clock) -> None:
    past.record(Run("wrong", NOW * 99), [result("failed")])
    assert "in the future" in past.notices[0]
    clock.now += 60
    past.record(Run("right", clock.now - 1), [result("passed")])
    assert [trial.run for trial in only(past).recent] == ["wrong", "right"]


ROWS = ["grg", "rgg", "grrg", "ggr", "grgrgg", "rgr", "rrr", "ggg"]
LONG = ["g" + "rg" * RECENT, "r" * RECENT + "g" * RECENT + "r"]


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "run by run"])
@pytest.mark.parametrize("trials", ROWS + LONG, ids=lambda trials: trials[:8])
def test_rows_of_reds(past: History, trials: str, at_once: bool) -> None:
    every = [result("failed" if trial == "r" else "passed", key="") for trial in trials]
    if at_once:
        past.record(run(0), every)
    for number, one in enumerate(every if not at_once else []):
        past.record(run(number), [one])
    standing = only(past)
    streaks = [row for row in trials.split("g") if row]
    assert standing.streaks == len(streaks)
    assert standing.lone == sum(trials[at : at + 3] == "grg" for at in range(len(trials)))
    assert standing.greens == len(trials) - len(trials.rstrip("g"))


@pytest.mark.parametrize("trials", ROWS)
def test_rows_of_reds_in_whatever_order_they_come(past: History, trials: str) -> None:
    order = sorted(range(len(trials)), key=lambda number: number * 7 % 5)
    for number in order:
        past.record(run(number), [result("failed" if trials[number] == "r" else "passed", key="")])
    standing = only(past)
    assert standing.streaks == len([row for row in trials.split("g") if row])
    assert standing.lone == sum(trials[at : at + 3] == "grg" for at in range(len(trials)))
    assert standing.greens == len(trials) - len(trials.rstrip("g"))


def test_reds_only_and_labels_and_tallies(past: History) -> None:
    past.record(run(1), [result("failed"), result("passed", B)])
    assert [standing.case for standing in past.standings(reds_only=True)] == [A]
    assert [standing.case for standing in past.standings(["//b:b_test", "//none"])] == [B]
    assert list(past.standings(["//b:b_test"], reds_only=True)) == []
    assert past.tallies() == {(1, 1): 1, (1, 0): 1}


def test_one_case_twice_in_a_report(past: History) -> None:
    past.record(run(1), [result(case=B), result("failed", case=B)])
    assert [one.outcome for one in past.results("run-1")] == ["passed", "failed"]


def test_durations_are_medians_of_what_was_executed(past: History) -> None:
    for number, seconds in enumerate((1.0, 9.0, 2.0)):
        one = replace(result(node="a_test.py::test_x[1-b]"), seconds=seconds)
        past.record(run(number), [one, replace(one, seconds=99.0, cached=True), result(case=B)])
    assert past.durations("//a:a_test") == {"a_test.py::test_x[1-b]": 2.0}
    assert past.durations("//b:b_test") == {"": 1.0}
    assert past.durations("//none") == {}


def test_texts_that_a_database_cannot_hold(past: History) -> None:
    wild = CaseId.of("//a", "x\0y", "\udcff'; DROP TABLE run; --\n" + "n" * 70_000 + "[../../é]")
    past.record(run(1), [result("failed", wild, message="\0\ud800", worker="w" * 70_000)])
    [one] = past.results("run-1")
    assert (one.case.classname, one.message) == ("x�y", "�?")
    assert one.case.parameters == "../../é"
    past.record(run(2), [result("passed", wild)])
    assert only(past).trials == 2


def test_figures_that_a_database_cannot_hold(past: History) -> None:
    nan, huge = float("nan"), 10**30
    wild = CaseResult(A, "passed", nan, -1.0, huge, -huge, huge, line=huge)
    past.record(Run("r", nan, float("inf"), exit_code=-huge), [wild, replace(wild, seconds=1e300, started=1e300)])
    [one, _] = past.results("r")
    assert (one.seconds, one.started, one.attempt) == (0.0, 0.0, 2**31 - 1)
    assert past.runs(1)[0].started == 0.0
    assert only(past).seconds == 0.0


def test_an_error_in_the_middle_leaves_nothing(past: History) -> None:
    def broken() -> Iterator[CaseResult]:
        yield result()
        raise ValueError("half a report")

    with pytest.raises(ValueError, match="half"):
        past.record(run(1), broken())
    with pytest.raises(KeyError):
        past.record(run(1), [result(), result("maybe")])  # type: ignore[arg-type]
    assert past.runs(9) == []
    assert list(past.standings()) == []
    assert past.record(run(1), [result()])
