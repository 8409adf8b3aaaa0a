"""What is fuzzed: an engine with all of our APIs behind the fronts of its connections, without sockets.

What must never happen raises Found: an answer 500, a traceback on stderr, an exception that nobody took, a task that
stays, an input that takes longer than PATIENCE_S, and bytes that are no answers of HTTP/1.1.
"""

from __future__ import annotations

import asyncio
import gc
import io
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any
from weakref import WeakSet

from mock.admin.api import admin_api
from mock.engine.answer import Answer as Reply
from mock.engine.api import Api, Apis
from mock.engine.clock import LATEST, Clock
from mock.engine.engine import Engine
from mock.engine.http.http1 import Handler, Http1
from mock.engine.http.http2 import Http2
from mock.engine.http.sniff import Front, Sniff
from mock.engine.request import Request
from mock.engine.testing.backend import ShopBackend
from mock.fuzz.answers import Answer, answers
from mock.fuzz.effort import Effort
from mock.fuzz.transport import Transport
from mock.ollama.api import api as ollama_api
from mock.page.page import page
from mock.tinker.api import api as tinker_api

PATIENCE_S = 5.0
# Turns of the loop that an answer may take which waits for nothing but the clock.
TURNS = 20_000
# What Ollama itself answers with 500.
ASKED_FOR = (
    b'{"error":"invalid format: ',
    b'{"error":"option \\"',
    b'{"error":"failed to load model vocabulary required for format: ',
    b'{"error":"pull model manifest: file does not exist"}',
    b'{"error":"open manifests/',
    b"nothing was done",
)
_JOURNAL = 1 << 20
_HOUR = 3600.0
# Bytes that memory may grow by in a run, however long it is.
GROWTH = 32 << 20


class Found(AssertionError):
    """A defect."""


class Loop(asyncio.SelectorEventLoop):
    """Timers ring when they are told to."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


class CalmShop(ShopBackend):
    """Nothing in it is broken."""

    async def get_item(self, request: Any, call: Any) -> Any:
        return await super().get_item(request.__class__(id="calm") if request.id == "broken" else request, call)


def all_apis() -> Engine:
    engine = Engine(
        Apis([Api("shop", ["shop.v1.shop_wire"], CalmShop), tinker_api(), ollama_api()]), journal_bytes=_JOURNAL
    )
    engine.administer(admin_api(engine))
    engine.page = page
    return engine


class Target:
    """`with Target() as target: target.run(story)`; in the story, `await target.talk(reads)`."""

    def __init__(self, engine: Engine | None = None, handler: Handler | None = None) -> None:
        self.engine = engine or all_apis()
        self.admin = admin_api(self.engine)
        self.wrong: list[str] = []
        self._handler: Handler = handler or self.engine
        self._fronts: WeakSet[Front] = WeakSet()
        self._loop = Loop()
        self._loop.set_exception_handler(self._unhandled)
        self._stderr = io.StringIO()
        # What fronts ask the kernel about; the other end reads.
        self._sockets = socket.socketpair()

    def __enter__(self) -> Target:
        asyncio.set_event_loop(self._loop)
        self._before = signal.signal(signal.SIGALRM, _too_long)
        self._kept, sys.stderr = sys.stderr, self._stderr
        return self

    def __exit__(self, *_: object) -> None:
        sys.stderr = self._kept
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)
        self._loop.run_until_complete(self.renew())
        asyncio.set_event_loop(None)
        for each in self._sockets:
            each.close()
        self._loop.close()

    def run(self, story: Any) -> Any:
        return self._loop.run_until_complete(story)

    def _unhandled(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.wrong.append(f"{context.get('message')}: {context.get('exception')!r}")

    async def talk(
        self, reads: Sequence[bytes], *, end: bool = True, slow: bool = False, broken: bool = False
    ) -> list[Answer]:
        """All answers of a connection on which these bytes come; `end`: then the client closes its side, else it goes.
        `broken`: a stub or fault may have asked for an answer that is none, or for none at all.

        Raises Found.
        """
        streams = False
        with deadline():
            front = Sniff(self._handler, self._fronts)
            transport = Transport(front, slow, self._sockets[0])
            front.connection_made(transport)
            for read in reads:
                transport.feed(read)
                if slow:
                    await asyncio.sleep(0)
                    transport.drain()
            await self._settle(transport, lambda: False)
            if end:
                transport.end()
                streams = await self._settle(transport, lambda: transport.closed)
            if not transport.closed:
                if end and not streams and not broken and isinstance(transport.protocol, Http1):
                    raise Found("the client closed its side and the server neither answers nor closes")
                transport.close()
            await asyncio.sleep(0)
            await self._alone()
        self._look()
        if broken or isinstance(transport.protocol, Http2):
            return []
        try:
            return self._judged(answers(bytes(transport.written)))
        except ValueError as error:
            raise Found(f"no answers of HTTP/1.1: {error}: {bytes(transport.written)[:400]!r}") from None

    def _judged(self, found: list[Answer]) -> list[Answer]:
        for answer in found:
            if answer.status == 500 and not answer.body.startswith(ASKED_FOR):
                raise Found(f"an answer 500 that nobody asked for: {answer.body[:400]!r}")
        return found

    async def call(self, request: Request) -> tuple[int, bytes, dict[bytes, bytes]]:
        """What the engine says to a request, without a front: status, body and trailers. Raises Found."""
        with deadline():
            asked = asyncio.ensure_future(_read(self.engine.handle(request)))
            for turn in range(TURNS):
                if asked.done():
                    break
                await asyncio.sleep(0)
                if turn % 20 == 19:
                    self._loop.ahead += 60.0
                    for session in list(self.engine.sessions.values()):
                        if session.clock.waiting:
                            await _wake(session.clock)
            else:
                asked.cancel()
                raise Found(f"not answered within {TURNS} turns of the loop")
            status, body, trailers = asked.result()
            await self._alone()
        self._look()
        self._judged([Answer(status, {}, body)])
        return status, body, trailers

    async def _settle(self, transport: Transport, over: Callable[[], bool]) -> bool:
        """Until nothing is being answered; who sleeps is woken, again and again. Whether it is a stream without end."""
        loop = self._loop
        before = 0
        for turn in range(TURNS):
            front = transport.protocol
            if over() or getattr(front, "_task", None) is None:
                if not transport.full:
                    return False
            elif getattr(front, "_incoming", None) is not None and turn > 200 and not transport.full:
                return False  # the rest of the body does not come
            if turn % 1000 == 999:
                if len(transport.written) > before > 0:
                    return True
                before = len(transport.written)
            await asyncio.sleep(0)
            transport.drain()
            if turn % 20 == 19:
                loop.ahead += 60.0
                for session in list(self.engine.sessions.values()):
                    if session.clock.waiting:
                        await _wake(session.clock)
        raise Found(f"not answered within {TURNS} turns of the loop")

    async def _alone(self) -> None:
        """No task of the connection is left."""
        for turn in range(200):
            if len(asyncio.all_tasks()) == 1:
                return
            await asyncio.sleep(0)
            if turn % 20 == 19:
                self._loop.ahead += 60.0
        # What backends do in the background, like a training step, ends with the session.
        await self.renew()
        for _ in range(200):
            left = asyncio.all_tasks() - {asyncio.current_task()}
            if not left:
                return
            await asyncio.sleep(0)
        raise Found(f"tasks that stay: {left}")

    def _look(self) -> None:
        said = self._stderr.getvalue()
        self._stderr.seek(0)
        self._stderr.truncate()
        # In one line: what a peer did wrong over HTTP/2.
        if "Traceback" in said:
            raise Found(f"said on stderr: {said}")
        if self.wrong:
            wrong, self.wrong = self.wrong, []
            raise Found("; ".join(wrong))

    async def renew(self) -> None:
        """All sessions as new."""
        await self.engine.close()
        self.engine.sessions.clear()

    async def good(self) -> None:
        """The server still serves. Raises Found."""
        found = await self.talk([b"GET /health HTTP/1.1\r\nHost: a\r\nX-Samewire-Session: good\r\n\r\n"])
        if [(each.status, each.body) for each in found] != [(200, b"fine")]:
            raise Found(f"a good request gets {found}")

    async def volume(self, effort: Effort, usual: int, reads: Callable[[Random], list[bytes]]) -> None:
        """Connections in rounds; see `rounds`."""

        async def one(random: Random) -> list[bytes]:
            pieces = reads(random)
            try:
                await self.talk(pieces, end=random.random() < 0.9, slow=random.random() < 0.05)
            except Exception as error:
                raise Found(f"{error}\n{pieces!r:.20000}") from error
            return pieces

        await self.rounds(effort, usual, one)

    async def rounds(self, effort: Effort, usual: int, one: Callable[[Random], Awaitable[Any]]) -> None:
        """Sees that memory stays where it is and that the server goes on. Raises Found with the round's number."""
        first = 0
        # The journal is full, caches and pools have their size.
        warm = min(usual // 4, 5000)
        for random in effort.rounds(usual):
            try:
                await one(random)
                if effort.round % 1000 == 999:
                    await self.good()
                    await self.renew()
            except Exception as error:
                raise Found(f"round {effort.round}, seed {effort.seed}: {error}") from error
            if effort.round == warm:
                first = await self.memory()
        await self.good()
        grown = await self.memory() - first
        if grown > GROWTH:
            raise Found(f"{grown} bytes of memory more after {effort.round} inputs than after {warm}")

    async def memory(self) -> int:
        """Resident bytes of this process, when all sessions are new."""
        await self.renew()
        gc.collect()
        return resident(os.getpid())


async def _wake(clock: Clock) -> None:
    if clock.now() + _HOUR < LATEST:
        await clock.advance(_HOUR)
    else:
        clock.forget()


async def _read(coming: Reply | Awaitable[Reply]) -> tuple[int, bytes, dict[bytes, bytes]]:
    answer = coming if isinstance(coming, Reply) else await coming
    body = answer.body
    if answer.chunks is not None:
        body += b"".join([piece async for piece in answer.chunks])
    if answer.record is not None:
        answer.record.close("complete")
    return answer.status, body, dict(answer.trailers()) if answer.trailers else {}


def resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def deadline(seconds: float = PATIENCE_S) -> Iterator[None]:
    """What takes longer is interrupted by Found; only while a Target is entered."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _too_long(*_: object) -> None:
    raise Found(f"an input that takes longer than {PATIENCE_S:g} s")
