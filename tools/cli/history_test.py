"""`samewire last`, `history`, `export`, `import` over a history of their own."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tools.cli import history as command
from tools.cli.program import program
from tools.runs import history
from tools.runs.record import CaseId, CaseResult, Run

Call = Callable[..., Any]
RED = CaseResult(CaseId("//a:x_test", "a.x_test", "test_x"), "failed", message="no")


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("BUILD_WORKSPACE_DIRECTORY", str(tmp_path))
    monkeypatch.delenv("SAMEWIRE_HISTORY", raising=False)
    app = program()
    app.add_typer(command.app)
    return lambda *words: CliRunner().invoke(app, ["-C", str(tmp_path), *words])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with history.open(history.location(tmp_path)) as past:
        past.record(Run("one", 1e9, 1e9 + 1, exit_code=3), [RED])
        past.record(Run("two", 1e9 + 9, 1e9 + 10, exit_code=0), [RED])
    return tmp_path


def test_last_and_history_are_the_reader_s(call: Call, root: Path) -> None:
    assert call("last").exit_code == 1
    assert "//a:x_test a.x_test test_x" in call("history", "x_test", "--limit", "3").output
    assert "Example: samewire history" in call("history", "--help").output


def test_export_and_import(call: Call, root: Path) -> None:
    assert call("export", "--junit", "run.xml", "--run", "one").exit_code == 0
    assert call("export", "--jsonl", "all.jsonl", "--all").exit_code == 0
    assert len(call("export", "--jsonl", "-").output.splitlines()) == 2
    again = call("import", "--json", "run.xml", "all.jsonl")
    assert (again.exit_code, json.loads(again.output)["known"]) == (0, 3)
    shutil.rmtree(root / ".samewire")
    done = call("import", "all.jsonl", "none.xml", "run.xml")
    assert done.exit_code == 1
    assert "none.xml: No such file" in done.output
    assert "2 runs with 2 results, 1 known already" in done.output


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["export"], 2),
        (["export", "--junit", "a", "--jsonl", "b"], 2),
        (["export", "--junit", "a", "--all"], 2),
        (["export", "--junit", "a", "--run", "none"], 2),
        (["import"], 2),
        (["history", "prune", "--older-than", "soon"], 2),
        (["history", "rename", "//none", "//b:x_test"], 1),
        (["last", "more"], 2),
    ],
)
def test_misuse(call: Call, root: Path, words: list[str], code: int) -> None:
    done = call(*words)
    assert done.exit_code == code
    assert "Traceback" not in done.output


def test_what_is_there_stays_until_all_is_written(call: Call, root: Path) -> None:
    (root / "run.xml").write_text("before")
    assert call("export", "--junit", "run.xml", "--run", "none").exit_code == 2
    assert (root / "run.xml").read_text() == "before"


def test_rename_and_prune(call: Call, root: Path) -> None:
    assert "1 cases renamed" in call("history", "rename", "//a:x_test", "//b:x_test").output
    assert "2 results forgotten" in call("history", "prune", "--older-than", "180d").output
    with history.open(history.location(root)) as past:
        [standing] = past.standings()
    assert (standing.case.label, standing.trials) == ("//b:x_test", 2)


def test_the_script_asks_no_bazel(root: Path) -> None:
    bazelw = root / "bazelw"
    bazelw.write_text('#!/bin/sh\necho "bazel $*"\n')
    bazelw.chmod(0o755)
    shutil.copyfile("samewire", root / "samewire")
    for name in ("tools/runs/history", "tools/runs/history/migrations"):
        (root / name).mkdir(parents=True, exist_ok=True)
        for path in Path(name).glob("*.*"):
            shutil.copyfile(path, root / name / path.name)
    shutil.copyfile("tools/runs/__init__.py", root / "tools/runs/__init__.py")

    def said(*words: str, **environment: str) -> str:
        command = ["bash", str(root / "samewire"), *words]
        environment["PATH"] = "/usr/bin:/bin"
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout

    assert said("last").startswith("FAILED")
    assert "//a:x_test a.x_test test_x\n" in said("history")
    assert "bazel run" in said("last", SAMEWIRE_HISTORY="postgresql://nowhere/x")
    assert "bazel run" in said("history", "prune", "--older-than", "1d")
