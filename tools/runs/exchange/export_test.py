"""What is exported comes back the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tools.runs import history
from tools.runs.exchange import NoSuchRun, bring, junit_text, lines
from tools.runs.exchange.export import chosen
from tools.runs.history.store import History
from tools.runs.record import CaseId, CaseResult, Run

RUN = Run("5b0c-1", 1.75e9, 1.75e9 + 9, "bazel", "test //...", "c0ffee", "main", False, "cfg", "host", 3)
X = CaseId.of("//a:a_test", "a.a_test", "test_x[1]")
RED = CaseResult(
    X, "failed", 1.5, 1.75e9, 1, 1, 0, False, "abc", "action", "no\n]]>\x1b[31m", "<b>&\ttrace", "feed",
    "a.py::x", "a.py", 7, "w", "42",
)  # fmt: skip
RESULTS = [
    RED,
    replace(RED, outcome="passed", attempt=2, message="", detail="", signature=""),
    CaseResult(CaseId("//b:b_test"), "timeout", 60.0, 1.75e9, quarantined=True, message="its time was over"),
    CaseResult(CaseId("//c:c_test", "", 'quote" <&>'), "skipped", message="no elixir"),
    CaseResult(CaseId("//c:c_test", "", "known"), "xfailed", cached=True),
    CaseResult(CaseId("//c:c_test", "", "often"), "passed", run_number=1),
    CaseResult(CaseId("//c:c_test", "", "often"), "failed", run_number=2, message="x", signature="y"),
]


@pytest.fixture
def past(tmp_path: Path) -> Iterator[History]:
    with history.open(tmp_path / "history.sqlite") as opened:
        opened.record(RUN, RESULTS)
        yield opened


@pytest.fixture
def other(tmp_path: Path) -> Iterator[History]:
    with history.open(tmp_path / "other.sqlite") as opened:
        yield opened


def ordered(results: Iterable[CaseResult]) -> list[CaseResult]:
    return sorted(results, key=lambda each: (each.case, each.run_number, each.attempt))


def facts(result: CaseResult) -> tuple[object, ...]:
    """What JUnit can say."""
    who = (result.case, result.outcome, result.attempt, result.run_number)
    return (*who, result.cached, result.quarantined, result.node, result.seed)


def test_json_lines_hold_everything(past: History, other: History, tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_text("\n".join(lines(past, past.runs(9))))
    assert bring(other, [path]).problems == []
    assert other.runs(9) == [RUN]
    assert list(other.results(RUN.id)) == list(past.results(RUN.id))
    assert list(other.standings()) == list(past.standings())
    assert bring(past, [path]).known == 1


def test_junit_holds_what_it_can(past: History, other: History, tmp_path: Path) -> None:
    path = tmp_path / "test.xml"
    path.write_text("\n".join(junit_text(past, RUN)))
    suites = list(ElementTree.parse(path).getroot())
    assert [suite.get("name") for suite in suites] == ["//a:a_test", "//b:b_test", "//c:c_test"]
    assert [suites[2].get(name) for name in ("tests", "failures", "errors", "skipped")] == ["4", "1", "0", "2"]
    assert bring(other, [path]).problems == []
    [run] = other.runs(9)
    assert run.id == RUN.id
    for was, came in zip(ordered(RESULTS), ordered(other.results(RUN.id)), strict=True):
        assert facts(was) == facts(came)
        assert came.message == was.message.replace("\x1b", "\\x1b")
        assert came.detail == (was.detail if was.red else "")
    assert bring(past, [path]).known == 1


def test_a_run_is_named_by_how_its_id_begins(past: History, other: History) -> None:
    assert chosen(past, "5b") == chosen(past, "") == RUN
    past.record(replace(RUN, id="5b0c-12"), [])
    assert chosen(past, "5b0c-1") == RUN
    for wrong in ("5b", "x"):
        with pytest.raises(NoSuchRun):
            chosen(past, wrong)
    with pytest.raises(NoSuchRun, match="no run in it yet"):
        chosen(other, "")
