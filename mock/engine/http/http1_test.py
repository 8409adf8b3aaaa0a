"""HTTP/1.1 and 1.0 as clients that are nothing but bytes see them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import pytest

from mock.engine.answer import TEXT, Answer
from mock.engine.http import http1
from mock.engine.http.limits import Limits
from mock.engine.http.testing import Echo, FakeRecord
from mock.engine.http.testing_http1 import Peer, run, served, until
from mock.engine.request import Request
from mock.server.certificate import generated

# Of the kernel's and the loop's buffers nobody knows more than that they are smaller than this.
BUFFERS = 16 << 20
PIECE = b"x" * 65536


class Engine(Echo):
    """/later: when the test lets it `go`. /endless: pieces without end, `made` counts them. /steady: 3 pieces, 0.1 s
    before each. /slow: reads a piece of the body whenever the test adds to `may`. /raise: a defect."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()
        self.may = asyncio.Semaphore(0)
        self.made = 0
        self.seen: list[Request] = []
        self.problem: Exception | None = None

    def handle(self, request: Request) -> Answer | Awaitable[Answer]:
        self.seen.append(request)
        kind = request.path.partition("/")[2]
        if kind == "later":
            return self._later()
        if kind == "slow":
            return self._slow(request)
        if kind == "raise":
            raise RuntimeError("a defect")
        if kind in ("endless", "steady"):
            answer = Answer(200, TEXT, chunks=self._endless() if kind == "endless" else self._steady())
            answer.record = FakeRecord()  # type: ignore[assignment]
            self.records.append(answer.record)  # type: ignore[arg-type]
            return answer
        return super().handle(request)

    @property
    def ended(self) -> list[str]:
        return [one for record in self.records for one in record.ended]

    async def _later(self) -> Answer:
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.closed += 1
            raise
        return Answer(200, TEXT, b"later")

    async def _slow(self, request: Request) -> Answer:
        assert request.incoming is not None
        size = 0
        try:
            async for piece in request.incoming:
                size += len(piece)
                await self.may.acquire()
        except ConnectionError as error:
            self.problem = error
            raise
        return Answer(200, TEXT, b"%d" % size)

    async def _endless(self) -> AsyncIterator[bytes]:
        try:
            while True:
                self.made += 1
                yield PIECE
                await asyncio.sleep(0)
        finally:
            self.closed += 1

    async def _steady(self) -> AsyncIterator[bytes]:
        for number in range(3):
            await asyncio.sleep(0.1)
            yield b"%d" % number


def told(body: bytes) -> Any:
    return json.loads(body)


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


def test_headers_of_the_front_are_said_once() -> None:
    """A stub that says them too does not get them twice, nor may it break a line."""

    class Doubled(Engine):
        def handle(self, request: Request) -> Answer:
            own = (
                (b"Content-Length", b"99"),
                (b"date", b"then"),
                (b"Connection", b"upgrade"),
                (b"x-a", b"1\r\nx-b: 2"),
            )
            if request.path == "/whole":
                return Answer(200, own, b"abc")
            return Answer(200, (*own, (b"Transfer-Encoding", b"gzip")), chunks=self._chunks(1))

    async def story() -> None:
        async with served(Doubled()) as server:
            peer = await server.connect()
            for target, body in (("/whole", b"abc"), ("/stream", b"0\n")):
                peer.ask(target)
                got = await peer.answer()
                assert got.body == body
                assert got["date"].endswith("GMT")
                assert "connection" not in got
                assert ("x-b" in got, got["x-a"]) == (False, "1  x-b: 2")

    run(story())


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


def test_a_client_that_closes_its_side_and_hears_nothing_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http1, "_SILENT_S", 0.15)

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
def test_tls_and_unix_sockets(tmp_path: Path, secure: bool, unix: bool) -> None:
    async def story() -> None:
        engine = Engine()
        tls = generated() if secure else None
        async with served(engine, unix=tmp_path / "socket" if unix else None, tls=tls) as server:
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
