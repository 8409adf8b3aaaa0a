"""Renamed cases keep their past; pruned results leave their sums."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tools.runs import history
from tools.runs.history.change import NothingThere, days, prune, rename, renamed
from tools.runs.history.store import History
from tools.runs.record import CaseId, CaseResult, Outcome, Run, Standing

OLD = CaseId("//a/b:x_test", "a.b.x_test.Class", "test_x", "1")
NEW = CaseId("//c:x_test", "c.x_test.Class", "test_x", "1")


@pytest.fixture
def past(place: str) -> Iterator[History]:
    with history.open(place, lambda: 1e9) as opened:
        yield opened


def record(past: History, number: int, outcome: Outcome, case: CaseId, key: str = "") -> None:
    past.record(Run(f"run-{number}", 1000.0 + number), [CaseResult(case, outcome, key=key, message=outcome, seconds=1)])


def only(past: History) -> Standing:
    [standing] = past.standings()
    return standing


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("//a/b:x_test", "//c:x_test"),
        ("//a/b/...", "//c/..."),
        ("//a/b:x_test a.b.x_test.Class test_x[1]", "//c:x_test c.x_test.Class test_x[1]"),
    ],
)
def test_a_label_a_folder_or_a_case(old: str, new: str) -> None:
    assert renamed(OLD, old, new) == NEW
    assert renamed(CaseId("//a/bb:x_test"), old, new) is None


def test_a_target_that_is_one_case() -> None:
    assert renamed(CaseId("//a:t"), "//a:t", "//b:t") == CaseId("//b:t")
    assert renamed(CaseId("//a:t", "", "test x"), "//a:t test x", "//b:t y z") == CaseId("//b:t", "", "y z")


def test_a_renamed_case_goes_on_and_answers_to_both_names(past: History) -> None:
    record(past, 1, "failed", OLD)
    assert rename(past.database, "//a/b:x_test", "//c:x_test") == 1
    record(past, 2, "passed", NEW)
    record(past, 3, "passed", OLD)  # a report from a branch that has the old name still
    assert only(past).case == NEW
    assert (only(past).trials, only(past).reds) == (3, 1)
    assert past.trials(OLD, 9) == past.trials(NEW, 9) == list(only(past).recent)


def test_results_under_both_names_are_joined(past: History) -> None:
    record(past, 1, "failed", OLD, "k")
    record(past, 3, "failed", NEW, "j")
    record(past, 2, "passed", NEW, "k")
    record(past, 3, "passed", OLD)
    rename(past.database, "//a/b:x_test", "//c:x_test")
    standing = only(past)
    assert (standing.trials, standing.reds, standing.contradictions) == (3, 2, 1)
    assert [trial.red for trial in standing.recent] == [True, False, True]
    assert (standing.first_seen, standing.last_seen, standing.last) == (1001.0, 1003.0, "failed")
    assert past.trials(NEW, 9) == list(standing.recent)
    record(past, 4, "passed", OLD, "j")
    assert (only(past).contradictions, only(past).greens) == (2, 1)


def test_back_and_forth(past: History) -> None:
    record(past, 1, "passed", OLD)
    for old, new in (("//a/b:x_test", "//c:x_test"), ("//c:x_test", "//a/b:x_test")):
        rename(past.database, old, new)
    record(past, 2, "passed", NEW)
    assert only(past).case == OLD
    assert only(past).trials == 2


def test_a_name_that_nobody_has(past: History) -> None:
    with pytest.raises(NothingThere, match="//none"):
        rename(past.database, "//none", "//other")


def test_pruning_keeps_runs_sums_and_what_is_proven(past: History) -> None:
    for number, outcome in enumerate(("failed", "passed", "passed")):
        record(past, number, outcome, OLD, "k" if number < 2 else "j")  # type: ignore[arg-type]
    before = only(past)
    assert prune(past.database, 100.0, 1000.0 + 100 + 2) == 2
    assert only(past) == before
    assert [len(list(past.results(run.id))) for run in past.runs(9)] == [1, 0, 0]
    assert past.database.one("SELECT count(*) FROM failure") == (1,)
    assert [trial.run for trial in past.trials(OLD, 9)] == ["run-2"]
    record(past, 9, "failed", OLD, "j")
    assert only(past).contradictions == 2
    assert prune(past.database, 1e9, 1000.0) == 0


def test_ages() -> None:
    assert days("2d") == 172800.0
    for text in ("2", "d", "-1d", "1.5d", "999999d", "٣d"):
        with pytest.raises(ValueError, match="180d"):
            days(text)
