"""Faults first, each once; a run that is red all over stays readable and small."""

from __future__ import annotations

from tools.runs.record import CaseId, CaseResult, Run
from tools.runs.report import cases
from tools.runs.report.data import Report, Story
from tools.runs.report.red import TOLD, TOLD_IN_ALL, clusters, flaky


def report(*results: CaseResult, **more: object) -> Report:
    return Report(Run("r", 0.0), "", good=False, results=results, **more)  # type: ignore[arg-type]


def red(number: int, message: str = "port 1 taken", **more: object) -> CaseResult:
    case = CaseId("//a:x_test", "a", "test_y", str(number))
    return CaseResult(case, "failed", message=message, **more)  # type: ignore[arg-type]


def test_a_fault_with_its_cases() -> None:
    told = report(
        red(1, "port 17 taken", node="a/x_test.py::test_y[1]", file="a/x_test.py", line=3, detail="E  \x1b[1mno\x1b[m"),
        red(2, "port 18 taken"),
        red(3, "KeyError: 'a'", quarantined=True),
        stories=[Story(CaseId("//a:x_test", "a", "test_y", "1"), 0.0, "never red", "unreachable", "nothing of it")],
        logs={"//a:x_test": "/c/execroot/_main/bazel-out/k8-fastbuild/testlogs/a/x_test/test.log"},
    )  # fmt: skip
    first, second = clusters(told, cases.rows(told.results))
    assert (first["message"], first["cases"], first["masked"]) == ("port <number> taken", [0, 1], False)
    assert (second["message"], second["cases"], second["masked"]) == ("KeyError: 'a'", [2], True)
    assert first["told"][0] == {
        "message": "port 17 taken",
        "detail": "E  no",
        "where": "a/x_test.py:3",
        "attempts": [["failed", 0]],
        "command": "./samewire check //a:x_test '--test_filter=a/x_test.py::test_y[1]'",
        "log": "bazel-testlogs/a/x_test/test.log",
        "flake": 0.0,
        "why": "never red",
        "reach": "unreachable",
        "reachWhy": "nothing of it",
    }
    assert first["told"][1]["command"] == "./samewire check //a:x_test"


def test_an_outage_is_told_in_part() -> None:
    many = report(
        *(red(number, f"fault {'abcdefghij'[number % 10]}{'tuvwxyz'[number % 7]}") for number in range(3_000))
    )
    told = clusters(many, cases.rows(many.results))
    assert sum(len(each["cases"]) for each in told) == 3_000
    assert all(len(each["told"]) <= TOLD for each in told)
    assert sum(len(each["told"]) for each in told) == TOLD_IN_ALL


def test_red_then_green_shows_the_red_attempt() -> None:
    case = CaseId("//a:x_test", "a", "test_y")
    told = report(CaseResult(case, "failed", message="first"), CaseResult(case, "passed", attempt=2))
    (one,) = flaky(told, cases.rows(told.results))
    assert (one["case"], one["message"], one["attempts"]) == (0, "first", [["failed", 0], ["passed", 0]])
