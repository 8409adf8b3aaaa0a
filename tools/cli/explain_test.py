"""`samewire explain` on logs that Bazel wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.cli import explain
from tools.runs.exit import Exit

LOGS = Path("tools/runs/inputs/testdata")


@pytest.fixture(autouse=True)
def own_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMEWIRE_HISTORY", str(tmp_path / "history.sqlite"))


def test_two_logs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = explain.run(tmp_path, LOGS / "changed.zst", LOGS / "first.zst", [], False)
    said = capsys.readouterr().out.splitlines()
    assert code is Exit.GOOD
    assert said[0] == "actions: 3 ran (100%)"
    assert said[1].split()[:6] == ["2", "ran,", "1", "of", "them", "tests,"]
    assert said[1].endswith("order.txt changed")
    assert len(said) == 3


def test_targets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    targets = ["//:a_test", "//:sharded_test", "//:none"]
    explain.run(tmp_path, LOGS / "changed.zst", LOGS / "first.zst", targets, False)
    said = capsys.readouterr().out
    assert "//:a_test: TestRunner" in said
    assert "    order.txt changed" in said
    assert "//:none: not run" in said


def test_json_against_an_empty_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    explain.run(tmp_path, LOGS / "first.zst", None, [], True)
    document = json.loads(capsys.readouterr().out)
    assert [cause["what"] for cause in document["causes"]] == ["never seen before"]
    assert len(document["misses"]) == 5


def test_bad_logs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.zst"
    broken.write_bytes((LOGS / "first.zst").read_bytes()[:2000])
    assert explain.run(tmp_path, broken, None, [], False) is Exit.COULD_NOT_RUN
    assert explain.run(tmp_path, tmp_path / "none.zst", None, [], False) is Exit.COULD_NOT_RUN
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "ends in the middle" in said[0]
    assert said[1].endswith("none.zst: No such file or directory")
