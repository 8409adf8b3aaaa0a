"""A small real server on loopback, spoken to through the proxy."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import monotonic

import orjson
import pytest

from mock.engine.answer import Answer
from mock.engine.journal.journal import Journal
from mock.engine.journal.testing import CLOCK, pieces_of, request
from mock.engine.proxy.upstream import Upstream

Handler = Callable[[bytes, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(handle: Handler, path: str = "", **timeouts: float) -> AsyncIterator[tuple[Upstream, int]]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(await reader.readuntil(b"\r\n\r\n"), reader, writer)
        finally:
            writer.close()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    upstream = Upstream(f"http://127.0.0.1:{port}{path}", **timeouts)
    try:
        yield upstream, port
    finally:
        await upstream.close()
        listening.close()


def answering(data: bytes, seen: list[bytes] | None = None) -> Handler:
    async def handle(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        body = await reader.readexactly(length)
        if seen is not None:
            seen.append(head + body)
        writer.write(data)
        await writer.drain()

    return handle


async def body_of(answer: Answer) -> bytes:
    return answer.body if answer.chunks is None else b"".join([piece async for piece in answer.chunks])


def error_of(answer: Answer) -> str:
    error = orjson.loads(answer.body)["error"]
    assert isinstance(error, str)
    return error


async def test_a_request_goes_through_and_its_answer_back() -> None:
    seen: list[bytes] = []
    head = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX-A: 1\r\nX-A: 2\r\n"
    data = head + b"Connection: x-b\r\nX-B: 3\r\nDate: now\r\n\r\n{}"
    headers = [
        (b"host", b"mock"),
        (b"x-api-key", b"k"),
        (b"connection", b"keep-alive, x-hop"),
        (b"x-hop", b"1"),
        (b"te", b"trailers"),
        (b"x-samewire-session", b"s"),
        (b"content-length", b"5"),
    ]
    async with server(answering(data, seen), "/base") as (upstream, port):
        answer = await upstream.forward(request("POST", "/a%2Fb?x=%20&y", b"hello", headers))
    lines = seen[0].split(b"\r\n")
    assert lines[0] == b"POST /base/a%2Fb?x=%20&y HTTP/1.1"
    sent = sorted(line.lower() for line in lines[1:-2])
    assert sent == [b"content-length: 5", b"host: 127.0.0.1:%d" % port, b"x-api-key: k"]
    assert lines[-1] == b"hello"
    assert (answer.status, answer.body) == (201, b"{}")
    assert answer.headers == ((b"x-a", b"1"), (b"x-a", b"2"))


async def test_redirects_and_packed_bodies_pass_as_they_are() -> None:
    packed = gzip.compress(b'{"a":1}')
    head = b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(
        packed
    )
    journal = Journal()
    async with server(answering(head + packed)) as (upstream, _):
        asked = request("GET", "/")
        record = journal.open(asked, CLOCK)
        answer = await upstream.forward(asked)
    record.answered(answer)
    record.close()
    assert (answer.status, answer.body) == (302, packed)
    shown = journal.entry(1).answer
    assert shown is not None and shown.json_ == {"a": 1}


async def test_pieces_pass_as_they_come_and_their_times_are_kept() -> None:
    gate = asyncio.Event()

    async def handle(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for number in range(2):
            event = b'data: {"n":%d}\n\n' % number
            writer.write(b"%x\r\n%s\r\n" % (len(event), event))
            await writer.drain()
            await gate.wait()
            await asyncio.sleep(0.05)
        writer.write(b"0\r\n\r\n")

    journal = Journal()
    async with server(handle) as (upstream, _):
        asked = request("GET", "/")
        record = journal.open(asked, CLOCK)
        answer = await upstream.forward(asked)
        record.answered(answer)
        assert answer.chunks is not None
        assert await anext(answer.chunks) == b'data: {"n":0}\n\n'
        gate.set()
        assert await anext(answer.chunks) == b'data: {"n":1}\n\n'
        assert [piece async for piece in answer.chunks] == []
        record.close()
    parts = journal.entry(1).parts
    assert [part.body.json_ for part in parts] == [{"n": 0}, {"n": 1}]
    assert parts[1].at_s - parts[0].at_s >= 0.045


async def test_a_body_that_comes_in_pieces_goes_on_in_pieces() -> None:
    seen: list[bytes] = []

    async def handle(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(head + await reader.readuntil(b"0\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with server(handle) as (upstream, _):
        answer = await upstream.forward(request("POST", "/", incoming=pieces_of(b"abc", b"de")))
    assert answer.status == 200
    assert b"transfer-encoding: chunked" in seen[0].lower()
    assert seen[0].endswith(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")


async def test_an_early_end_of_the_client_closes_the_connection() -> None:
    gone = asyncio.Event()

    async def handle(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        await writer.drain()
        await reader.read()
        gone.set()

    async with server(handle) as (upstream, _):
        answer = await upstream.forward(request("GET", "/"))
        assert answer.chunks is not None
        assert await anext(answer.chunks) == b"a"
        await answer.chunks.aclose()  # type: ignore[attr-defined]
        await asyncio.wait_for(gone.wait(), 5)


async def test_who_is_not_there_is_a_502() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        upstream = Upstream(f"http://127.0.0.1:{taken.getsockname()[1]}")
        answer = await upstream.forward(request("GET", "/"))
    assert answer.status == 502
    assert "can't be reached" in error_of(answer) and upstream.url in error_of(answer)
    await upstream.close()


async def test_who_is_silent_is_a_504() -> None:
    async def handle(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with server(handle, read=0.1) as (upstream, _):
        begin = monotonic()
        answer = await upstream.forward(request("GET", "/"))
        assert answer.status == 504 and "in time" in error_of(answer)
        assert 0.1 <= monotonic() - begin < 5


@pytest.mark.parametrize(
    "data",
    [b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", b""],
    ids=["garbage", "short", "empty"],
)
async def test_who_speaks_no_http_is_a_502(data: bytes) -> None:
    async with server(answering(data)) as (upstream, _):
        assert (await upstream.forward(request("GET", "/"))).status == 502


async def test_a_stream_that_breaks_off_is_an_error_of_its_pieces() -> None:
    import httpx

    async with server(answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")) as (upstream, _):
        answer = await upstream.forward(request("GET", "/"))
        with pytest.raises(httpx.HTTPError):
            await body_of(answer)


async def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    async with server(answering(b"HTTP/1.1 200 OK\r\n\r\nall of it")) as (upstream, _):
        assert await body_of(await upstream.forward(request("GET", "/"))) == b"all of it"


async def test_head_and_no_content() -> None:
    async with server(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")) as (upstream, _):
        assert (await upstream.forward(request("HEAD", "/"))).body == b""
    async with server(answering(b"HTTP/1.1 204 No Content\r\n\r\n")) as (upstream, _):
        answer = await upstream.forward(request("DELETE", "/"))
        assert (answer.status, await body_of(answer)) == (204, b"")


async def test_grpc_is_refused_with_the_reason() -> None:
    upstream = Upstream("http://127.0.0.1:1")
    answer = await upstream.forward(request("POST", "/a.B/C", protocol="gRPC"))
    assert answer.status == 501 and "gRPC" in error_of(answer)
    await upstream.close()


@pytest.mark.parametrize(
    "url", ["", "localhost:80", "ftp://a", "http://", "http://a:99999", "http://a/?x=1", "http://u:p@a", "http://[a"]
)
def test_a_bad_url_is_one_line(url: str) -> None:
    with pytest.raises(ValueError) as error:
        Upstream(url)
    assert str(error.value).startswith("--proxy") and "\n" not in str(error.value)
