from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from samewire.parity.v1.case_wire import Expectation, Rejected
from samewire.parity.v1.known_wire import Known
from samewire.parity.v1.result_wire import CaseResult, Results

from parity.runner import testee as testees
from parity.runner.corpus import Question
from parity.runner.known import KnownList
from parity.runner.run import Plan, run_now

ECHO = Path(__file__).parent / "testing" / "echo.py"


def the_testee(*words: str) -> testees.Testee:
    return testees.Testee("echo", (sys.executable, str(ECHO), *words))


def question(call: str, result: Any = 1, *, name: str = "", given: Any = 1, dialect: str = "a") -> Question:
    return Question(
        name=name or f"f/{call}",
        dialect=dialect,
        call=call,
        input=given,
        scenario=None,
        expect=Expectation(result=result),
        source=("here",),
        why="",
        deadline_ms=1500,
    )


def ran(questions: list[Question], *words: str, known: list[Known] | None = None, whole: bool = False) -> Results:
    lists = {"echo": KnownList("echo", known)} if known else {}
    return run_now(Plan(questions, [the_testee(*words)], known=lists, whole=whole))


def only(results: Results) -> CaseResult:
    (result,) = results.results
    return result


def test_agrees_and_differs() -> None:
    results = ran([question("echo", {"a": 1}, given={"a": 1}, name="f/one"), question("echo", 2, name="f/two")])
    assert {result.case: result.verdict for result in results.results} == {"f/one": "pass", "f/two": "fail"}
    (difference,) = results.results[1].differences
    assert (difference.path, difference.expected, difference.got) == ("$", 2, 1)
    assert results.findings == []
    assert results.testees[0].restarts == 0


def test_refusals() -> None:
    wanted = question("refuse", name="f/wanted")
    wanted.expect.result = Expectation().result
    wanted.expect.rejected = Rejected(kind="bad")
    other = question("refuse", name="f/other")
    other.expect.result = Expectation().result
    other.expect.rejected = Rejected(kind="worse")
    taken = question("echo", name="f/taken")
    taken.expect.result = Expectation().result
    taken.expect.rejected = Rejected()
    results = ran([wanted, other, taken, question("refuse", name="f/unwanted")])
    assert {result.case: result.verdict for result in results.results} == {
        "f/wanted": "pass",
        "f/other": "fail",
        "f/taken": "fail",
        "f/unwanted": "fail",
    }


@pytest.mark.parametrize(
    ("call", "detail"),
    [
        ("do.crash", "status 7"),
        ("do.garbage", "no Response"),
        ("do.long", "above the limit"),
        ("do.half", "inside a frame"),
        ("do.other", "Expected ID"),
        ("do.nothing", "1500ms"),
        ("do.empty", "no outcome"),
        ("do.fail", "division by zero"),
    ],
)
@pytest.mark.parametrize("window", [1, 8])
def test_a_broken_answer_is_its_own_case_s_and_no_other_s(call: str, detail: str, window: int) -> None:
    around = [question("echo", name=f"f/{index}") for index in range(6)]
    results = ran([*around[:3], question(call), *around[3:]], f"window={window}")
    verdicts = {result.case: result for result in results.results}
    assert len(verdicts) == len(results.results) == 7
    assert verdicts.pop(f"f/{call}").verdict == "broken"
    broken = next(result for result in results.results if result.verdict == "broken")
    assert detail in (broken.detail or "")
    assert {result.verdict for result in verdicts.values()} == {"pass"}


def test_what_was_said_before_a_crash_is_shown() -> None:
    assert "this is why" in (only(ran([question("do.crash")])).stderr or "")


def test_an_answer_that_comes_twice_is_told() -> None:
    results = ran([question("do.twice"), question("echo", name="f/after")])
    verdicts = {result.case: result.verdict for result in results.results}
    assert verdicts["f/after"] == "pass"
    assert any("twice" in finding for finding in results.findings), results.findings


def test_a_flood_on_stderr_is_survived() -> None:
    assert only(ran([question("do.flood")])).verdict == "pass"


def test_what_it_cannot_do() -> None:
    results = ran([question("other.call"), question("do.unsupported")])
    assert {result.case: (result.verdict, result.detail) for result in results.results} == {
        "f/other.call": ("unsupported", "has no other.call"),
        "f/do.unsupported": ("unsupported", "no time"),
    }


def test_dialects_that_it_does_not_speak_are_not_asked() -> None:
    assert ran([question("echo", dialect="c")]).results == []


@pytest.mark.parametrize(("word", "detail"), [("dies-at-start", "no such engine"), ("talks", "Hell")])
def test_one_that_does_not_start(word: str, detail: str) -> None:
    results = ran([question("echo")], word)
    (finding,) = results.findings
    assert "does not start" in finding
    assert detail in finding


def test_one_that_cannot_run_here_is_skipped() -> None:
    results = ran([question("echo")], "skipped")
    assert results.findings == []
    assert results.results == []
    assert results.testees[0].skipped == "echo is not on PATH"


def test_one_that_says_another_name_than_it_is_built_as() -> None:
    other = testees.Testee("go", the_testee().command)
    (finding,) = run_now(Plan([question("echo")], [other])).findings
    assert "go" in finding
    assert "'echo'" in finding


def test_one_from_elsewhere_is_called_as_it_says() -> None:
    other = testees.Testee("python3", the_testee().command, named=False)
    assert only(run_now(Plan([question("echo")], [other]))).testee == "echo"


def test_a_program_that_is_not_there() -> None:
    results = run_now(Plan([question("echo")], [testees.Testee("ghost", ("/no/such/program",))]))
    assert "cannot start" in results.findings[0]


def test_one_that_is_deaf_is_killed() -> None:
    assert only(ran([question("echo")], "deaf")).verdict == "pass"


def test_known_differences() -> None:
    one = Known(cases=["f/one"], reason="it is known to differ", difference="expected 2")
    other = Known(cases=["f/two"], reason="it is known to differ", difference="expected 9")
    passes = Known(cases=["f/three"], reason="it was known to differ")
    nothing = Known(cases=["g/*"], reason="there is no such feature")
    past = Known(cases=["f/one"], reason="it counted until then", until="2020-01-01")
    results = ran(
        [question("echo", 2, name="f/one"), question("echo", 2, name="f/two"), question("echo", name="f/three")],
        known=[one, other, passes, nothing, past],
        whole=True,
    )
    told = {result.case: (result.verdict, result.detail) for result in results.results}
    assert told["f/one"] == ("known", "it is known to differ")
    assert told["f/two"][0] == "stale"
    assert told["f/three"] == (
        "stale",
        "known differences of echo, number 3 lists a difference, and it passes: take it out",
    )
    assert any("g/* matches no case" in finding for finding in results.findings)
    assert any("2020-01-01" in finding for finding in results.findings)
