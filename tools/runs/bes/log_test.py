from __future__ import annotations

import io
from pathlib import Path

import pytest
from bazel import build_event_stream_pb2 as bep

from tools.runs.bes import log as module
from tools.runs.bes.log import Log
from tools.runs.events import Completed, Event, Notice, Progress, binary


def built(number: int, text: str = "") -> bytes:
    event = bep.BuildEvent()
    event.id.target_completed.label = f"//:t{number}"
    event.completed.failure_detail.message = text
    return event.SerializeToString()


def console(text: str) -> bytes:
    return bep.BuildEvent(progress=bep.Progress(stderr=text)).SerializeToString()


def labels(events: list[Event]) -> list[str]:
    return [event.label for event in events if isinstance(event, Completed)]


def test_what_is_appended_is_in_the_file_at_once_and_is_read_once(tmp_path: Path) -> None:
    log = Log(tmp_path / "a.bep")
    reader = log.read()
    assert next(reader) == []
    for number in range(1, 4):
        assert log.next == number
        log.append(built(number))
        assert [data for data, _ in binary.records(io.BytesIO(log.path.read_bytes()))][-1] == built(number)
    assert labels(next(reader)) == ["//:t1", "//:t2", "//:t3"] and next(reader) == []
    log.append(console("words"))
    assert next(reader) == [Progress("words")]
    log.finish()
    log.finish()
    assert log.finished and log.next == 5 and next(reader) == []
    assert log.stored == log.path.stat().st_size


def test_the_next_process_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "a.bep"
    for first in (1, 4):
        log = Log(path)
        assert (log.next, log.records) == (first, first - 1)
        for number in range(first, first + 3):
            log.append(built(number))
        log.close()
    assert Log(path, record=5, sequence=105).next == 107  # two records since the gap before number 105


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_half_a_record_is_taken_away(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.bep"
    log = Log(path)
    log.append(built(1))
    log.append(built(2, "x" * 1000))
    path.write_bytes(path.read_bytes()[:-cut])
    again = Log(path)
    assert again.next == 2 and path.stat().st_size == again.stored == len(built(1)) + 1


def test_a_link_that_stands_in_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"\x05abc")
    (tmp_path / "a.bep").symlink_to(tmp_path / "precious")
    log = Log(tmp_path / "a.bep")
    log.append(built(1))
    assert log.broken and (tmp_path / "precious").read_bytes() == b"\x05abc"
    assert labels(next(log.read())) == ["//:t1"]


def test_memory_has_an_end_and_console_text_no_place_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MEMORY", 10_000)
    log = Log(tmp_path / "no" / "a.bep")
    assert log.broken == "No such file or directory"
    for number in range(1, 100):
        log.append(built(number, "x" * 1000))
        log.append(console("y" * 100_000))
    log.append(b"\xff\xff")
    assert log.next == 200
    first, *events, last = next(log.read())
    assert isinstance(first, Notice) and first.where.endswith("a.bep") and "no longer stored" in first.text
    assert labels(events) == [f"//:t{number}" for number in range(1, 10)]
    assert last == Notice("", "more than 10,000 bytes of build events in memory: the rest is left out")


def test_a_reader_takes_a_long_log_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE", 1000)
    log = Log(tmp_path / "a.bep")
    for number in range(100):
        log.append(built(number, "x" * 90))
    log.give_up(OSError("gone"))
    log.append(built(100))
    reader, pieces = log.read(), []
    while piece := next(reader):
        pieces.append(piece)
    assert len(pieces) >= 10 and all(len(piece) < 20 for piece in pieces)
    assert labels([event for piece in pieces for event in piece]) == [f"//:t{number}" for number in range(101)]
    assert isinstance(pieces[-1][-2], Notice)  # what is in memory comes after what is stored


def test_garbage_in_a_record_is_told_once(tmp_path: Path) -> None:
    log = Log(tmp_path / "a.bep")
    for data in (built(1), b"\xff", b"\xff", built(2)):
        log.append(data)
    one, notice, two = next(log.read())
    assert labels([one, two]) == ["//:t1", "//:t2"]
    assert isinstance(notice, Notice) and notice.where == f"{log.path}: byte {len(built(1)) + 1}"
