"""Clients that leave, that close their side, and that fall silent."""

import asyncio

import pytest

from mock.engine.http import http1
from mock.engine.http.limits import Limits
from mock.engine.http.testing_http1 import Engine, run, served, told, until


def test_a_client_that_leaves_a_stream() -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            peer = await server.connect()
            peer.ask("/endless")
            await until(lambda: engine.made > 1)
            peer.writer.transport.abort()
            await until(lambda: engine.closed == 1)
            assert engine.ended == ["client gone"]
            peer = await server.connect()
            peer.ask("/endless")
            await until(lambda: engine.made > 1)
            peer.writer.close()  # in an orderly way: our next pieces tell that nobody reads
            await until(lambda: engine.closed == 2)
            assert engine.ended == ["client gone"] * 2

    run(story())


def test_a_client_that_leaves_within_its_body() -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine, Limits(whole=1000)) as server:
            peer = await server.connect()
            peer.send(b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n" + b"x" * 2000)
            await until(lambda: bool(engine.seen))
            peer.writer.close()
            for _ in range(5):
                engine.may.release()
            task = server.fronts[0]._task
            await until(lambda: task is not None and task.done())
            assert await peer.rest() == (b"", "FIN")

    run(story())


def test_a_client_that_closes_its_side_gets_its_answers() -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            for requests in (["/later"], ["/later", "/chunks/2", "/bytes/3"], ["/bytes/3"], ["/chunks/2"]):
                engine.go.clear()
                peer = await server.connect()
                for target in requests:
                    peer.ask(target)
                peer.end()
                await asyncio.sleep(0.02)
                engine.go.set()
                bodies = {"/later": b"later", "/chunks/2": b"0\n1\n", "/bytes/3": b"xxx"}
                for target in requests:
                    assert (await peer.answer()).body == bodies[target]
                assert await peer.rest() == (b"", "FIN")

    run(story())


def test_a_client_that_closes_its_side_may_wait_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http1, "_SILENT_S", 0.02)

    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            peer = await server.connect()
            peer.ask("/later")
            peer.end()
            await asyncio.sleep(0.3)
            engine.go.set()
            assert (await peer.answer()).body == b"later"

    run(story())


def test_a_client_that_closes_both_sides_is_gone_at_once() -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            peer = await server.connect()
            peer.ask("/later")
            await until(lambda: bool(engine.seen))
            peer.writer.close()
            async with asyncio.timeout(http1._SILENT_S / 2):
                await until(lambda: engine.closed == 1)

    run(story())


def test_where_there_is_no_telling_a_client_that_hears_nothing_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http1, "_SILENT_S", 0.15)
    monkeypatch.setattr(http1, "still_reads", lambda own: None)

    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            peer = await server.connect()
            peer.ask("/later")
            peer.end()
            await until(lambda: engine.closed == 1)
            assert (await peer.rest())[0] == b""
            # One that is told something now and then is not.
            peer = await server.connect()
            peer.ask("/steady")
            peer.end()
            assert (await peer.answer()).body == b"012"

    run(story())


@pytest.mark.parametrize("sent", [b"", b"GET", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc"])
def test_half_a_request_is_none(sent: bytes) -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            peer = await server.connect()
            peer.send(sent)
            peer.end()
            assert await peer.rest() == (b"", "FIN")
        assert engine.seen == []

    run(story())


IDLE = Limits(idle_s=0.1, whole=1000, waiting=1000)


def test_an_idle_connection_is_closed() -> None:
    async def story() -> None:
        async with served(Engine(), IDLE) as server:
            fresh, used = await server.connect(), await server.connect()
            for _ in range(5):
                used.ask("/bytes/1")
                await used.answer()
                await asyncio.sleep(0.05)
            assert await fresh.rest() == (b"", "FIN")
            assert await used.rest() == (b"", "FIN")

    run(story())


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHos",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc",
        b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\nabc",
    ],
)
def test_a_request_that_stops_in_the_middle_is_told(sent: bytes) -> None:
    async def story() -> None:
        engine = Engine()
        engine.may.release()
        async with served(engine, IDLE) as server:
            peer = await server.connect()
            peer.send(sent)
            got = await peer.answer()
            assert (got.status, got["connection"]) == (408, "close")
            assert "0.1 s" in told(got.body)["error"]
            assert await peer.rest() == (b"", "FIN")

    run(story())


def test_who_waits_for_an_answer_is_not_idle() -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine, IDLE) as server:
            waits, slow, full = [await server.connect() for _ in range(3)]
            waits.ask("/later")
            # The backend is behind with reading, the client could send no more if it wanted to.
            slow.ask("/slow", "POST", body=b"x" * 2_000_000)
            full.writer.transport.pause_reading()  # type: ignore[attr-defined]
            full.ask("/endless")
            await asyncio.sleep(0.5)
            engine.go.set()
            assert (await waits.answer()).body == b"later"
            for _ in range(10_000):
                engine.may.release()
            assert (await slow.answer()).body == b"2000000"
            assert engine.closed == 0

    run(story())
