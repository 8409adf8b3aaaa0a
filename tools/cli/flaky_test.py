"""`samewire flaky` over a history of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from tools.cli import flaky
from tools.cli.program import program
from tools.runs import history
from tools.runs.record import CaseId, CaseResult, Outcome, Run

Call = Callable[..., Any]
FLAKE = CaseId("//p:a_test", "p.a_test", "test_flake")


@pytest.fixture
def app() -> typer.Typer:
    app = program()
    app.add_typer(flaky.app, name="flaky")
    return app


@pytest.fixture
def call(app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("BUILD_WORKSPACE_DIRECTORY", str(tmp_path))
    monkeypatch.delenv("SAMEWIRE_HISTORY", raising=False)
    return lambda *words: CliRunner().invoke(app, ["-C", str(tmp_path), "flaky", *words])


def remember(root: Path, **cases: str) -> None:
    """Cases by name, each with its runs: `g.rg.g` is three, the second with two attempts."""
    words = {name: text.split(".") for name, text in cases.items()}
    with history.open(history.location(root), clock=lambda: 2e9) as past:
        for number in range(max(map(len, words.values()))):
            run = Run(f"run{number}", 1e9 + 3600.0 * number, commit=f"{number:040x}", dirty=False)
            past.record(run, [each for name, runs in words.items() for each in results(name, runs, number)])


def results(name: str, runs: list[str], number: int) -> list[CaseResult]:
    outcomes: dict[str, Outcome] = {"g": "passed", "r": "failed"}
    return [
        CaseResult(
            CaseId("//p:a_test", "p.a_test", name), outcomes[letter], attempt=attempt, node=f"p/a_test.py::{name}"
        )
        for attempt, letter in enumerate(runs[number] if number < len(runs) else "", 1)
    ]


def test_no_history(call: Call) -> None:
    result = call()
    assert isinstance(result.exception, RuntimeError) and "./samewire check makes it" in str(result.exception)


def test_none(call: Call, tmp_path: Path) -> None:
    remember(tmp_path, test_calm="g.g.g")
    result = call()
    assert result.exit_code == 0 and "0 flaky of 1 cases, none was ever red" in result.output


def test_flakes_with_owner_evidence_and_cost(call: Call, tmp_path: Path) -> None:
    remember(tmp_path, test_calm="g" + ".g" * 30, test_flake="g.rg.g.rg" + ".g" * 27)
    (tmp_path / "CODEOWNERS").write_text("* @everybody\n/p/ @p\n")
    result = call()
    assert result.exit_code == 1
    assert "proven    //p:a_test p.a_test test_flake" in result.output
    assert "passed and failed on the same inputs 2 times" in result.output
    assert "@p" in result.output and "minutes a week" in result.output
    assert "1 flaky of 2 cases (1 were ever red: 1 proven)" in result.output


def test_json(call: Call, tmp_path: Path) -> None:
    remember(tmp_path, test_calm="g" + ".g" * 30, test_flake="g.rg.g.rg" + ".g" * 27)
    found = json.loads(call("--json").output)
    (case,) = found["cases"]
    assert (found["flaky"], found["never_red"], case["case"]) == (1, 1, str(FLAKE))
    assert 0 < case["low"] < case["probability"] < case["high"] < 1
    assert 0 < found["red_by_flake"] < 1
    assert json.loads(call("--all", "--json").output)["cases"] == [case]


def test_owner_of_a_quarantined_case(call: Call, tmp_path: Path) -> None:
    remember(tmp_path, test_flake="g.rg.g")
    (tmp_path / "quarantine.yaml").write_text(
        f'quarantine:\n  - cases: ["{FLAKE}"]\n    reason: clock\n    owner: "@clock"\n'
        '    issue: "#1"\n    until: 2026-12-01\n'
    )
    assert json.loads(call("--json").output)["cases"][0]["owner"] == "@clock"


@pytest.mark.parametrize("name", [str(FLAKE), "p/a_test.py::test_flake", "//p:a_test", "flake"])
def test_show(call: Call, tmp_path: Path, name: str) -> None:
    remember(tmp_path, test_flake="g.rg.g.g")
    result = call("show", name)
    assert result.exit_code == 1 and "·✗···" in result.output
    (record,) = json.loads(call("show", name, "--json").output)
    assert (record["state"], record["recent"]) == ("proven", "grggg")


def test_show_what_is_calm_or_unknown(call: Call, tmp_path: Path) -> None:
    remember(tmp_path, test_calm="g" + ".g" * 299)
    result = call("show", "calm")
    assert result.exit_code == 0 and "red in less than 0.99 % with 95 %" in result.output
    assert call("show", "nobody").exit_code == 2


def test_hostile_names_stay_on_their_line(call: Call, tmp_path: Path) -> None:
    remember(tmp_path, **{"test_x[red]\n[bold]": "g.rg.g"})
    assert "test_x[red]\\n[bold]" in call().output
    assert "test_x[red]\\n[bold]" in call("show", "test_x").output


def test_rule(call: Call, tmp_path: Path) -> None:
    assert call("rule").exit_code == 3
    kept = tmp_path / ".pytest_flaky_history.json"
    kept.write_text('{"test_results": {"a.py::test_x": ["passed", "failed", "passed", "failed", "passed"]}}')
    result = call("rule")
    assert result.exit_code == 1
    assert "FLAKY TESTS DETECTED: 1" in result.output and "Failure rate: 40.0%" in result.output
    assert "TESTS RECOMMENDED FOR QUARANTINE: 1" in result.output
    assert call("rule", "--threshold", "0.5").exit_code == 0
    (record,) = json.loads(call("rule", "--json").output)
    assert (record["failure_rate"], record["quarantine"]) == (0.4, True)


def test_rule_from_our_own_history(call: Call, tmp_path: Path) -> None:
    remember(tmp_path, test_flake="g.r.g.r.g", test_calm="g.g.g")
    assert call("rule", "--write").exit_code == 1
    kept = json.loads((tmp_path / ".pytest_flaky_history.json").read_text())
    assert kept["test_results"] == {
        "p/a_test.py::test_flake": ["passed", "failed", "passed", "failed", "passed"],
        "p/a_test.py::test_calm": ["passed"] * 3,
    }
