"""For tests of the fronts: an engine of their own, served on a port of a thread."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from weakref import WeakSet

import uvloop

from mock.engine.answer import TEXT, Answer
from mock.engine.http.http1 import Handler
from mock.engine.http.limits import LIMITS, Limits
from mock.engine.http.sniff import Front, Sniff
from mock.engine.request import Request


class Serving:
    """`port`, and what a test may look at: the fronts of open connections, the thread's loop."""

    def __init__(self, port: int, loop: asyncio.AbstractEventLoop, fronts: WeakSet[Front]) -> None:
        self.port = port
        self.loop = loop
        self.fronts = fronts

    def call(self, function: Any, *arguments: Any) -> Any:
        """In the server's thread."""

        async def run() -> Any:
            return function(*arguments)

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(5)


@contextmanager
def serving(engine: Handler, limits: Limits = LIMITS) -> Iterator[Serving]:
    loop = uvloop.new_event_loop()
    fronts: WeakSet[Front] = WeakSet()
    server: Any = loop.run_until_complete(
        loop.create_server(lambda: Sniff(engine, fronts, None, limits), "127.0.0.1", 0)
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield Serving(server.sockets[0].getsockname()[1], loop, fronts)
    finally:

        async def stop() -> None:
            server.close()
            for front in list(fronts):
                front.abort()
            await asyncio.sleep(0.01)
            loop.stop()

        asyncio.run_coroutine_threadsafe(stop(), loop)
        thread.join(5)
        assert not thread.is_alive()
        loop.close()


class FakeRecord:
    """What the front tells the journal."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    def close(self, ended: str) -> None:
        self.ended.append(ended)


class Echo:
    """Answers by path; `records` are those of all answers in order, `closed` counts streams that were closed early.

    /bytes/N: N bytes. /chunks/N: N pieces. /status/N: that status. /wait: never. /broken: raises within a stream.
    /early: answers before the body is there. Everything else: the request in JSON.
    """

    def __init__(self) -> None:
        self.records: list[FakeRecord] = []
        self.closed = 0

    def handle(self, request: Request) -> Answer | Awaitable[Answer]:
        answer = self._answer(request)
        if not isinstance(answer, Answer):
            return answer
        answer.record = FakeRecord()  # type: ignore[assignment]
        self.records.append(answer.record)  # type: ignore[arg-type]
        return answer

    def _answer(self, request: Request) -> Answer | Awaitable[Answer]:
        _, _, path = request.path.partition("/")
        kind, _, last = path.partition("/")
        number = int(last) if last.isdecimal() and len(last) < 8 else 200
        if kind == "bytes":
            return Answer(200, TEXT, b"x" * number)
        if kind == "chunks":
            return Answer(200, TEXT, chunks=self._chunks(number))
        if kind == "broken":
            return Answer(200, TEXT, chunks=self._broken())
        if kind == "status":
            return Answer(number, TEXT, b"body")
        if kind == "wait":
            return self._never()
        if kind == "headers":
            return Answer(
                200, ((b"Connection", b"close"), (b"X-Upper", b"1"), (b"transfer-encoding", b"chunked")), b"{}"
            )
        if kind == "trailers":
            return Answer(200, TEXT, b"body", trailers=lambda: ((b"x-after", b"yes"),))
        if kind == "early":
            return Answer(200, TEXT, b"early")
        if request.incoming is not None:
            return self._read(request)
        return Answer(200, body=_told(request, request.body))

    async def _read(self, request: Request) -> Answer:
        assert request.incoming is not None
        answer = Answer(200, body=_told(request, b"".join([piece async for piece in request.incoming])))
        answer.record = FakeRecord()  # type: ignore[assignment]
        self.records.append(answer.record)  # type: ignore[arg-type]
        return answer

    async def _never(self) -> Answer:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.closed += 1
        raise AssertionError

    async def _chunks(self, count: int) -> AsyncIterator[bytes]:
        try:
            for number in range(count):
                yield b"%d\n" % number
                await asyncio.sleep(0)
        except (GeneratorExit, asyncio.CancelledError):
            self.closed += 1
            raise

    async def _broken(self) -> AsyncIterator[bytes]:
        yield b"one"
        raise RuntimeError("a defect")


def _told(request: Request, body: bytes) -> bytes:
    return json.dumps(
        {
            "method": request.method,
            "target": request.target,
            "protocol": request.protocol,
            "size": len(body),
            "body": body[:100].decode("latin-1"),
            "streamed": request.incoming is not None,
            "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in request.headers],
        }
    ).encode()


def strike(kind: str, clock: Any, *, code: int | None = None, after_bytes: int | None = None, **more: Any) -> Any:
    """What a front needs of a Strike."""
    fault = SimpleNamespace(kind=kind, code=code, after_bytes=after_bytes, **more)

    async def wait() -> None:
        await clock.sleep(more.get("seconds", 1e9))

    return SimpleNamespace(
        fault=fault,
        clock=clock,
        wait=wait,
        seconds=lambda: more.get("seconds", 0.01),
        garbage=lambda: b"\xff" + b"garbage" * 9,
    )
