"""Bodies of requests: whole, long, and from clients that are faster than their reader."""

import asyncio
from typing import Any

import pytest

from mock.engine.http.limits import Limits
from mock.engine.http.testing_http1 import BUFFERS, PIECE, Engine, run, served, told, until


@pytest.mark.parametrize("chunked", [False, True])
def test_a_long_body_waits_for_its_reader(chunked: bool) -> None:
    async def story() -> None:
        engine = Engine()
        limits = Limits(whole=100_000, waiting=100_000)
        count = 1000
        async with served(engine, limits) as server:
            peer = await server.connect()
            if chunked:
                peer.ask("/slow", "POST", "Transfer-Encoding: chunked")
            else:
                peer.ask("/slow", "POST", f"Content-Length: {count * len(PIECE)}")
            for _ in range(count):
                peer.send(b"%x\r\n%b\r\n" % (len(PIECE), PIECE) if chunked else PIECE)
            if chunked:
                peer.send(b"0\r\n\r\n")
            await until(lambda: bool(engine.seen) and engine.seen[0].incoming is not None)
            await asyncio.sleep(0.1)
            incoming: Any = engine.seen[0].incoming
            # At most one read more than may wait.
            assert 0 < incoming.waiting < limits.waiting + 512 * 1024
            left = peer.writer.transport.get_write_buffer_size()
            assert left > count * len(PIECE) - BUFFERS
            for _ in range(10 * count):
                engine.may.release()
            assert (await peer.answer()).body == b"%d" % (count * len(PIECE))
            peer.ask("/again")
            assert told((await peer.answer()).body)["target"] == "/again"

    run(story())


def test_bodies_up_to_the_limit_are_whole() -> None:
    async def story() -> None:
        async with served(Engine(), Limits(whole=1000)) as server:
            peer = await server.connect()
            for size, streamed in [(1000, False), (1001, True), (3, False)]:
                peer.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size)
                await asyncio.sleep(0.01)
                peer.send(b"x" * size)
                got = told((await peer.answer()).body)
                assert (got["size"], got["streamed"]) == (size, streamed)

    run(story())


def test_an_answer_before_the_end_of_the_body() -> None:
    """The rest of the body is read and dropped, and the connection stays."""

    async def story() -> None:
        async with served(Engine(), Limits(whole=1000)) as server:
            peer = await server.connect()
            peer.send(b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n")
            assert (await peer.answer()).body == b"early"
            peer.send(b"x" * 2_000_000)
            peer.ask("/next")
            assert told((await peer.answer()).body)["target"] == "/next"

    run(story())


def test_chunks_with_extensions_and_trailers() -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine, Limits(whole=1000)) as server:
            peer = await server.connect()
            for size in (3, 5000):
                peer.ask("/", "POST", "Transfer-Encoding: Chunked", "Trailer: X-Sum, Host")
                peer.send(b'%x;name="a;b"\r\n%b\r\n' % (size, b"x" * size))
                await asyncio.sleep(0.01)
                peer.send(b"1\r\ny\r\n0\r\nX-Sum: 1\r\nHost: b\r\n\r\n")
                got = told((await peer.answer()).body)
                assert got["size"] == size + 1
                # Trailers are no headers: what is decided by headers can't be changed by them.
                assert [value for name, value in got["headers"] if name in ("host", "x-sum")] == ["a"]

    run(story())
