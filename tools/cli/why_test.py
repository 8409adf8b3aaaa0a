"""`samewire flaky why` and `burn-in` as commands, over a bench that runs nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tools.cli import flaky
from tools.cli import why as command
from tools.cli.program import program
from tools.runs import history
from tools.runs.flakes.why import CouldNotRun
from tools.runs.flakes.why.bench import Arm, Seen
from tools.runs.record import CaseId, CaseResult, Run

Call = Callable[..., Any]


class Pretend:
    """A bench: red in the time zone of Kiritimati."""

    asked: tuple[str, str, list[str]] = ("", "", [])

    def __init__(self, root: Path, label: str, node: str, flags: list[str], say: Callable[[str], None]) -> None:
        Pretend.asked = (label, node, flags)
        self.label, self.node, self.total = label, node, 0

    def run(self, arm: Arm, runs: int) -> Seen:
        if self.label == "//p:unbuilt":
            raise CouldNotRun("//p:unbuilt did not run: no such target")
        self.total += runs
        seen = Seen(arm, strategy="linux-sandbox", log="x\n\x1b[31mred\x1b[0m line")
        for run in range(1, runs + 1):
            zone = arm.name.startswith("zone: always") or (arm.name.startswith("zone") and run % 4 == 1)
            seen.red[run] = zone or (self.label == "//p:coin_test" and run % 3 == 0)
            seen.red_cases[run] = ["p/a_test.py::test_x"] if seen.red[run] else []
        return seen


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("BUILD_WORKSPACE_DIRECTORY", str(tmp_path))
    monkeypatch.delenv("SAMEWIRE_HISTORY", raising=False)
    monkeypatch.setattr(command, "Bench", Pretend)
    app = program()
    app.add_typer(flaky.app, name="flaky")
    return lambda *words: CliRunner().invoke(app, ["-C", str(tmp_path), "flaky", *words])


def test_a_cause(call: Call) -> None:
    result = call("why", "//p:a_test", "--runs", "12")
    assert result.exit_code == 1
    assert "It depends on the time zone: red in 3 of 12 runs" in result.output
    assert "red line" in result.output and "\x1b" not in result.output
    assert "SKIPPED: libfaketime is not installed" in result.output or "clock" in result.output


def test_json_and_only(call: Call) -> None:
    found = json.loads(call("why", "//p:a_test", "--only", "zone,port", "--json").stdout)
    assert [(each["cause"], each["state"]) for each in found["causes"]] == [("zone", "cause"), ("port", "none")]
    assert found["as_ever"] == {"runs": 29, "reds": 0}  # what is red in a tenth of the runs shows in 29


def test_none(call: Call) -> None:
    assert call("why", "//p:a_test", "--only", "hash").exit_code == 0


def test_what_bazel_shall_know_and_which_case(call: Call) -> None:
    call("why", "//p:a_test p/a_test.py::test_x[1 2]", "--only", "hash", "--local_test_jobs=1")
    assert Pretend.asked == ("//p:a_test", "p/a_test.py::test_x[1 2]", ["--local_test_jobs=1"])


def test_a_case_by_its_node_and_its_rate(call: Call, tmp_path: Path) -> None:
    """History knows the target, and how many runs it takes."""
    case = CaseId("//p:a_test", "p.a_test", "test_x")
    with history.open(history.location(tmp_path)) as past:
        for number in range(100):
            outcomes = ["failed", "passed"] if number % 50 == 7 else ["passed"]
            results = [
                CaseResult(case, outcome, attempt=attempt, node="p/a_test.py::test_x")  # type: ignore[arg-type]
                for attempt, outcome in enumerate(outcomes, 1)
            ]
            past.record(Run(f"r{number}", 1e9 + number, commit=f"{number:040x}", dirty=False), results)
    result = call("why", "p/a_test.py::test_x", "--only", "hash", "--json")
    assert Pretend.asked[:2] == ("//p:a_test", "p/a_test.py::test_x")
    assert json.loads(result.stdout)["as_ever"]["runs"] == 100  # the most, unless --runs says so


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["why", "nobody"], 2, "the history knows no case 'nobody'"),
        (["why", "//p:a_test p.a_test test_gone"], 2, "the history knows no case"),
        (["why", "//p:a_test", "--only", "moon"], 2, "no cause is called moon; there are order"),
        (["why", "//p:unbuilt"], 3, "no such target"),
        (["burn-in", "//p:unbuilt"], 3, "no such target"),
    ],
)
def test_misuse(call: Call, words: list[str], code: int, says: str) -> None:
    result = call(*words)
    assert result.exit_code == code and says in result.output


def test_burn_in(call: Call) -> None:
    result = call("burn-in", "//p:a_test", "--rate", "0.02")
    assert result.exit_code == 0
    assert "green in 149 runs; what is red in 2 % would have shown with 95 %" in result.output
    result = call("burn-in", "//p:coin_test")
    assert result.exit_code == 1 and "red in 19 of 59 runs: flaky, red in 21 to 45 % (95 %)" in result.output
    assert "p/a_test.py::test_x: 19" in result.output
