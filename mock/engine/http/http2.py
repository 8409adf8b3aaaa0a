"""The front for HTTP/2 and gRPC: one connection. Requests go to the engine, answers to the outlet.

What the engine answers at once is written at once, all answers of one read in one write. Only answers that wait, stream
or are struck take a task of their own.
"""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Awaitable
from typing import Protocol, cast

from mock.engine.answer import Answer
from mock.engine.faults.delivery import deliver
from mock.engine.http import blocks, frames
from mock.engine.http.blocks import has_length
from mock.engine.http.frames import Code, GoAway, Reset
from mock.engine.http.http1_head import has_body
from mock.engine.http.http2_wire import Http2Wire
from mock.engine.http.incoming import Incoming
from mock.engine.http.inlet import STREAM_WINDOW, Inlet
from mock.engine.http.limits import LIMITS, Limits
from mock.engine.http.outlet import Outlet
from mock.engine.http.stream import Stream
from mock.engine.request import Connection, Request

_CONTINUE = b"\x08\x03100"  # :status 100
# How long the peer of a failed connection may take to read why, in seconds.
_LINGER_S = 1.0


class Handler(Protocol):
    """The engine, as a front sees it."""

    def handle(self, request: Request) -> Answer | Awaitable[Answer]: ...


class Http2(asyncio.Protocol):
    """Bodies above `limits.whole`, and those of gRPC that did not come together with their head, are handed over as
    `request.incoming`. `close()` ends the connection gracefully, `abort()` at once."""

    def __init__(self, engine: Handler, connection: Connection, limits: Limits = LIMITS) -> None:
        self.connection = connection
        self._handle = engine.handle
        self._limits = limits
        self._over = False  # what comes is not looked at any more
        self._transport: asyncio.Transport
        self._outlet: Outlet
        self._inlet: Inlet

    # The transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # No isinstance: uvloop's transports are none of asyncio's classes.
        self._transport = cast(asyncio.Transport, transport)
        self._outlet = Outlet(self._transport, self._sent)
        self._inlet = Inlet(self._outlet, self._limits, self)
        self._outlet.write(Inlet.greeting(self._limits))

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone()

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        self._outlet.pause()

    def resume_writing(self) -> None:
        self._outlet.resume()

    def data_received(self, data: bytes) -> None:
        if self._over:
            return
        self._outlet.hold()
        try:
            self._inlet.feed(data)
        except GoAway as error:
            self._end(error)
        except Exception:
            _tell(f"HTTP/2 connection {self.connection.id} failed\n{traceback.format_exc()}")
            self._end(GoAway(Code.INTERNAL_ERROR, "the mock itself failed"))
        finally:
            self._outlet.flush()

    def close(self) -> None:
        """No more requests are taken; the connection closes when the open ones are answered."""
        self._leave(Code.NO_ERROR)

    def abort(self) -> None:
        self._gone()
        self._transport.abort()

    def _gone(self) -> None:
        self._over = True
        self._outlet.close()
        for stream in list(self._inlet.streams.values()):
            self._abandon(stream, "client gone")

    def _leave(self, code: int) -> None:
        if self._over or self._inlet.leaving:
            return
        self._inlet.leaving = True
        self._outlet.write(frames.goaway(self._inlet.last, code))
        self._close_if_idle()

    def _close_if_idle(self) -> None:
        if self._inlet.leaving and not self._inlet.streams:
            self._outlet.flush()
            self._transport.close()

    def _end(self, error: GoAway) -> None:
        """A connection error."""
        self._over = True
        _tell(f"HTTP/2 connection {self.connection.id} from {self.connection.peer}: {error.reason}")
        self._outlet.write(frames.goaway(self._inlet.last, error.code, error.reason))
        self._outlet.flush()
        self._outlet.close()
        for stream in list(self._inlet.streams.values()):
            self._abandon(stream, "reset")
        if self._transport.can_write_eof():
            # A socket that is closed with something unread takes back what its peer has not read yet: the reason.
            self._transport.write_eof()
            asyncio.get_running_loop().call_later(_LINGER_S, self._transport.close)
        else:
            self._transport.close()

    # Requests (inlet.Taker)

    def take(self, stream: Stream) -> None:
        pieces = stream.pieces
        self._ask(stream, pieces[0] if len(pieces) == 1 else b"".join(pieces))

    def begin(self, stream: Stream) -> None:
        inlet = self._inlet

        def press(pressed: bool) -> None:
            stream.pressed = pressed
            inlet.widen(stream)

        incoming = stream.incoming = Incoming(STREAM_WINDOW // 2, press)
        for piece in stream.pieces:
            incoming.feed(piece)
        stream.pieces.clear()
        self._ask(stream, b"", incoming)

    def welcome(self, stream: Stream) -> None:
        self._outlet.head(stream, _CONTINUE)

    def gone(self, stream: Stream) -> None:
        self._abandon(stream, "client gone")

    def refuse(self, number: int, status: int, *, complete: bool) -> None:
        self._outlet.write(frames.headers(number, self._outlet.prefixed(blocks.head(status, (), 0)), True))
        if not complete:
            self._outlet.write(frames.rst_stream(number, Code.NO_ERROR))
        self._inlet.closed.add(number, reset=True)

    def fail(self, error: Reset) -> None:
        _tell(f"HTTP/2 connection {self.connection.id}, stream {error.stream}: {error.reason}")
        self._reset(error.stream, error.code)

    def _ask(self, stream: Stream, body: bytes, incoming: Incoming | None = None) -> None:
        head = stream.head
        request = Request(
            head.method,
            head.target,
            head.headers.copy(),
            body,
            connection=self.connection,
            protocol="gRPC" if head.grpc else "HTTP/2",
            incoming=incoming,
        )
        answer = self._handle(request)
        if isinstance(answer, Answer) and answer.chunks is None and answer.strike is None:
            self._answer(stream, answer)
        else:
            stream.task = asyncio.get_running_loop().create_task(self._deliver(stream, answer))

    # Answers

    def _answer(self, stream: Stream, answer: Answer) -> None:
        """One that is complete."""
        stream.record = answer.record
        status = answer.status
        body = answer.body
        if not has_body(status, stream.head.method):
            length = len(body) if has_length(status) else None
            self._outlet.head(stream, blocks.head(status, answer.headers, length), end=True)
        elif answer.trailers is None:
            self._outlet.whole(stream, blocks.head(status, answer.headers, len(body)), body, b"")
        else:
            trailers = blocks.trailers(answer.trailers())
            self._outlet.whole(stream, blocks.head(status, answer.headers, None), body, trailers)

    async def _deliver(self, stream: Stream, waiting: Answer | Awaitable[Answer]) -> None:
        ended = "complete"
        answer = None
        try:
            answer = waiting if isinstance(waiting, Answer) else await waiting
            if answer.chunks is None and answer.strike is None and not stream.sent:
                self._answer(stream, answer)
                answer = None
            else:
                ended = await deliver(answer, self._wire(stream, answer))
        except asyncio.CancelledError:
            ended = stream.ending
            raise
        except Exception:
            ended = "cut"
            _tell(f"{stream.head.method} {stream.head.target} failed\n{traceback.format_exc()}")
            self._reset(stream.id, Code.INTERNAL_ERROR)
        finally:
            if answer is not None and answer.record is not None:
                answer.record.close(ended)

    def _wire(self, stream: Stream, answer: Answer) -> Http2Wire:
        return Http2Wire(
            self._transport, self._outlet, stream, answer, lambda code: self._reset(stream.id, code), self._leave
        )

    def _sent(self, stream: Stream) -> None:
        """Our side of the stream is at its end."""
        if stream.record is not None:
            stream.record.close("complete")
            stream.record = None
        if not stream.ended:
            # Nobody needs the rest of the request (RFC 9113 section 8.1).
            if stream.incoming is not None:
                stream.incoming.discard()
            self._outlet.write(frames.rst_stream(stream.id, Code.NO_ERROR))
        self._forget(stream, reset=not stream.ended)

    # Ends

    def _forget(self, stream: Stream, reset: bool) -> None:
        inlet = self._inlet
        if inlet.streams.pop(stream.id, None) is not None:
            inlet.closed.add(stream.id, reset)
            if inlet.leaving:
                self._close_if_idle()

    def _reset(self, number: int, code: int) -> None:
        stream = self._inlet.streams.get(number)
        if stream is not None:
            self._abandon(stream, "reset")
        elif self._inlet.closed.reset(number):
            return  # it was told already
        self._outlet.write(frames.rst_stream(number, code))
        self._inlet.closed.add(number, reset=True)

    def _abandon(self, stream: Stream, ending: str) -> None:
        """The peer, or an error, ends the stream before its answer does."""
        stream.ending = ending
        self._outlet.drop(stream)
        if stream.record is not None:
            stream.record.close(ending)
            stream.record = None
        task = stream.task
        if task is not None and not task.done() and task is not asyncio.current_task():
            # Not at once: a task that has not begun would never see it, nor close what it holds.
            task.get_loop().call_soon(task.cancel)
        elif stream.incoming is not None:
            stream.incoming.end(ConnectionResetError("the client ended the request before its body was complete"))
        self._forget(stream, reset=False)


def _tell(text: str) -> None:
    sys.stderr.write(f"samewire mock: {text}\n")
