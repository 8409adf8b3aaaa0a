"""Answers of HTTP/1.1: framing, headers, streams."""

import asyncio

import pytest

from mock.engine.answer import Answer
from mock.engine.http.testing_http1 import BUFFERS, PIECE, Engine, run, served, told, until
from mock.engine.request import Request


def test_answers_without_a_body() -> None:
    async def story() -> None:
        async with served(Engine()) as server:
            peer = await server.connect()
            for target, method, length in [
                ("/bytes/12", "HEAD", "12"),
                ("/chunks/3", "HEAD", None),
                ("/status/204", "GET", None),
                ("/status/304", "GET", None),
            ]:
                peer.ask(target, method)
                got = await peer.answer(method)
                assert length is None or got["content-length"] == length
                assert length is not None or "content-length" not in got
                assert got.status in (204, 304) or length or got["transfer-encoding"] == "chunked"
            peer.ask("/bytes/1")  # nothing was left of those before
            assert (await peer.answer()).body == b"x"

    run(story())


def test_streams_come_in_chunks_and_keep_the_connection() -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            peer = await server.connect()
            for _ in range(2):
                peer.ask("/chunks/3")
                got = await peer.answer()
                assert (got.body, "content-length" in got) == (b"0\n1\n2\n", False)
        assert engine.ended == ["complete", "complete"]

    run(story())


def test_a_stream_waits_for_its_reader() -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            peer = await server.connect()
            peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
            peer.ask("/endless")
            await until(lambda: engine.made > 1)
            await asyncio.sleep(0.2)
            made = engine.made
            await asyncio.sleep(0.1)
            assert engine.made == made
            assert made * len(PIECE) < BUFFERS
            peer.writer.transport.resume_reading()  # type: ignore[attr-defined]
            await peer.reader.readexactly(made * len(PIECE))
            await until(lambda: engine.made > made)

    run(story())


class Saying(Engine):
    """Answers with the headers that it was made with; /stream as a stream, /S with status S."""

    def __init__(self, *headers: tuple[bytes, bytes]) -> None:
        super().__init__()
        self.headers = headers

    def handle(self, request: Request) -> Answer:
        last = request.path[1:]
        if last == "stream":
            return Answer(200, self.headers, chunks=self._chunks(1))
        return Answer(int(last) if last.isdecimal() else 200, self.headers, b"abc")


def test_headers_of_the_front_are_said_once() -> None:
    """A stub that says them too does not get them twice, nor may it break a line."""
    engine = Saying(
        (b"Content-Length", b"99"),
        (b"Date", b"then"),
        (b"Connection", b"upgrade"),
        (b"Keep-Alive", b"timeout=5"),
        (b"Transfer-Encoding", b"gzip"),
        (b"x-a", b"1\r\nx-b: 2"),
    )

    async def story() -> None:
        async with served(engine) as server:
            peer = await server.connect()
            for target, body, framing in (
                ("/whole", b"abc", ("content-length", "3")),
                ("/stream", b"0\n", ("transfer-encoding", "chunked")),
            ):
                peer.ask(target)
                got = await peer.answer()
                assert got.body == body
                assert sorted(got.lines) == sorted([framing, ("date", "then"), ("x-a", "1  x-b: 2")])

    run(story())


@pytest.mark.parametrize("target", ["/whole", "/stream"])
def test_an_answer_may_close_its_connection(target: str) -> None:
    async def story() -> None:
        for value, closes in ((b"close", True), (b"X-Own, Close", True), (b"keep-alive", False)):
            async with served(Saying((b"connection", value))) as server:
                peer = await server.connect()
                peer.ask(target)
                peer.ask("/next")
                got = await peer.answer()
                if closes:
                    assert got["connection"] == "close"
                    assert await peer.rest() == (b"", "FIN")
                else:
                    assert "connection" not in got
                    assert (await peer.answer()).body == b"abc"

    run(story())


@pytest.mark.parametrize(
    ("method", "target", "length"),
    [
        ("HEAD", "/", "99"),
        ("HEAD", "/stream", "99"),
        ("GET", "/304", "99"),
        ("GET", "/204", None),
        ("HEAD", "/204", None),
    ],
)
def test_the_length_of_a_body_that_stays_away_may_be_said(method: str, target: str, length: str | None) -> None:
    """RFC 9110 section 8.6."""

    async def story() -> None:
        async with served(Saying((b"content-length", b"99"))) as server:
            peer = await server.connect()
            peer.ask(target, method)
            got = await peer.answer(method)
            assert [value for name, value in got.lines if name == "content-length"] == ([length] if length else [])
            peer.ask("/")
            assert (await peer.answer()).body == b"abc"

    run(story())


def test_whole_answers_wait_for_their_reader() -> None:
    """A pipeline of small requests for large answers, from a client that does not read."""

    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            peer = await server.connect()
            peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
            size, count = 1 << 20, 500
            for _ in range(count):
                peer.ask(f"/bytes/{size}")
            await until(lambda: bool(engine.seen))
            await asyncio.sleep(0.1)
            assert len(engine.seen) * size < BUFFERS
            peer.writer.transport.resume_reading()  # type: ignore[attr-defined]
            for _ in range(count):
                assert len((await peer.answer()).body) == size
            peer.ask("/next")
            assert told((await peer.answer()).body)["target"] == "/next"

    run(story())
