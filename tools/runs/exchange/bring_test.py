"""Reports of any CI, as their tools write them; broken ones; and that a file counts once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.runs import history
from tools.runs.exchange import Brought, Origin, bring
from tools.runs.history.store import History
from tools.runs.record import CaseResult

EVENTS = Path("tools/runs/events/testdata")

SUREFIRE = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="3.0" name="shop.OrderTest" time="1,000.5"
  tests="3" errors="0" skipped="0" failures="1" flakes="1">
  <properties><property name="java.version" value="25"/></properties>
  <testcase name="steady" classname="shop.OrderTest" time="0.01"/>
  <testcase name="flaky" classname="shop.OrderTest" time="0.02">
    <flakyFailure message="expected 1" type="org.opentest4j.AssertionFailedError" time="0.3">
      <stackTrace>at shop</stackTrace></flakyFailure>
    <flakyError message="boom" type="java.lang.RuntimeException"/>
  </testcase>
  <testcase name="broken" classname="shop.OrderTest" time="0.03">
    <failure message="first" type="x">trace</failure>
    <rerunFailure message="second" type="x"><stackTrace>t</stackTrace></rerunFailure>
  </testcase>
</testsuite>
"""
JEST = """<testsuites name="jest tests" tests="2"><testsuite name="cart" timestamp="2026-11-21T10:00:00" time="1">
<testcase classname="cart adds" name="cart adds" time="0.5"/>
<testcase classname="cart adds" name="cart adds" time="0.5"><failure>Error: no</failure></testcase>
</testsuite></testsuites>
"""
GO = """<testsuites tests="3"><testsuite tests="3" failures="1" time="0.1" name="example.org/x"
timestamp="2026-11-21T10:00:00Z"><properties><property name="go.version" value="go1.27.3 linux/amd64"/></properties>
<testcase classname="example.org/x" name="TestRetry/slow_path" time="0.10"><failure message="Failed" type="">x</failure>
</testcase><testcase classname="example.org/x" name="TestRetry/slow_path" time="0.20"></testcase>
<testcase classname="example.org/x" name="TestSkip" time="0"><skipped message="short"></skipped></testcase>
</testsuite></testsuites>
"""
PYTEST = """<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1"
failures="0" skipped="1" tests="3" time="0.1" timestamp="2026-11-21T10:00:00.123456+01:00" hostname="h">
<testcase classname="tests.test_a.TestX" name="test_y[1-a]" time="0.001" />
<testcase classname="tests.test_a" name="test_known" time="0.0">
<skipped type="pytest.xfail" message="later" /></testcase>
<testcase classname="tests.test_a" name="test_set_up" time="0.0"><error message="failed on setup">E</error></testcase>
</testsuite></testsuites>
"""


@pytest.fixture
def past(tmp_path: Path) -> Iterator[History]:
    with history.open(tmp_path / "history.sqlite") as opened:
        yield opened


def told(past: History) -> list[tuple[str, str, int]]:
    """Case, outcome and attempt of the newest run."""
    [run] = past.runs(1)
    return [(str(each.case), each.outcome, each.attempt) for each in past.results(run.id)]


def take(past: History, tmp_path: Path, text: str | bytes, name: str = "TEST-x.xml", **origin: object) -> Brought:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return bring(past, [path], Origin(**origin))  # type: ignore[arg-type]


def test_surefire_with_its_attempts(past: History, tmp_path: Path) -> None:
    assert take(past, tmp_path, SUREFIRE).results == 6
    order = "shop.OrderTest shop.OrderTest"
    assert told(past) == [
        (f"{order} broken", "failed", 1),
        (f"{order} broken", "failed", 2),
        (f"{order} flaky", "failed", 1),
        (f"{order} flaky", "error", 2),
        (f"{order} flaky", "passed", 3),
        (f"{order} steady", "passed", 1),
    ]
    [flaky] = [each for each in past.standings() if each.case.name == "flaky"]
    assert flaky.contradictions == 0  # of which tree, nobody said
    assert past.runs(1)[0].source == "junit"


def test_jest_two_cases_of_one_name_are_two(past: History, tmp_path: Path) -> None:
    take(past, tmp_path, JEST, commit="c0ffee", clean=True)
    assert told(past) == [("cart cart adds cart adds", "passed", 1), ("cart cart adds cart adds #2", "failed", 1)]
    assert [each.contradictions for each in past.standings()] == [0, 0]


def test_go_a_case_again_is_another_attempt(past: History, tmp_path: Path) -> None:
    take(past, tmp_path, GO, commit="c0ffee", clean=True, configuration="linux")
    assert told(past) == [
        ("example.org/x example.org/x TestRetry/slow_path", "failed", 1),
        ("example.org/x example.org/x TestRetry/slow_path", "passed", 2),
        ("example.org/x example.org/x TestSkip", "skipped", 1),
    ]
    assert next(past.standings()).contradictions == 1


def test_pytest(past: History, tmp_path: Path) -> None:
    take(past, tmp_path, PYTEST, label="nightly", branch="main")
    assert told(past) == [
        ("nightly tests.test_a test_known", "xfailed", 1),
        ("nightly tests.test_a test_set_up", "error", 1),
        ("nightly tests.test_a.TestX test_y[1-a]", "passed", 1),
    ]
    [run] = past.runs(1)
    assert (run.started, run.branch, run.dirty) == (1795251600.123456, "main", True)
    [red] = [each for each in past.results(run.id) if each.red]
    assert red.signature
    assert red.started == run.started


def test_a_file_counts_once_whatever_it_is_called(past: History, tmp_path: Path) -> None:
    assert take(past, tmp_path, PYTEST).runs == 1
    again = take(past, tmp_path, PYTEST, "copy.xml")
    assert (again.runs, again.known, again.results) == (0, 1, 0)
    assert sum(each.trials for each in past.standings()) == 3


def test_without_times_the_file_s_own_is_taken(past: History, tmp_path: Path) -> None:
    take(past, tmp_path, SUREFIRE, started=77.0)
    assert past.runs(1)[0].started == 77.0
    assert {each.started for each in past.results(past.runs(1)[0].id)} == {77.0}


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>'


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("", "", "empty"),
        ("<testsuite>\n<testcase name='a'>\n</testsuite>", ":3:", "mismatched tag"),
        (BOMB, ":1", "document type"),
        ("<html/>", ":1", "no test report"),
        (
            '{"run": {"id": "r"}}\n{"result": {"label": "a", "outcome": "odd"}}',
            ":2",
            "outcome: 'odd' is none of passed",
        ),
        ('{"result": {}}', ":1", "a result before the first run"),
        ('{"run": {"started": 1}}', ":1", "the run has no id"),
        ('{"run": {"id": "r", "strated": 1}}', ":1", "no field 'strated'"),
        ('{"run": {"id": "r", "started": 1e999}}', ":1", "out of bounds"),
        ('{"run": {"id": "r", "exit_code": 99999999999}}', ":1", "out of bounds"),
        ('{"run": {"id": "r"}}\n{"result": {"label": "a"}}', ":2", "no outcome"),
        ('{"run": {"id": "r"}}\n{"result": {"label": "a", "outcome": "passed", "line": true}}', ":2", "line: 'True'"),
        ('{"id": {}}\n{"a": ', ":2", "no build event"),
        ('{"a": 1}', "", "no events of Bazel"),
        ("\x03abc\xff\xff\xff\xff\xff\xff", "", "byte 4"),
        ("\x89PNG\r\n\x1a\n", "", "byte"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_broken_is_a_line_and_the_rest_goes_on(
    past: History, tmp_path: Path, text: str, place: str, says: str
) -> None:
    path, good, none = tmp_path / "broken", tmp_path / "good.xml", tmp_path / "none.xml"
    path.write_bytes(text.encode("latin-1"))
    good.write_text(PYTEST)
    brought = bring(past, [path, none, tmp_path, good])
    assert brought.runs == 1
    assert brought.problems[0].startswith(f"{path}{place}")
    assert says in " ".join(brought.problems)
    assert all("\n" not in problem for problem in brought.problems)
    assert brought.problems[-2:] == [
        f"{none}: No such file or directory",
        f"{tmp_path}: not a file; name the files in it",
    ]


def test_a_bad_line_takes_its_run_along_and_no_other(past: History, tmp_path: Path) -> None:
    result = '{"result": {"label": "//a", "outcome": "passed"}}'
    lines = [
        '{"run": {"id": "one"}}',
        result,
        '{"run": {"id": "two"}}',
        result,
        "{",
        result,
        '{"run": {"id": "three"}}',
        result,
    ]
    brought = take(past, tmp_path, "\n".join(lines), "x.jsonl")
    assert sorted(run.id for run in past.runs(9)) == ["one", "three"]
    assert len(brought.problems) == 1
    assert brought.problems[0].endswith("its run is left out")


EVENTS_OF_ONE = """{"id":{"started":{}},"started":{"uuid":"u-1","startTime":"2026-11-21T10:00:00Z","command":"test"}}
{"id":{"testResult":{"label":"//a:t","run":1,"shard":1,"attempt":1}},"testResult":{"status":"FAILED","testActionOutput":\
[{"name":"test.xml","uri":"file://FOLDER/test.xml"}],"testAttemptStart":"2026-11-21T10:00:00Z","testAttemptDuration":"1s"}}
{"id":{"buildFinished":{}},"finished":{"exitCode":{"name":"TESTS_FAILED","code":3},"finishTime":"2026-11-21T10:00:05Z"}}
""".replace("\\\n", "")


@pytest.mark.parametrize(
    ("written", "cases"), [(1795255203.0, ["test_x"]), (1795259999.0, [""])], ids=["then", "later"]
)
def test_a_report_of_a_later_run_is_not_taken_for_this_one_s(
    past: History, tmp_path: Path, written: float, cases: list[str]
) -> None:
    report = tmp_path / "test.xml"
    report.write_text('<testsuite><testcase classname="c" name="test_x"><failure/></testcase></testsuite>')
    os.utime(report, (written, written))
    brought = take(past, tmp_path, EVENTS_OF_ONE.replace("FOLDER", str(tmp_path)), "x.json")
    assert brought.problems == []
    assert [each.case.name for each in past.results("u-1")] == cases
    assert past.runs(1)[0].exit_code == 3


@pytest.mark.parametrize("name", ["run.json", "run.binpb"])
def test_bazel_s_events_whose_reports_are_gone(past: History, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    shutil.copyfile(EVENTS / name, path)
    brought = bring(past, [path])
    assert brought.runs == 1, brought.problems
    [run] = past.runs(1)
    assert run.source == "bep"
    assert run.command.startswith("test")
    results: list[CaseResult] = list(past.results(run.id))
    assert results
    assert bring(past, [path]).known == 1
