"""A report out of history, and what is said where it has none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pytest_samewire.quarantine import Entry as Listed

from tools.runs import history
from tools.runs.history.store import History
from tools.runs.inputs import Difference, Explanation, Rates
from tools.runs.inputs import Miss as Ran
from tools.runs.quarantine import Finding
from tools.runs.record import CaseId, CaseResult, Run
from tools.runs.report import gather
from tools.runs.report.cases import rows
from tools.runs.report.data import Change, Miss

FLAKY, STEADY = CaseId("//a:x_test", "a", "test_flaky"), CaseId("//a:x_test", "a", "test_steady")
DAY = 86_400.0


@pytest.fixture
def past(tmp_path: Path) -> Iterator[History]:
    """Forty runs of two cases; one is red in each ninth, on inputs on which it was green before."""
    with history.open(tmp_path / "history.sqlite", lambda: 1e9 + 41 * DAY) as opened:
        for number in range(40):
            start = 1e9 + number * DAY
            red = number % 9 == 3
            flaky = CaseResult(
                FLAKY, "failed" if red else "passed", 1.0, start, key="k", key_kind="action", message="no"
            )
            steady = CaseResult(STEADY, "passed", 1.0, start, cached=number % 2 == 1)
            run = Run(f"run-{number:02}", start, start + 9, commit=f"{number:040x}", dirty=False)
            opened.record(run, [flaky, steady])
        yield opened


def test_the_newest_run(past: History) -> None:
    report = gather.from_history(past)
    assert report.run.id == "run-39"
    assert (report.verdict, report.good) == ("1 of 2 cases is red", False)
    (story,) = report.stories
    assert (story.case, story.flake is not None and story.flake > 0.8) == (FLAKY, True)
    (flake,) = report.flakes
    assert (flake.case, flake.state, len(flake.trials)) == (FLAKY, "proven", 40)
    assert flake.low < flake.probability < flake.high
    assert flake.cost > 0
    assert report.cache is not None
    assert (report.cache.local, report.cache.executed) == (0, 1), "a target is cached where all of it is"


def test_an_earlier_run(past: History) -> None:
    report = gather.from_history(past, "run-38")
    assert (report.verdict, report.good) == ("2 cases, none red", True)
    assert report.stories == []
    assert gather.from_history(past, "run-30").stories[0].flake > 0.8  # type: ignore[operator]


def test_runs_that_are_not_there(past: History, tmp_path: Path) -> None:
    with pytest.raises(gather.NoRun, match="no run 'xyz'.*samewire history"):
        gather.find(past, "xyz")
    with pytest.raises(gather.NoRun, match="40 runs begin with 'run'"):
        gather.find(past, "run")
    with pytest.raises(gather.NoRun, match="no run yet: `samewire check`"), history.open(tmp_path / "new") as empty:
        gather.find(empty)


def test_verdicts() -> None:
    red = CaseResult(FLAKY, "failed")
    masked = replace(red, quarantined=True)
    again = [red, CaseResult(FLAKY, "passed", attempt=2)]
    assert gather.verdict(rows([red])) == "1 of 1 case is red"
    assert gather.verdict(rows([masked, CaseResult(STEADY, "passed")])) == "2 cases, none red; 1 quarantined failed"
    assert gather.verdict(rows(again)) == "1 case, none red; 1 green only when tried again"


def test_the_end_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "test.log"
    log.write_bytes(b"first" + b"x" * 9_000 + b"\xff last")
    assert gather.excerpt(str(log)).endswith("x\ufffd last")
    assert len(gather.excerpt(str(log))) == gather.EXCERPT
    assert [gather.excerpt(each) for each in ("", str(tmp_path / "gone"), str(tmp_path), "bytestream://x/y")] == [
        ""
    ] * 4


def test_quarantine() -> None:
    listed = [
        Listed(("//a:x_test *",), "why", "me", date(2026, 12, 24), line=2, lines=(3,)),
        Listed(("//b:*",), "why", "me", date(2026, 1, 1), line=8, lines=(9,)),
    ]
    findings = [
        Finding("unmatched", "quarantine.yaml:9", "matches nothing"),
        Finding("expired", "quarantine.yaml:8", "was until 2026-01-01"),
    ]
    results = [CaseResult(FLAKY, "failed", quarantined=True, attempt=number) for number in (1, 2)]
    first, second = gather.entries(listed, findings, results)
    assert (first.state, first.note, first.masked, first.until) == ("active", "", 1, "2026-12-24")
    assert (second.state, second.note, second.masked) == ("expired", "was until 2026-01-01\nmatches nothing", 0)
    assert second.where == "quarantine.yaml:8"


def test_misses() -> None:
    changed = Difference("file", "changed", "a/x.py", "11", "22")
    added = Difference("environment", "added", "SEED", now="7")

    def ran(label: str, *origins: Difference, test: bool = True, new: bool = False) -> Ran:
        return Ran(label, label, 0, test, 1.0, origins, new, (), origins)

    explained = Explanation(
        [], [ran("//a:x", changed, added), ran("//a:lib", changed, test=False), ran("//n:y", new=True)], [], Rates(3)
    )
    assert gather.misses(explained) == [
        Miss("//a:x", 0, "", [Change("file", "a/x.py", "11", "22"), Change("added", "SEED", "", "7")]),
        Miss("//n:y", 0, "never seen before", []),
    ]
