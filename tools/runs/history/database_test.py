"""What a file may be, and what happens to it: never lost, never overwritten, one line with the way out."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.runs import history
from tools.runs.history import HistoryError
from tools.runs.history.database import Sqlite, migrations
from tools.runs.history.store import History
from tools.runs.record import CaseId, CaseResult, Run


@pytest.fixture
def file(place: str) -> Path:
    with history.open(place) as past:
        past.record(Run("first", 1.0), results(20))
    return Path(place)


def results(count: int) -> list[CaseResult]:
    return [CaseResult(CaseId(f"//t:{number}"), "failed", message="m" * 900 + str(number)) for number in range(count)]


def refusal(path: Path) -> str:
    """The line with which opening or recording is refused; the file must stay as it is."""
    before = path.read_bytes()
    with pytest.raises(HistoryError) as caught, history.open(path) as past:
        past.record(Run("next", 2.0), results(20))
    assert path.read_bytes() == before
    line = str(caught.value)
    assert "\n" not in line
    assert str(path) in line
    return line


def test_a_file_of_a_newer_version(file: Path) -> None:
    with sqlite3.connect(file) as direct:
        direct.execute("INSERT INTO migration VALUES (99, '0099_future')")
        direct.execute("PRAGMA journal_mode = DELETE")
    direct.close()
    assert "newer samewire (format 99" in refusal(file)
    assert "update samewire" in refusal(file)


@pytest.mark.parametrize("content", [b"{}\n" * 999, b"SQLite format 3\0" + b"\xff" * 5000], ids=["json", "garbage"])
def test_a_file_that_is_none_of_ours(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "history.sqlite"
    path.write_bytes(content)
    assert "damaged" in refusal(path)


def test_a_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE places (url TEXT)")
    other.close()
    assert "no history of samewire" in refusal(path)


def test_a_damaged_page(file: Path) -> None:
    with sqlite3.connect(file) as direct:
        direct.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [(page,)] = direct.execute("SELECT rootpage FROM sqlite_master WHERE name = 'run'")
        [(size,)] = direct.execute("PRAGMA page_size")
    direct.close()
    with file.open("r+b") as raw:
        raw.seek((page - 1) * size)
        raw.write(b"\xa5" * size)
    line = refusal(file)
    assert "damaged" in line and ".recover" in line


def test_a_truncated_file(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)
    assert "damaged" in refusal(file)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, not a folder")
    with pytest.raises(HistoryError, match="can't be made.*SAMEWIRE_HISTORY"):
        history.open(tmp_path / "state" / "history.sqlite")


def test_a_path_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="can't be opened"):
        history.open(tmp_path)


def test_a_full_disk_keeps_what_was_there(file: Path) -> None:
    past = history.open(file)
    assert isinstance(past.database, Sqlite)
    [(pages,)] = past.database.rows("PRAGMA page_count")
    past.database.one(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(HistoryError, match="disk is full; nothing of this run was kept"):
        past.record(Run("big", 2.0), results(2000))
    assert [run.id for run in past.runs(9)] == ["first"]
    assert past.record(Run("small", 3.0), [])
    past.close()


def test_a_disk_that_ends_in_the_middle(file: Path) -> None:
    script = (
        "import resource, sys; from tools.runs.history import database_test as t; from tools.runs import history\n"
        "past = history.open(sys.argv[1])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
        "past.record(t.Run('big', 2.0), t.results(5000))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(file)], env={"PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True
    )
    assert b"HistoryError" in done.stderr
    with history.open(file) as past:
        assert [run.id for run in past.runs(9)] == ["first"]
        assert past.record(Run("big", 2.0), results(5000))


def test_a_folder_that_is_read_only_can_be_read(file: Path) -> None:
    script = (
        "import sys; from tools.runs import history\n"
        "with history.open(sys.argv[1]) as past:\n"
        "    print([run.id for run in past.runs(9)], len(list(past.standings())))\n"
        "    past.record(history.store.Run('next', 2.0), [])\n"
    )
    file.chmod(0o444)
    file.parent.chmod(0o555)
    try:
        # Root may write anywhere; its namesake of another namespace may not.
        unroot = ["unshare", "--user", "--map-user=65534", "--map-group=65534"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*unroot, sys.executable, "-c", script, str(file)],
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        file.parent.chmod(0o755)
    assert done.stdout == "['first'] 20\n"
    assert "HistoryError" in done.stderr
    assert "make it writable" in done.stderr.splitlines()[-1]


def test_another_writer_that_never_ends(file: Path) -> None:
    with (
        history.open(file) as blocker,
        blocker.database.writing(),
        History(Sqlite(file, wait=0.1), time.time) as past,
        pytest.raises(HistoryError, match="another run has been writing"),
    ):
        past.record(Run("next", 2.0), [])


def test_migrations_are_numbered_without_gaps(tmp_path: Path) -> None:
    (tmp_path / "0001_one.sql").write_text("CREATE TABLE a (b TEXT); -- one; two\nCREATE TABLE c (d TEXT);")
    [(name, statements)] = migrations(tmp_path)
    assert name == "0001_one"
    assert statements[1:] == ["CREATE TABLE a (b TEXT)", "CREATE TABLE c (d TEXT)"]
    (tmp_path / "0003_three.sql").write_text("")
    with pytest.raises(HistoryError, match="0002"):
        migrations(tmp_path)
