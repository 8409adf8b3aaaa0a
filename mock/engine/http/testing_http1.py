"""For tests of HTTP/1.1: servers and clients on real sockets in one loop, the clients nothing but bytes."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import orjson
import uvloop
from samewire.mock.v1.fault_wire import FaultSchedule

from mock.engine.answer import JSON, TEXT, Answer
from mock.engine.api import Apis
from mock.engine.clock import Clock
from mock.engine.faults.plan import FaultPlan
from mock.engine.http.http1 import Handler, Http1
from mock.engine.http.limits import LIMITS, Limits
from mock.engine.http.testing import Echo, FakeRecord
from mock.engine.request import Request

T = TypeVar("T")
# Nothing here takes long; what does hangs.
PATIENCE_S = 5.0
# Of the kernel's and the loop's buffers nobody knows more than that they are smaller than this.
BUFFERS = 16 << 20
PIECE = b"x" * 65536


def run(story: Coroutine[Any, Any, T]) -> T:
    return uvloop.run(asyncio.wait_for(story, 4 * PATIENCE_S))


async def until(true: Callable[[], bool]) -> None:
    """Waits for what must come. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.002)


def told(body: bytes) -> Any:
    return json.loads(body)


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


class Faulty:
    """Every request but those with `x-plain` is struck by one fault, on a clock that stands still unless `real`.
    "/stream" answers with two pieces, each `BODY`; all else with one."""

    BODY = b'{"text":"' + b"x" * 88 + b'"}'

    def __init__(self, kind: str, *, real: bool = False, **said: Any) -> None:
        self.clock = Clock(None if real else 1000.0)
        self.record = FakeRecord()
        schedule = {"rules": [{"request": {"headers": {"x-plain": {"exists": False}}}, "fault": {"kind": kind} | said}]}
        self.plan = FaultPlan(FaultSchedule.from_wire(orjson.dumps(schedule)), self.clock, 1, Apis([]))

    async def _pieces(self) -> AsyncIterator[bytes]:
        yield self.BODY
        yield self.BODY

    def handle(self, request: Request) -> Answer:
        streamed = request.path == "/stream"
        answer = Answer(200, JSON, chunks=self._pieces()) if streamed else Answer(200, JSON, self.BODY)
        strike = self.plan.strike(request)
        answer = answer if strike is None else strike.spoil(answer, request)
        answer.record = self.record  # type: ignore[assignment]
        return answer


@dataclass
class Got:
    """An answer; `lines` are its headers, names in lower case."""

    status: int
    lines: list[tuple[str, str]]
    body: bytes

    def __getitem__(self, name: str) -> str:
        (value,) = [value for key, value in self.lines if key == name]
        return value

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.lines)


class Peer:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def ask(self, target: str = "/", method: str = "GET", *headers: str, body: bytes = b"") -> None:
        lines = [f"{method} {target} HTTP/1.1", "Host: a", *headers]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join([*lines, "", ""]).encode() + body)

    async def answer(self, method: str = "GET") -> Got:
        async with asyncio.timeout(PATIENCE_S):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")[:-2]
            version, status, *_ = first.split(" ")
            assert version == "HTTP/1.1"
            pairs = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
            got = Got(int(status), pairs, b"")
            if method != "HEAD" and got.status >= 200 and got.status not in (204, 304):
                got.body = await self._body(got)
            return got

    async def _body(self, got: Got) -> bytes:
        if "content-length" in got:
            assert "transfer-encoding" not in got
            return await self.reader.readexactly(int(got["content-length"]))
        if "transfer-encoding" not in got:
            return await self.reader.read()
        assert got["transfer-encoding"] == "chunked"
        body = b""
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            body += await self.reader.readexactly(size)
            assert await self.reader.readexactly(2) == b"\r\n"
        assert await self.reader.readexactly(2) == b"\r\n"
        return body

    async def rest(self, within_s: float = PATIENCE_S) -> tuple[bytes, str]:
        """What still comes, and how it ends: "FIN", "RST", or "open" when the time is over."""
        got = bytearray()
        try:
            async with asyncio.timeout(within_s):
                while piece := await self.reader.read(65536):
                    got += piece
        except ConnectionResetError:
            return bytes(got), "RST"
        except TimeoutError:
            return bytes(got), "open"
        return bytes(got), "FIN"

    async def quiet(self, for_s: float = 0.05) -> None:
        """Nothing comes, and the connection stays."""
        assert await self.rest(for_s) == (b"", "open")

    def end(self) -> None:
        """Closes our side, `shutdown(SHUT_WR)`."""
        self.writer.write_eof()


@dataclass
class Served:
    """`fronts`: of all connections there were, in order."""

    connect: Callable[[], Coroutine[Any, Any, Peer]]
    fronts: list[Http1] = field(default_factory=list)


@asynccontextmanager
async def served(
    engine: Handler, limits: Limits = LIMITS, *, unix: Path | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Served]:
    """`tls`: the server's; its clients trust whatever it shows."""
    loop = asyncio.get_running_loop()
    peers: list[Peer] = []
    trusting = None
    if tls is not None:
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE

    def front() -> Http1:
        found.fronts.append(Http1(engine, limits=limits))
        return found.fronts[-1]

    async def connect() -> Peer:
        if unix is not None:
            streams = await asyncio.open_unix_connection(str(unix), ssl=trusting, server_hostname="a" if tls else None)
        else:
            streams = await asyncio.open_connection("127.0.0.1", port, ssl=trusting)
        peers.append(Peer(*streams))
        return peers[-1]

    found = Served(connect)
    if unix is not None:
        server = await loop.create_unix_server(front, str(unix), ssl=tls)
    else:
        server = await loop.create_server(front, "127.0.0.1", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        for one in found.fronts:
            one.abort()
        for peer in peers:
            peer.writer.close()
        await asyncio.sleep(0.005)
