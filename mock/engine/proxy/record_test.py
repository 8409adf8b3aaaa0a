"""What is recorded answers the same again, through the engine."""

import asyncio
from pathlib import Path

import orjson
import pytest

from mock.engine.answer import JSON, Answer
from mock.engine.engine import Engine
from mock.engine.journal.testing import NDJSON, apis, exchange, request, stream
from mock.engine.proxy.record import check, write
from mock.engine.request import Request
from mock.engine.stubs.files import read_scenario


async def answer_of(engine: Engine, asked: Request) -> tuple[int, bytes]:
    made = engine.handle(asked)
    answer = made if isinstance(made, Answer) else await made
    pieces = [answer.body] if answer.chunks is None else [piece async for piece in answer.chunks]
    return answer.status, b"".join(pieces)


@pytest.mark.parametrize("name", ["seen.json", "seen.yaml"])
async def test_a_recording_is_a_scenario(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    engine = Engine(apis())
    session = engine.session("default")
    chat = b'{"prompt":"{{ a }}","stream":true}'
    exchange(session.journal, request("GET", "/v1/items?limit=1"), Answer(200, JSON, b'{"items":[],"odd":"{{ x }}"}'))
    exchange(session.journal, request("GET", "/v1/items?limit=1"), Answer(503, JSON, b'{"detail":"busy"}'))
    exchange(
        session.journal, request("GET", "/elsewhere"), Answer(200, ((b"content-type", b"text/plain"),), b"2026-01-01")
    )
    await stream(session.journal, request("POST", "/v1/chat", chat), NDJSON, [b'{"text":"a"}\n', b'{"text":"b"}\n'])
    exchange(session.journal, request("GET", "/cut"), ended="cut")
    file = tmp_path / name
    write(file, session)
    assert "not recorded: entry 5 (GET /cut): its answer did not come to its end (cut)" in capsys.readouterr().err
    again = Engine(apis())
    await again.session("default").load(read_scenario(file))
    assert orjson.loads((await answer_of(again, request("GET", "/v1/items?limit=1")))[1]) == {
        "items": [],
        "odd": "{{ x }}",
    }
    for _ in range(2):
        assert await answer_of(again, request("GET", "/v1/items?limit=1")) == (503, b'{"detail":"busy"}')
    assert await answer_of(again, request("GET", "/elsewhere")) == (200, b"2026-01-01")
    assert await answer_of(again, request("POST", "/v1/chat", chat)) == (200, b'{"text":"a"}\n{"text":"b"}\n')


def test_the_old_file_stays_where_the_new_one_can_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Engine(apis()).session("default")
    file = tmp_path / "seen.json"
    write(file, session)
    before = file.read_bytes()
    exchange(session.journal)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(file, session)
    assert file.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["seen.json"]


def test_where_it_can_not_be_written_is_told_at_the_beginning(tmp_path: Path) -> None:
    check(tmp_path / "a.yml")
    folder = tmp_path / "folder.json"
    folder.mkdir()
    for file, reason in (
        (tmp_path / "a.txt", "ends in .json, .yaml or .yml"),
        (tmp_path / "none" / "a.json", "folder is not there"),
        (folder, "is a folder"),
    ):
        with pytest.raises(ValueError, match=reason):
            check(file)


async def test_what_was_evicted_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine = Engine(apis(), journal_bytes=5000)
    session = engine.session("default")
    for _ in range(20):
        exchange(session.journal)
    await asyncio.sleep(0)
    write(tmp_path / "a.json", session)
    assert f"not recorded: entries 1 to {session.journal.evicted}: evicted" in capsys.readouterr().err
