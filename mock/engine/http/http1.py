"""The front for HTTP/1.1 (and 1.0): one connection, requests in, answers out in the order of the requests.

What the engine answers at once is written at once, in the callback that read the last byte of the request. Only answers
that wait, stream or are struck take a task, and only one at a time: later requests of the connection wait their turn,
as they do while the client does not read.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import traceback
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol, cast

import orjson

from mock.engine.answer import JSON, Answer
from mock.engine.faults.delivery import deliver
from mock.engine.http.http1_head import CLOSE, CONTINUE, KEEP_ALIVE, opening
from mock.engine.http.http1_reader import Http1Reader, Refused
from mock.engine.http.http1_wire import Http1Wire, duplicate
from mock.engine.http.incoming import Incoming
from mock.engine.http.limits import LIMITS, Limits
from mock.engine.http.peer import still_reads
from mock.engine.request import Connection, Request

# Requests that may wait for their turn before reading pauses.
_QUEUE = 64
# Bodies above this are not joined to their heads: the copy costs more than the second buffer.
_JOIN = 64 * 1024
# After a refusal: how long a client that is still sending is listened to, so that it sees the answer and no reset.
_LINGER_S = 2.0
# A client that sends no more may be gone or wait for its answer. This often it is looked which; where there is no
# telling, a client that was told nothing for so long is taken to be gone. Real time.
_SILENT_S = 2.0
# One that is closing both sides has done so by then.
_CLOSED_S = 0.01
_ids = itertools.count(1)


class Handler(Protocol):
    """The engine, as a front sees it."""

    def handle(self, request: Request) -> Answer | Awaitable[Answer]: ...


class _Turn:
    """A request that waits for its answer, or an answer that waits for the answers before it."""

    __slots__ = ("answer", "incoming", "keep", "old", "request")

    def __init__(
        self, request: Request | None, keep: bool, old: bool, incoming: Incoming | None, answer: Answer | None
    ) -> None:
        self.request = request
        self.keep = keep
        self.old = old
        self.incoming = incoming
        self.answer = answer


class Http1(asyncio.Protocol):
    """`connection`: what is known of it; missing, it is taken from the transport. `close()` ends it gracefully,
    `abort()` at once; a server that shuts down calls the one, waits as long as it likes, and calls the other."""

    def __init__(self, engine: Handler, connection: Connection | None = None, limits: Limits = LIMITS) -> None:
        self._handle = engine.handle
        self._limits = limits
        self._known = connection
        self.connection: Connection
        self._transport: asyncio.Transport = None  # type: ignore[assignment]
        self._reader: Http1Reader
        # What is being answered.
        self._task: asyncio.Task[None] | None = None
        self._wire: Http1Wire | None = None
        self._queue: deque[_Turn] = deque()
        self._closing = False
        # The client.
        self._deaf = False  # what still comes is thrown away
        self._ended = False  # it sends no more
        self._silent = True  # it sent nothing since this was last looked at
        self._doubted = False  # it closed its side, and whether it still reads could not be told
        self._timer: asyncio.TimerHandle | None = None
        # Why reading is paused, and whether writing is.
        self._holds: set[str] = set()
        self._full: asyncio.Future[None] | None = None

    # Connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if self._known is not None:
            self.connection = self._known
        else:
            peer = transport.get_extra_info("peername")
            self.connection = Connection(
                next(_ids),
                f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else "",
                secure=transport.get_extra_info("sslcontext") is not None,
            )
        self._reader = Http1Reader(self, self.connection, self._limits, self._press)
        self._look_after(self._limits.idle_s, self._idle)

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone()

    def data_received(self, data: bytes) -> None:
        if not self._deaf:
            self._silent = False
            self._reader.feed(data)

    def eof_received(self) -> bool:
        """A client may close its side when it has asked (`nc -N`, some of HTTP/1.0): it still gets its answers."""
        self._ended = self._deaf = True
        if self.connection.secure:
            self._gone()  # TLS closes both sides
            return False
        if self._reader.incoming is not None:
            if not self._queue:
                self._gone()  # within the body of the request that is being answered
            else:
                self._queue.pop()
        if (self._task is None and not self._queue) or (self._wire is not None and self._wire.shut):
            self._gone()
            return False
        self._look_after(_CLOSED_S, self._listen)
        return True

    def close(self) -> None:
        """Answers that are on their way are finished, then the connection closes; an idle one closes now."""
        self._closing = True
        if self._task is None:
            self._transport.close()

    def abort(self) -> None:
        """The connection is over; streams are closed as if the client had gone."""
        self._gone()
        self._transport.abort()

    def _gone(self) -> None:
        self._deaf = True
        self._closing = True
        self._queue.clear()
        self._look_after(None, self._idle)
        incoming = self._reader.incoming
        if incoming is not None:
            incoming.end(ConnectionResetError("the client went away within the body of its request"))
            self._reader.incoming = None
        if self._task is not None:
            self._task.cancel()

    # Clients that say nothing

    def _look_after(self, seconds: float | None, look: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else asyncio.get_running_loop().call_later(seconds, look)

    def _idle(self) -> None:
        """Whether it has been the client's turn since this was asked last."""
        waited = self._silent and not self._queue and self._full is None and not self._holds
        reader = self._reader
        if not waited or (self._task is not None and reader.incoming is None):
            self._silent = True
            self._look_after(self._limits.idle_s, self._idle)
        elif reader.busy:
            self.refused(Refused(408, f"the rest of the request did not come within {self._limits.idle_s:g} s"))
        else:
            self.close()

    def _listen(self) -> None:
        """Whether a client that closed its side still waits for its answer."""
        with duplicate(self._transport) as own:
            reads = still_reads(own)
        told = self._full is not None
        if self._wire is not None:
            told, self._wire.told = told or self._wire.told, False
        if reads or (reads is None and (told or not self._doubted)):
            self._doubted = True
            self._look_after(_SILENT_S, self._listen)
        else:
            self.abort()

    # Requests, from the reader

    def asked(self, request: Request, keep: bool, old: bool, incoming: Incoming | None) -> None:
        if self._task is not None or self._full is not None:
            self._enqueue(_Turn(request, keep, old, incoming, None))
        elif not self._closing:
            self._answer(request, keep, old, incoming)

    def announced(self) -> None:
        if self._task is None and not self._queue:
            self._continue()

    def tunnel(self) -> None:
        self._deaf = True
        self._end()

    def refused(self, refused: Refused) -> None:
        """Says why, after the answers to the requests before, and closes. It is the answer to a request whose body was
        handed on already, unless that has been answered in part: then it ends where it is."""
        self._deaf = True
        incoming = self._reader.incoming
        if incoming is not None:
            incoming.end(refused)
            self._reader.incoming = None
            if self._queue:
                self._queue.pop()
            elif self._wire is not None:
                self._closing = True
                return
            elif self._task is not None:
                self._task.cancel()
                self._task = None
        elif self._closing:
            return  # what follows an answer that closes the connection is no error, it is only not read
        answer = Answer(refused.status, JSON, orjson.dumps({"error": refused.problem}))
        if self._task is not None or self._full is not None:
            self._queue.append(_Turn(None, False, False, None, answer))
        else:
            self._write(answer, "GET", False, False)

    # Answering

    def _answer(self, request: Request, keep: bool, old: bool, incoming: Incoming | None) -> None:
        if incoming is not None and incoming is self._reader.incoming:
            self._continue()
        try:
            answer = self._handle(request)
        except Exception:
            answer = _failed(request)
        if isinstance(answer, Answer) and answer.chunks is None and answer.strike is None and incoming is None:
            self._write(answer, request.method, keep, old)
        else:
            self._task = asyncio.get_running_loop().create_task(self._later(answer, request, keep, old, incoming))

    def _continue(self) -> None:
        if self._reader.expects and not self._closing:
            self._reader.expects = False
            self._transport.write(CONTINUE)

    def _write(self, answer: Answer, method: str, keep: bool, old: bool) -> None:
        """A whole answer, in one write."""
        status, body = answer.status, answer.body
        start = opening(status, answer.headers)
        bodied = status >= 200 and status != 204 and status != 304 and method != "HEAD"
        framing = b"content-length: %d\r\n" % len(body) if bodied else start.bodiless(status, len(body))
        if start.closes or self._closing:
            keep = False
        if not keep:
            framing += CLOSE
        elif old:
            framing += KEEP_ALIVE
        head = start.head(framing)
        if not bodied:
            self._transport.write(head)
        elif len(body) > _JOIN:
            self._transport.writelines((head, body))
        else:
            self._transport.write(head + body)
        if answer.record is not None:
            answer.record.close("complete")
        if not keep:
            self._end()

    async def _later(
        self,
        answer: Answer | Awaitable[Answer],
        request: Request,
        keep: bool,
        old: bool,
        incoming: Incoming | None,
    ) -> None:
        """An answer that waits, streams or is struck."""
        try:
            if not isinstance(answer, Answer):
                try:
                    answer = await answer
                except Exception:
                    answer = _failed(request)
            if answer.chunks is None and answer.strike is None:
                self._write(answer, request.method, keep, old)
            else:
                await self._deliver(answer, request.method, keep, old)
        finally:
            self._task = None
            if incoming is not None:
                incoming.discard()
        self._next()

    async def _deliver(self, answer: Answer, method: str, keep: bool, old: bool) -> None:
        keep = keep and not self._closing
        wire = self._wire = Http1Wire(self._transport, self._drained, answer, method, keep=keep, old=old)
        ended = "client gone"
        try:
            ended = await deliver(answer, wire)
        except Refused:
            ended = "cut"
        except Exception:
            # Within a stream there is no other way to say it than to cut it.
            ended = "cut"
            sys.stderr.write(f"samewire mock: a streamed answer failed\n{traceback.format_exc()}")
        finally:
            self._wire = None
            if answer.record is not None:
                answer.record.close(ended)
        if not wire.keep:
            self._end()

    def _next(self) -> None:
        """The turns that wait, as far as they can be answered now."""
        while self._queue and self._task is None and self._full is None and not self._transport.is_closing():
            turn = self._queue.popleft()
            if turn.request is not None and not self._closing:
                self._answer(turn.request, turn.keep, turn.old, turn.incoming)
            elif turn.answer is not None:
                self._write(turn.answer, "GET", False, False)
        if len(self._queue) < _QUEUE // 2:
            self._hold("queue", False)
        if self._task is None and not self._queue:
            if self._closing or self._ended:
                self._transport.close()
            elif self._reader.incoming is None:
                self._continue()

    def _enqueue(self, turn: _Turn) -> None:
        self._queue.append(turn)
        if len(self._queue) >= _QUEUE:
            self._hold("queue", True)

    def _end(self) -> None:
        """The connection closes when all is written. A client in the middle of sending is listened to for a while:
        closing a socket with unread data resets it, and the answer could be lost (RFC 9112 section 9.6)."""
        self._closing = True
        self._queue.clear()
        busy = not self._ended and (self._deaf or self._reader.busy)
        self._deaf = True
        if not busy or not self._transport.can_write_eof():
            self._transport.close()
        elif not self._transport.is_closing():
            self._hold("all", False)
            self._transport.write_eof()
            self._look_after(_LINGER_S, self._transport.close)

    # Back-pressure

    def pause_writing(self) -> None:
        if self._full is None:
            self._full = asyncio.get_running_loop().create_future()
            self._hold("write", True)

    def resume_writing(self) -> None:
        if self._full is not None:
            if not self._full.done():
                self._full.set_result(None)
            self._full = None
            self._hold("write", False)
            if self._task is None and self._queue:
                self._next()

    async def _drained(self) -> None:
        if self._full is not None:
            await asyncio.shield(self._full)

    def _press(self, on: bool) -> None:
        self._hold("body", on)

    def _hold(self, why: str, on: bool) -> None:
        """Pauses reading while there is a reason to."""
        held = bool(self._holds)
        if on:
            self._holds.add(why)
        elif why == "all":
            self._holds.clear()
        else:
            self._holds.discard(why)
        if bool(self._holds) != held and not self._ended and not self._transport.is_closing():
            if held:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()


def _failed(request: Request) -> Answer:
    sys.stderr.write(f"samewire mock: {request.method} {request.target} failed\n{traceback.format_exc()}")
    return Answer(500, JSON, b'{"error":"the mock itself failed; its output says where"}')
