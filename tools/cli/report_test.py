"""`samewire report` as a person calls it."""

from __future__ import annotations

import json
import webbrowser
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tools.cli import runs
from tools.runs import history
from tools.runs.exit import Exit
from tools.runs.record import CaseId, CaseResult, Run

RED = CaseResult(CaseId("//a:x_test", "a.x_test", "test_y", "1"), "failed", 1.0, 1e9, message="port 17 taken")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("SAMEWIRE_HISTORY", raising=False)
    monkeypatch.setattr(runs, "workspace", lambda: tmp_path)
    with history.open(history.location(tmp_path), lambda: 1e9 + 100) as past:
        past.record(Run("aaa-1", 1e9, 1e9 + 9, command="test //..."), [RED])
        past.record(Run("bbb-2", 1e9 + 50, 1e9 + 59), [CaseResult(RED.case, "passed", 1.0, 1e9 + 50)])
    return tmp_path


def called(*words: str) -> Result:
    return CliRunner().invoke(runs.app, ["report", *words])


def test_the_newest_run(workspace: Path) -> None:
    done = called()
    assert done.exit_code == Exit.GOOD
    assert done.stdout == f"1 case, none red\nreport: {workspace / 'out' / 'report.html'}\n"
    assert "<title>1 case, none red</title>" in (workspace / "out" / "report.html").read_text()


def test_an_earlier_run_with_more(workspace: Path) -> None:
    parity = workspace / "results.json"
    parity.write_text(json.dumps({"format": 1, "testees": [], "results": [], "seconds": 1.0}))
    perf, before = workspace / "models.json", workspace / "before"
    perf.write_text(json.dumps({"decode": [2.0] * 9}))
    before.mkdir()
    (before / "models.json").write_text(json.dumps({"decode": [1.0] * 9}))
    file = workspace / "r.html"
    words = ["--html", str(file), "--parity", str(parity), "--perf", str(perf), "--before", str(before)]
    done = called("--run", "aaa", *words, "--json")
    assert done.exit_code == Exit.GOOD, done.output
    told = json.loads(done.stdout)
    assert told["verdict"] == "1 of 1 case is red"
    assert told["faults"][0]["message"] == "port <number> taken"
    assert told["matrices"][0]["title"] == "Parity"
    assert told["benchmarks"][0]["measures"][0]["verdict"]["word"] == "slower"
    assert file.is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--run", "zzz"], "samewire report: history has no run 'zzz'"),
        (["--parity", "nowhere.json"], "nowhere.json"),
        (["--perf", "odd.json"], "odd.json: not JSON"),
    ],
)
def test_misuse(workspace: Path, words: list[str], said: str) -> None:
    (workspace / "odd.json").write_text("{")
    done = called(*(word.replace("odd.json", str(workspace / "odd.json")) for word in words))
    assert done.exit_code == Exit.MISUSE
    assert said in done.stderr
    assert not (workspace / "out").exists()


def test_a_history_that_is_none(workspace: Path) -> None:
    (workspace / ".samewire" / "history.sqlite").write_bytes(b"no database at all" * 99)
    done = called()
    assert done.exit_code == Exit.COULD_NOT_RUN
    assert done.stderr.startswith("samewire report: ")
    assert "Traceback" not in done.stderr


def test_it_is_opened(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    assert called("--open").exit_code == Exit.GOOD
    assert opened == [(workspace / "out" / "report.html").as_uri()]
