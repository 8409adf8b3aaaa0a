from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from tools.runs.bes.store import INDEX, Key, Store

KEY = Key("the build", "run")


def index(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / INDEX).read_text(encoding="utf-8").splitlines()]


def test_a_stream_is_in_the_index_before_it_has_a_record(tmp_path: Path) -> None:
    log = Store(tmp_path / "new" / "folder").log(KEY)
    assert log.path.name == "run.bep" and log.stored == 0
    line = {"file": "run.bep", "build": "the build", "invocation": "run", "component": 3, "record": 1, "sequence": 1}
    assert index(tmp_path / "new" / "folder") == [line]


def test_one_log_per_stream(tmp_path: Path) -> None:
    store = Store(tmp_path)
    keys = [KEY, Key("another", "run"), Key("the build", "run", 2), Key("the build", "other")]
    names = [store.log(key).path.name for key in keys]
    assert names == ["run.bep", "run.2.bep", "run.3.bep", "other.bep"]
    assert [Store(tmp_path).log(key).path.name for key in reversed(keys)] == names[::-1]
    assert store.log(KEY) is store.log(Key("the build", "run"))


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "run.bep").write_bytes(b"theirs")
    assert Store(tmp_path).log(KEY).path.name == "run.2.bep"
    assert (tmp_path / "run.bep").read_bytes() == b"theirs"


def test_gaps_are_remembered(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.log(KEY).append(b"")
    store.skip(KEY, 11)
    for _ in range(3):
        store.log(KEY).append(b"")
    store.skip(KEY, 100)
    assert store.log(KEY).next == 100
    assert Store(tmp_path).log(KEY).next == 100
    store.log(KEY).append(b"")
    assert Store(tmp_path).log(KEY).next == 101


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "null",
        '{"file": "run.bep"}',
        '{"file": 5, "build": "b", "invocation": "i", "component": 3}',
        '{"file": "../up.bep", "build": "the build", "invocation": "run", "component": 3}',
        '{"file": "a.bep", "build": "the build", "invocation": "run", "component": "3"}',
        '{"file": "a.bep", "build": "the build", "invocation": "run", "component": 3, "record": 0}',
        '{"file": "a.bep", "build": ["x"], "invocation": "run", "component": 3}',
        '{"file": "a.bep", "build": "the build", "invocation": "run", "component": 3, "record": "x"}',
        "[" * 100_000,
    ],
)
def test_a_broken_line_of_the_index_is_passed_over(tmp_path: Path, line: str) -> None:
    (tmp_path / INDEX).write_text(line, encoding="utf-8")
    assert Store(tmp_path).log(KEY).path == tmp_path / "run.bep"
    again = Store(tmp_path).log(KEY)
    assert again.path == tmp_path / "run.bep" and not again.broken  # found, so its own line was not spoilt


def test_where_the_index_cannot_be_written_events_are_in_memory(tmp_path: Path) -> None:
    (tmp_path / INDEX).mkdir()
    store = Store(tmp_path)
    assert store.log(KEY).broken == "Is a directory"
    store.log(KEY).append(b"")
    store.skip(KEY, 5)
    assert store.log(KEY).next == 5 and not list(tmp_path.glob("*.bep"))


def test_an_index_that_goes_away_breaks_the_next_gap_only(tmp_path: Path) -> None:
    store = Store(tmp_path)
    log = store.log(KEY)
    (tmp_path / INDEX).unlink()
    (tmp_path / INDEX).mkdir()
    log.append(b"")
    before = log.broken
    store.skip(KEY, 9)
    assert (before, log.broken, log.next) == ("", "Is a directory", 9)


def test_old_logs_are_removed_and_nothing_else(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number in range(6):
        log = store.log(Key("b", f"run{number}"))
        log.append(b"")
        os.utime(log.path, (0, 1_000_000 + number))
    os.utime(tmp_path / "run0.bep")  # the oldest stream is still being written
    (tmp_path / "theirs.bep").write_bytes(b"")
    os.utime(tmp_path / "theirs.bep", (0, 0))
    later = Store(tmp_path, keep=3)
    left = {"run0.bep", "run4.bep", "run5.bep"}
    assert {path.name for path in tmp_path.iterdir()} == left | {"theirs.bep", INDEX}
    assert {line["file"] for line in index(tmp_path)} == left
    store.log(Key("b", "after"))  # one that was there before goes on
    assert {line["file"] for line in index(tmp_path)} == left | {"after.bep"}
    assert later.log(Key("b", "run5")).next == 2 and later.log(Key("b", "run1")).next == 1


def test_many_processes_write_one_index(tmp_path: Path) -> None:
    def work(number: int) -> None:
        store = Store(tmp_path, keep=0)
        for each in range(20):
            log = store.log(Key(str(number), f"run{number}-{each}"))
            os.utime(log.path, (0, 0))
            Store(tmp_path, keep=each % 2 * 100)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(len(line) == 6 for line in index(tmp_path))
    known = {line["file"] for line in index(tmp_path)}
    assert {path.name for path in tmp_path.glob("*.bep")} <= known
    assert not list(tmp_path.glob("*.new"))
