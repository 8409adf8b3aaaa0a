"""What history says of targets, summed."""

from __future__ import annotations

from pathlib import Path

from tools.runs import history
from tools.runs.check.durations import durations
from tools.runs.record import CaseId, CaseResult, Run


def test_cases_add_up_and_trials_do_not(tmp_path: Path) -> None:
    where = str(tmp_path / "h.sqlite")
    one, two = CaseId("//a:a_test", "a", "x"), CaseId("//a:a_test", "a", "y")
    with history.open(where) as past:
        for number, seconds in enumerate((1.0, 3.0)):
            results = [CaseResult(one, "passed", seconds), CaseResult(two, "passed", 5.0)]
            past.record(Run(str(number), float(number)), results)
        past.record(Run("cached", 9.0), [CaseResult(one, "passed", 99.0, cached=True)])
    assert durations(where) == {"//a:a_test": 7.0}


def test_no_history_no_guess(tmp_path: Path) -> None:
    (tmp_path / "h.sqlite").write_text("no database at all" * 100)
    assert durations(str(tmp_path / "h.sqlite")) == {} == durations(None)
