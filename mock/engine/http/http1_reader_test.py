"""Requests of HTTP/1.1 and 1.0: their forms, and what is refused."""

import asyncio
import json

import pytest

from mock.engine.http.limits import Limits
from mock.engine.http.testing_http1 import Engine, Peer, run, served, told, until


def test_http_1_0() -> None:
    async def story() -> None:
        async with served(Engine()) as server:
            peer = await server.connect()
            peer.send(b"GET /bytes/3 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            got = await peer.answer()
            assert (got.body, got["connection"]) == (b"xxx", "keep-alive")
            peer.send(b"GET /bytes/4 HTTP/1.0\r\n\r\n")
            got = await peer.answer()
            assert (got.body, got["connection"]) == (b"xxxx", "close")
            assert await peer.rest() == (b"", "FIN")
            # It knows no chunks: a stream ends with the connection.
            peer = await server.connect()
            peer.send(b"GET /chunks/3 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            got = await peer.answer()
            assert (got.body, "transfer-encoding" in got, got["connection"]) == (b"0\n1\n2\n", False, "close")

    run(story())


def test_forms_of_the_target() -> None:
    async def story() -> None:
        async with served(Engine()) as server:
            peer = await server.connect()
            for method, target, seen in [
                ("GET", "http://a:80/path?q", "/path?q"),
                ("GET", "http://a", "/"),
                ("GET", "http://a?q=1", "/?q=1"),
                ("GET", "/%2F/../b//c?x=http://y", "/%2F/../b//c?x=http://y"),
            ]:
                peer.ask(target, method)
                assert told((await peer.answer()).body)["target"] == seen

    run(story())


def test_upgrades_are_ignored() -> None:
    """What `curl --http2` and websocket clients send."""

    async def story() -> None:
        async with served(Engine()) as server:
            peer = await server.connect()
            more = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA")
            peer.ask("/up", "POST", *more, body=b"abc")
            got = told((await peer.answer()).body)
            assert (got["target"], got["body"]) == ("/up", "abc")
            peer.ask("/next")
            assert told((await peer.answer()).body)["target"] == "/next"

    run(story())


def test_expect_100_continue() -> None:
    async def story() -> None:
        async with served(Engine()) as server:
            peer = await server.connect()
            for length in (3, 3_000_000):
                peer.ask("/", "POST", f"Content-Length: {length}", "Expect: 100-Continue")
                got = await peer.answer()
                assert (got.status, got.lines) == (100, [])
                peer.send(b"x" * length)
                assert told((await peer.answer()).body)["size"] == length
            # One that does not wait is not told to go on.
            peer.ask("/", "POST", "Expect: 100-continue", body=b"abc")
            assert (await peer.answer()).status == 200

    run(story())


def test_expect_of_http_1_0_means_nothing() -> None:
    async def story() -> None:
        async with served(Engine()) as server:
            peer = await server.connect()
            peer.send(b"POST / HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            await peer.quiet()
            peer.send(b"abc")
            assert told((await peer.answer()).body)["body"] == "abc"

    run(story())


def test_expect_behind_an_answer_that_waits() -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            for length in (3, 3_000_000):
                engine.go.clear()
                peer = await server.connect()
                peer.ask("/later")
                peer.ask("/", "POST", f"Content-Length: {length}", "Expect: 100-continue")
                await peer.quiet()
                engine.go.set()
                assert (await peer.answer()).body == b"later"
                assert (await peer.answer()).status == 100
                peer.send(b"x" * length)
                assert told((await peer.answer()).body)["size"] == length

    run(story())


async def refused(peer: Peer) -> int:
    """The status of an answer that closes the connection and says what was wrong."""
    got = await peer.answer()
    assert json.loads(got.body)["error"]
    assert got["connection"] == "close"
    assert await peer.rest() == (b"", "FIN")
    return got.status


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5001\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1389\r\n" + b"x" * 5001, 413),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * 3000 + b"\r\n\r\n", 431),
        (b"GET /" + b"x" * 3000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-Many: 1\r\n" * 300 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nHost: a\r\nExpect: a-miracle\r\nContent-Length: 5\r\n\r\n", 417),
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/3.7\r\nHost: a\r\n\r\n", 400),
    ],
)
@pytest.mark.parametrize("split", [False, True])
def test_refusals(sent: bytes, status: int, split: bool) -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine, Limits(head=2000, whole=1000, body=5000)) as server:
            peer = await server.connect()
            for at in range(0, len(sent), 500 if split else len(sent)):
                peer.send(sent[at : at + 500] if split else sent)
                await asyncio.sleep(0.002)
            assert await refused(peer) == status

    run(story())


CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\n Host: a\r\n\r\n",
        b"GET / HTTP/1.1\nHost: a\n\n",
        b"GET / HTTP/1.1\r\nHost: a\nX-A: 1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\rX-B: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX A: 1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n: 1\r\n\r\n",
        b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
        CHUNKED + b"3\nabc\r\n0\r\n\r\n",
        CHUNKED + b"3\r\nabc0\r\n\r\n",
        CHUNKED + b"3\r\nabcd\r\n0\r\n\r\n",
        CHUNKED + b"-3\r\nabc\r\n0\r\n\r\n",
        CHUNKED + b"FFFFFFFFFFFFFFFFF\r\nabc",
    ],
)
def test_requests_that_could_be_read_in_two_ways_are_refused(sent: bytes) -> None:
    """Nothing of what was smuggled in behind them is answered."""

    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            peer = await server.connect()
            peer.send(sent + b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
            assert await refused(peer) == 400
        assert engine.seen == []

    run(story())


def test_what_follows_the_last_request_is_not_read(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            for last, body in (("/later", b"later"), ("/bytes/1", b"x"), ("/chunks/1", b"0\n")):
                peer = await server.connect()
                peer.ask(last, "GET", "Connection: close")
                peer.send(b"nonsense\r\n\r\n")
                await asyncio.sleep(0.01)
                engine.go.set()
                got = await peer.answer()
                assert (got.body, got["connection"]) == (body, "close")
                assert await peer.rest() == (b"", "FIN")

    run(story())
    assert caplog.records == []  # nothing was written where nothing may be


def test_a_refusal_comes_after_the_answers_before_it() -> None:
    async def story() -> None:
        engine = Engine()
        async with served(engine) as server:
            peer = await server.connect()
            peer.ask("/later")
            peer.send(b"nonsense\r\n\r\n")
            await peer.quiet()
            engine.go.set()
            assert (await peer.answer()).body == b"later"
            assert await refused(peer) == 400

    run(story())


def test_a_refusal_within_a_body_that_is_being_read(capsys: pytest.CaptureFixture[str]) -> None:
    """It is the answer, where there was none yet."""

    async def story() -> None:
        engine = Engine()
        async with served(engine, Limits(whole=1000)) as server:
            begun = b"POST /%b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + b"x" * 2000 + b"\r\n"
            for target in (b"slow", b"endless"):
                peer = await server.connect()
                peer.send(begun % target)
                await until(lambda: bool(engine.seen))
                if target == b"endless":
                    await peer.reader.readuntil(b"\r\n\r\n")
                peer.send(b"no size\r\n")
                if target == b"slow":
                    assert await refused(peer) == 400
                else:
                    peer.writer.close()
                    await until(lambda: engine.closed == 1)
                engine.seen.clear()
            peer = await server.connect()
            peer.ask("/later")
            peer.send(begun % b"slow" + b"no size\r\n")
            await until(lambda: bool(engine.seen))
            engine.go.set()
            assert (await peer.answer()).body == b"later"
            assert await refused(peer) == 400

    run(story())
    assert capsys.readouterr().err == ""


def test_a_refusal_is_seen_by_a_client_that_is_still_sending() -> None:
    """A socket that is closed with unread data resets the connection, and the answer is lost."""

    async def story() -> None:
        async with served(Engine(), Limits(body=5000)) as server:
            peer = await server.connect()
            peer.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n")
            for _ in range(30):
                peer.send(b"x" * 100_000)
                await asyncio.sleep(0.001)
            got = await peer.answer()
            assert got.status == 413
            assert await peer.rest() == (b"", "FIN")

    run(story())
