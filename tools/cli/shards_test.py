"""`samewire shards` on a make-believe Bazel and a real history."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.cli import shards
from tools.runs import history
from tools.runs.exit import Exit
from tools.runs.record import CaseId, CaseResult, Run

LABEL = "//a:slow_test"


def _rule(name: str, *arguments: str) -> str:
    words = "".join(f'<string value="{word}"/>' for word in ("--case-attempts=1", *arguments))
    shards = '<int name="shard_count" value="4"/>'
    return f'<rule class="py_test" name="{name}">{shards}<list name="args">{words}</list></rule>'


def _query(workspace: Path, *rules: str, code: int = 0) -> None:
    bazelw = workspace / "bazelw"
    answer = f"<query>{''.join(rules)}</query>"
    lines = ["#!/bin/sh", "echo 'ERROR: no such package' >&2", "cat <<'END'", answer, "END", f"exit {code}"]
    bazelw.write_text("\n".join(lines), encoding="utf-8")
    bazelw.chmod(0o755)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With a history in which every tenth of forty cases is slow."""
    monkeypatch.setenv("SAMEWIRE_HISTORY", str(tmp_path / "history.sqlite"))
    (tmp_path / "a").mkdir()
    results = [
        CaseResult(
            CaseId(LABEL, "slow_test", f"test_{number}"),
            "passed",
            seconds=8.0 if number % 10 == 0 else 0.1,
            node=f"a/slow_test.py::test_{number}",
        )
        for number in range(40)
    ]
    with history.open(history.location(tmp_path)) as past:
        past.record(Run("one", started=1.0), results)
    _query(tmp_path, _rule(LABEL), _rule("//a:new_test"))
    return tmp_path


def test_what_is_to_gain(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shards.run(workspace, ["//..."], False, False) is Exit.FINDINGS
    said = capsys.readouterr().out
    assert "--write makes a/slow_test.durations.json" in said
    assert "no history yet: ./samewire check" in said
    assert not (workspace / "a" / "slow_test.durations.json").exists()


def test_written_once(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shards.run(workspace, ["//..."], True, False) is Exit.GOOD
    assert 'name it in BUILD.bazel: durations = "slow_test.durations.json"' in capsys.readouterr().out
    file = workspace / "a" / "slow_test.durations.json"
    assert json.loads(file.read_text())["a/slow_test.py::test_10"] == 8.0
    _query(workspace, _rule(LABEL, "--durations=$(rootpath slow_test.durations.json)"))
    before = file.stat()
    assert shards.run(workspace, ["//..."], True, True) is Exit.GOOD
    [record] = json.loads(capsys.readouterr().out)
    assert (record["file"], record["worth"], record["advice"]) == ("a/slow_test.durations.json", False, "balanced")
    assert record["slowest_shard_seconds"] == record["balanced_seconds"] == pytest.approx(8.9)
    assert file.stat().st_mtime_ns == before.st_mtime_ns


def test_nothing_sharded(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _query(workspace)
    assert shards.run(workspace, ["//..."], False, False) is Exit.GOOD
    assert capsys.readouterr().out == "no sharded pytest_test among the targets\n"


def test_what_bazel_refuses(workspace: Path) -> None:
    _query(workspace, code=7)
    with pytest.raises(RuntimeError, match="bazel query: ERROR: no such package"):
        shards.run(workspace, ["//none/..."], False, False)
