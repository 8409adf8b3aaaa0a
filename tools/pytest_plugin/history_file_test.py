"""The history file: the seed's form, two writers at once, and files that are broken or of another version."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pytest_samewire import history_file
from pytest_samewire.history_file import HistoryFile

NODE = "tests/a_test.py::test_x"
# As the seed's own plugin leaves it.
SEED = """\
{
  "test_results": {
    "%s": [
      "passed",
      "failed"
    ]
  },
  "last_updated": "2025-01-15T10:30:00"
}"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".pytest_flaky_history.json"


def test_begins_without_a_file(path: Path) -> None:
    assert HistoryFile(path).read() == {}
    assert HistoryFile(path).record({NODE: ["passed"]}) == {NODE: ["passed"]}
    assert HistoryFile(path).read() == {NODE: ["passed"]}
    assert [each.name for each in path.parent.iterdir()] == [path.name]  # no lock, no part of a file


def test_goes_on_with_the_seeds_own(path: Path) -> None:
    path.write_text(SEED % NODE)
    assert HistoryFile(path).record({NODE: ["failed"], "b": ["passed"]}) == {
        NODE: ["passed", "failed", "failed"],
        "b": ["passed"],
    }
    held = json.loads(path.read_text())
    assert list(held) == ["test_results", "last_updated"]
    assert held["last_updated"] > "2026"


def test_keeps_ten_results_and_what_others_wrote(path: Path) -> None:
    path.write_text(json.dumps({"test_results": {NODE: ["passed"] * 10}, "owner": "me"}))
    HistoryFile(path).record({NODE: ["failed", "failed"]})
    held = json.loads(path.read_text())
    assert held["test_results"][NODE] == ["passed"] * 8 + ["failed"] * 2
    assert held["owner"] == "me"


@pytest.mark.parametrize(
    "held",
    [
        {"test_results": {}, "last_updated": "x"},
        {
            "test_results": {"a": ["passed"], 'é\n\udcff"': ["failed", 'o"dd'], "c": []},
            "x": {"y": [1, {"z": None}], "w": []},
        },
    ],
)
def test_looks_as_json_writes_it(held: dict[str, object]) -> None:
    assert history_file._text(held) == json.dumps(held, indent=2) + "\n"


def test_writes_nothing_when_nothing_ran(path: Path) -> None:
    assert HistoryFile(path).record({}) == {}
    assert not path.exists()


def test_runs_at_once_lose_nothing(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: HistoryFile(path).record({f"t{number}": ["passed"]}), range(40)))
    assert len(HistoryFile(path).read()) == 40


@pytest.mark.parametrize("data", [b"{", b"", b'{"test_results": {"a": [', b"\xff\xfe", b"[" * 100_000])
def test_a_broken_file_is_moved_aside(path: Path, data: bytes) -> None:
    for copy in (f"{path.name}.broken", f"{path.name}.broken-1"):
        path.write_bytes(data)
        file = HistoryFile(path)
        assert file.record({NODE: ["passed"]}) == {NODE: ["passed"]}
        assert path.with_name(copy).read_bytes() == data
        assert file.warning is not None
        assert file.warning.endswith(f"begun anew; the old one is {copy}")
        assert "\n" not in file.warning
        assert HistoryFile(path).read() == {NODE: ["passed"]}


@pytest.mark.parametrize(
    "held",
    [
        {"version": 2, "test_results": {}},
        {"test_results": {NODE: {"passed": 3}}},
        {"test_results": {NODE: [1]}},
        {"test_results": []},
        [],
        7,
    ],
)
def test_a_file_of_another_version_is_left_alone(path: Path, held: object) -> None:
    path.write_text(json.dumps(held))
    file = HistoryFile(path)
    assert file.record({NODE: ["passed"]}) == {NODE: ["passed"]}
    assert json.loads(path.read_text()) == held
    assert "update pytest-samewire, move the file away" in (file.warning or "")
    assert len(list(path.parent.iterdir())) == 1


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    file = HistoryFile(tmp_path / "gone" / "history.json")
    assert file.record({NODE: ["passed"]}) == {NODE: ["passed"]}
    assert (file.warning or "").endswith("history.json: not written: No such file or directory")


def test_a_folder_in_its_place(path: Path) -> None:
    path.mkdir()
    file = HistoryFile(path)
    assert file.record({NODE: ["passed"]}) == {NODE: ["passed"]}
    assert "cannot be read: Is a directory" in (file.warning or "")


def test_a_full_disk_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text(SEED % NODE)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    file = HistoryFile(path)
    file.record({NODE: ["failed"]})
    assert path.read_text() == SEED % NODE
    assert (file.warning or "").endswith("not written: No space left on device")
    assert len(list(path.parent.iterdir())) == 1


def test_waits_for_another_run_only_so_long(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_file, "_PATIENCE", 0.05)
    with history_file._locked(path.parent):
        file = HistoryFile(path)
        file.record({NODE: ["passed"]})
    assert "another run holds it" in (file.warning or "")


def test_a_link_stays_a_link_and_rights_stay(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "real.json"
    real.write_text(SEED % NODE)
    real.chmod(0o664)
    path.symlink_to(real)
    HistoryFile(path).record({NODE: ["passed"]})
    assert path.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o664
    assert HistoryFile(real).read()[NODE] == ["passed", "failed", "passed"]
