"""What the report gets of a run."""

from __future__ import annotations

from collections.abc import Callable

from tools.runs.check.conftest import Case, Workspace
from tools.runs.check.page import report
from tools.runs.report.page import page


def test_a_run_becomes_a_report(workspace: Workspace, entry: Callable[..., str]) -> None:
    workspace.code = 3
    workspace.quarantine(entry("//a:a_test a.a_test test_b*"))
    workspace.test("//a:a_test", "FAILED", [Case("test_a", red="boom <b>"), Case("test_b", red="slow")])
    workspace.test("//c:c_test", cases=[Case("test_c")], cached=True)
    told = report(workspace.check())
    assert (told.good, told.verdict) == (False, "1 of 3 cases fails, in 1 of 2 targets; 1 quarantined failed")
    assert [(span.label, round(span.end - span.start, 3), span.outcome) for span in told.spans] == [
        ("//a:a_test", 1.5, "failed")
    ]
    assert told.cache and (told.cache.local, told.cache.executed) == (1, 1)
    assert [(entry.owner, entry.masked) for entry in told.quarantine] == [("ann", 1)]
    assert [str(story.case) for story in told.stories][0] == "//a:a_test a.a_test test_a"
    assert "boom <b>" not in page(told)


def test_a_second_run_knows_the_first(workspace: Workspace) -> None:
    workspace.test("//a:a_test", cases=[Case("test_a")])
    workspace.check()
    workspace.events.clear()
    workspace.code = 3
    workspace.test("//a:a_test", "FAILED", [Case("test_a", red="boom"), Case("test_new", red="boom")])
    known, new = sorted(workspace.check().reds, key=lambda red: red.result.case)
    assert known.flake is not None and 0 < known.flake < 1 and known.why == "1 trial, none red"
    assert (new.flake, new.why) == (None, "never executed before")
