from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import orjson
import pytest
from rich.console import Console
from samewire.parity.v1 import result_wire as wire
from samewire.parity.v1.result_wire import Asked, CaseResult, Difference, Results
from samewire.parity.v1.testee_wire import Hello

from parity.report.junit import junit
from parity.report.page import page
from parity.report.summary import is_good, verdict_line
from parity.report.terminal import failures, matrix

NASTY = 'a/</script><b>&"\n\x00'


def result(case: str, verdict: Any, **more: Any) -> CaseResult:
    return CaseResult(testee="go", case=case, dialect="d", verdict=verdict, seconds=0.5, **more)


@pytest.fixture
def results() -> Results:
    differs = Difference(path="$.a", expected=1, got=2, what="differs")
    return Results(
        format=1,
        seconds=1.25,
        testees=[
            wire.TesteeResult(name="go", hello=Hello(name="go", title="Go <1>"), restarts=0),
            wire.TesteeResult(name="rust", skipped="no cargo", restarts=0),
        ],
        cases=[
            Asked(name=name, call="c", source=["seed 9"]) for name in ("f/one", "f/two", "f/three", "f/four", NASTY)
        ],
        results=[
            result("f/one", "pass"),
            result("f/two", "fail", differences=[differs], exchanges=["POST /x {}\n  200 (backend, complete) 1"]),
            result("f/three", "known", detail="because"),
            result("f/four", "unsupported", detail="has no c"),
            result(NASTY, "broken", detail="exit code 7", stderr="oh\x1b no"),
        ],
        findings=["known/go.yaml:3: x matches no case"],
    )


def test_the_verdict(results: Results) -> None:
    assert not is_good(results)
    assert verdict_line(results) == (
        "1 testees, 5 answers: 1 agree, 1 differ, 1 broke their client, 1 differ for a listed reason, "
        "1 not implemented, 1 testees SKIPPED, 1 findings (1.2 s)"
    )
    results.results = results.results[:1]
    assert not is_good(results)
    results.findings = []
    assert is_good(results)


def test_the_page_holds_all_and_no_markup_of_a_case(results: Results) -> None:
    text = page(results, [["test", "decision"], ["test_qs.py", "adapt"]])
    (held,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    data = orjson.loads(held)
    assert [case["name"] for case in data["cases"]][-1] == NASTY
    assert "<b>" not in held
    assert [row[:4] for row in data["results"]] == [
        [0, 0, 0, 0],
        [0, 1, 0, 1],
        [0, 2, 0, 2],
        [0, 3, 0, 4],
        [0, 4, 0, 5],
    ]
    assert data["results"][1][4].startswith("$.a: expected 1, got 2\nPOST /x")
    assert data["manifest"][1] == ["test_qs.py", "adapt"]
    assert "http" not in re.sub(r"\$schema|xmlns", "", text.replace(held, "")), (
        "the page must need nothing from elsewhere"
    )


def test_junit_is_xml_with_every_case(results: Results) -> None:
    root = ElementTree.fromstring(junit(results))
    suites = {suite.get("name"): suite for suite in root}
    assert {name: suite.get("tests") for name, suite in suites.items()} == {"go": "5", "rust": "0", "run": "1"}
    kinds = {case.get("name"): [child.tag for child in case] for case in suites["go"]}
    assert kinds["f/one"] == []
    assert kinds["f/two"] == ["failure"]
    assert kinds["f/three"] == ["system-out"]
    assert kinds["f/four"] == ["skipped"]
    (failure,) = suites["go"].findall("testcase[@name='f/two']/failure")
    assert failure.get("message") == "$.a: expected 1, got 2"
    assert "POST /x" in (failure.text or "")


def test_the_terminal_shows_what_is_red_with_its_source(results: Results) -> None:
    console = Console(width=120, record=True, file=None, quiet=False)
    with console.capture() as captured:
        console.print(matrix(results))
        failures(console, results)
    said = captured.get()
    assert re.search(r"^f +1 ×1 ≠1 ·1 +–", said, re.MULTILINE)
    assert "$.a: expected 1, got 2" in said
    assert "source: seed 9" in said
    assert "SKIPPED rust: no cargo" in said
    assert "x matches no case" in said
