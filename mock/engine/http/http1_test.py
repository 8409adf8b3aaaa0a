"""A connection of HTTP/1.1 as a client that is nothing but bytes sees it."""

import asyncio
from pathlib import Path

import pytest

from mock.engine.http.testing_http1 import PIECE, Engine, run, served, told, until
from mock.server.certificate import generated


def test_keep_alive() -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            peer = await server.connect()
            for number in range(3):
                peer.ask(f"/items/{number}?a=b", "POST", "X-Own: 1", body=b"12345")
                got = await peer.answer()
                assert (got.status, told(got.body)["target"], told(got.body)["body"]) == (
                    200, f"/items/{number}?a=b", "12345",
                )  # fmt: skip
                assert ["x-own", "1"] in told(got.body)["headers"]
                assert "connection" not in got
                assert got["date"].endswith("GMT")
            assert len(server.fronts) == 1
            peer.ask("/", "GET", "Connection: close")
            assert (await peer.answer())["connection"] == "close"
            assert await peer.rest() == (b"", "FIN")
        assert engine.ended == ["complete"] * 4

    run(story())


def test_a_byte_at_a_time() -> None:
    async def story() -> None:
        async with served(Engine()) as server:
            peer = await server.connect()
            for (
                byte
            ) in b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: b\r\n\r\n":
                peer.send(bytes((byte,)))
                await asyncio.sleep(0)
            assert told((await peer.answer()).body)["body"] == "abc"
            assert told((await peer.answer()).body)["target"] == "/b"

    run(story())


def test_pipelined_requests_are_answered_in_order() -> None:
    async def story() -> None:
        async with served(Engine()) as server:
            peer = await server.connect()
            for number in range(5):
                peer.ask(f"/{number}", "POST", body=b"x" * number)
            for number in range(5):
                got = told((await peer.answer()).body)
                assert (got["target"], got["size"]) == (f"/{number}", number)

    run(story())


def test_pipelined_behind_an_answer_that_waits() -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            peer = await server.connect()
            peer.ask("/later")
            peer.ask("/chunks/2")
            peer.ask("/last")
            await peer.quiet()
            assert len(engine.seen) == 1
            engine.go.set()
            assert (await peer.answer()).body == b"later"
            assert (await peer.answer()).body == b"0\n1\n"
            assert told((await peer.answer()).body)["target"] == "/last"
            peer.ask("/later")
            assert (await peer.answer()).body == b"later"

    run(story())


def test_a_long_pipeline_pauses_reading() -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            peer = await server.connect()
            peer.ask("/later")
            await until(lambda: bool(engine.seen))
            count = 1000
            for number in range(count):
                peer.ask(f"/{number}", "POST", body=PIECE)
            await asyncio.sleep(0.05)
            waiting = len(server.fronts[0]._queue)
            assert 0 < waiting < count // 2
            engine.go.set()
            await peer.answer()
            for number in range(count):
                assert told((await peer.answer()).body)["target"] == f"/{number}"

    run(story())


def test_close_ends_idle_connections_now_and_busy_ones_later() -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            idle, busy = await server.connect(), await server.connect()
            idle.ask("/bytes/1")
            await idle.answer()
            busy.ask("/later")
            busy.ask("/never-answered")
            await until(lambda: len(engine.seen) == 2)
            for front in server.fronts:
                front.close()
            assert await idle.rest() == (b"", "FIN")
            await busy.quiet()
            engine.go.set()
            got = await busy.answer()
            assert (got.body, got["connection"]) == (b"later", "close")
            assert await busy.rest() == (b"", "FIN")
            assert len(engine.seen) == 2

    run(story())


def test_abort_ends_at_once() -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            peer, waits = await server.connect(), await server.connect()
            peer.ask("/endless")
            waits.ask("/later")
            await until(lambda: engine.made > 1 and len(engine.seen) == 2)
            for front in server.fronts:
                front.abort()
            await until(lambda: engine.closed == 2)
            assert engine.ended == ["client gone"]
            assert (await waits.rest())[0] == b""

    run(story())


def test_defects_are_said_and_not_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            peer = await server.connect()
            peer.ask("/raise")
            assert (await peer.answer()).status == 500
            peer.ask("/broken")
            sent, ended = await peer.rest()
            assert (sent.endswith(b"3\r\none\r\n"), ended) == (True, "FIN")
        assert engine.ended == ["cut"]

    run(story())
    assert capsys.readouterr().err.count("RuntimeError: a defect") == 2


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("unix", [False, True])
def test_tls_and_unix_sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secure: bool, unix: bool) -> None:
    monkeypatch.chdir(tmp_path)  # the names of sockets are short

    async def story() -> None:
        engine = Engine()
        tls = generated() if secure else None
        async with served(engine, unix=Path("socket") if unix else None, tls=tls) as server:
            peer = await server.connect()
            for target in ("/bytes/3", "/bytes/500000", "/chunks/2", "/bytes/3"):
                peer.ask(target)
            assert [len((await peer.answer()).body) for _ in range(4)] == [3, 500000, 4, 3]
            peer.ask("/", "POST", body=b"x" * 3_000_000)
            assert told((await peer.answer()).body)["size"] == 3_000_000
            connection = engine.seen[0].connection
            assert (connection.secure, connection.peer.startswith("127.0.0.1:")) == (secure, not unix)
            peer.ask("/endless")
            await until(lambda: engine.made > 1)
            peer.writer.close()
            await until(lambda: engine.closed == 1)
            assert engine.ended[-1] == "client gone"

    run(story())
