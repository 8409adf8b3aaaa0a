"""HTTP/2 and gRPC: one connection (RFC 9113). Frames come in here, requests go to the engine, answers to the outlet."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable
from typing import Protocol, cast

from mock.engine.answer import Answer
from mock.engine.http import blocks, frames
from mock.engine.http.fields import NO_TABLE, FieldReader
from mock.engine.http.floods import Allowance
from mock.engine.http.frames import Code, FrameReader, GoAway, Reset
from mock.engine.http.http1_head import has_body, has_length
from mock.engine.http.incoming import Incoming
from mock.engine.http.limits import LIMITS, Limits
from mock.engine.http.outlet import Outlet
from mock.engine.http.request_head import Malformed, RequestHead, check_trailers, read_head
from mock.engine.http.stream import Closed, Stream
from mock.engine.request import Connection, Request

STREAMS = 1_000
STREAM_WINDOW = 1024 * 1024
WINDOW = 16 * 1024 * 1024
_KEPT_HEADS = 256
_CONTINUATIONS = 64
# How long the peer of a failed connection may take to read why, in seconds.
_LINGER = 1.0
_log = logging.getLogger(__name__)


class Handler(Protocol):
    """What a front wants of the engine."""

    def handle(self, request: Request) -> Answer | Awaitable[Answer]: ...


class Http2(asyncio.Protocol):
    """`connection.session` and the like are the caller's. Bodies above `limits.whole`, and of gRPC those that did not
    come together with their head, are handed over as `request.incoming`."""

    def __init__(self, engine: Handler, connection: Connection, limits: Limits = LIMITS) -> None:
        self._engine = engine
        self._connection = connection
        self._limits = limits
        self._reader = FrameReader()
        self._preface = frames.PREFACE
        self._settled = False  # the peer's first SETTINGS came
        self._over = False  # GOAWAY was sent for an error; what comes is not looked at
        self._leaving = False  # no new streams
        self._streams: dict[int, Stream] = {}
        self._closed = Closed()
        self._last = 0
        self._credit = WINDOW
        self._owed = 0
        self._fields = FieldReader(limits.head)
        self._heads: dict[bytes, RequestHead] = {}
        self._heads_version = 0
        self._block: tuple[int, int, list[bytes]] | None = None  # stream, flags and pieces of an unfinished head
        self._allowance = Allowance()
        self._waiting: list[Stream] = []  # whose heads came in this read, but not their ends
        self._transport: asyncio.Transport
        self._outlet: Outlet

    # The transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # No isinstance: uvloop's transports are none of asyncio's classes.
        self._transport = transport = cast(asyncio.Transport, transport)
        self._outlet = Outlet(transport, self._answered)
        self._loop = asyncio.get_running_loop()
        self._outlet.write(
            frames.settings(
                (
                    (frames.MAX_CONCURRENT_STREAMS, STREAMS),
                    (frames.INITIAL_WINDOW_SIZE, STREAM_WINDOW),
                    (frames.MAX_HEADER_LIST_SIZE, self._limits.head),
                )
            )
            + frames.window_update(0, WINDOW - frames.DEFAULT_WINDOW)
        )
        self._first_block = NO_TABLE

    def connection_lost(self, exc: Exception | None) -> None:
        self._over = True
        self._outlet.close()
        for stream in list(self._streams.values()):
            self._abandon(stream, "client gone")

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
            if self._preface:
                data = self._begin(data)
            for kind, flags, stream, payload in self._reader.frames(data):
                try:
                    self._take(kind, flags, stream, payload)
                except Reset as error:
                    self._fail_stream(error)
            if self._waiting:
                self._start_waiting()
        except GoAway as error:
            self._fail(error)
        self._outlet.flush()

    def leave(self) -> None:
        """No new requests; the connection closes when those that are open are answered."""
        if not self._leaving and not self._over:
            self._leaving = True
            self._outlet.write(frames.goaway(self._last, Code.NO_ERROR, "the server is stopping"))
            self._close_if_done()

    # Frames

    def _begin(self, data: bytes) -> bytes:
        """Takes the preface off."""
        length = min(len(data), len(self._preface))
        if data[:length] != self._preface[:length]:
            raise GoAway(Code.PROTOCOL_ERROR, "the connection does not begin with the preface of HTTP/2")
        self._preface = self._preface[length:]
        return data[length:]

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if self._block is not None and (kind != frames.CONTINUATION or stream != self._block[0]):
            raise GoAway(Code.PROTOCOL_ERROR, f"a frame within the head of stream {self._block[0]}")
        if kind == frames.HEADERS:
            self._on_headers(flags, stream, payload)
        elif kind == frames.DATA:
            self._on_data(flags, stream, payload)
        elif kind == frames.WINDOW_UPDATE:
            self._on_window_update(stream, payload)
        elif kind == frames.SETTINGS:
            self._on_settings(flags, stream, payload)
            return
        elif kind == frames.PING:
            self._on_ping(flags, stream, payload)
        elif kind == frames.RST_STREAM:
            self._on_rst_stream(stream, payload)
        elif kind == frames.CONTINUATION:
            self._on_continuation(flags, stream, payload)
        elif kind == frames.PRIORITY:
            self._on_priority(stream, payload)
        elif kind == frames.GOAWAY:
            if stream:
                raise GoAway(Code.PROTOCOL_ERROR, "GOAWAY on a stream")
            if len(payload) < 8:
                raise GoAway(Code.FRAME_SIZE_ERROR, "GOAWAY that is cut off")
        elif kind == frames.PUSH_PROMISE:
            raise GoAway(Code.PROTOCOL_ERROR, "a client does not push")
        else:
            self._allowance.spend("frames of unknown types")
        if not self._settled:
            raise GoAway(Code.PROTOCOL_ERROR, "the first frame is not SETTINGS")

    def _on_headers(self, flags: int, stream: int, payload: bytes) -> None:
        if not stream & 1:
            raise GoAway(Code.PROTOCOL_ERROR, f"HEADERS on stream {stream}; a client's have odd numbers")
        if not self._settled:
            raise GoAway(Code.PROTOCOL_ERROR, "the first frame is not SETTINGS")
        self_dependent = None
        try:
            if flags & 0x28:
                payload = frames.fragment(flags, stream, payload)
        except Reset as error:
            # The block is read all the same: the table that it changes is the connection's.
            self_dependent = error
            payload = frames.unpadded(flags, payload)[5:]
        if flags & frames.END_HEADERS:
            self._on_block(flags, stream, payload)
        else:
            self._block = (stream, flags, [payload])
        if self_dependent:
            raise self_dependent

    def _on_continuation(self, flags: int, stream: int, payload: bytes) -> None:
        if self._block is None:
            raise GoAway(Code.PROTOCOL_ERROR, "CONTINUATION without HEADERS")
        _, first_flags, pieces = self._block
        pieces.append(payload)
        if len(pieces) > _CONTINUATIONS or sum(map(len, pieces)) > 2 * self._limits.head:
            raise GoAway(Code.ENHANCE_YOUR_CALM, "a head that is too large")
        if flags & frames.END_HEADERS:
            self._block = None
            self._on_block(first_flags, stream, b"".join(pieces))

    def _on_block(self, flags: int, id: int, block: bytes) -> None:
        """A whole head, or whole trailers."""
        if id > self._last and block in self._heads and self._heads_version == self._fields.version:
            self._open(id, flags, self._heads[block])
            return
        version = self._fields.version
        fields = self._fields.read(block)
        if id <= self._last:
            self._on_trailers(flags, id, fields)
            return
        if self._leaving:
            return
        if fields is None:
            self._last = id
            self._refuse(id, flags, 431)
            return
        try:
            head = read_head(fields)
        except Malformed as error:
            self._last = id
            raise Reset(id, Code.PROTOCOL_ERROR, str(error)) from None
        if self._fields.version == version and len(block) <= 1024:
            # It did not change the table, so it means the same until another block does.
            if self._heads_version != version or len(self._heads) >= _KEPT_HEADS:
                self._heads.clear()
                self._heads_version = version
            self._heads[block] = head
        self._open(id, flags, head)

    def _open(self, id: int, flags: int, head: RequestHead) -> None:
        self._last = id
        if len(self._streams) >= STREAMS:
            raise Reset(id, Code.REFUSED_STREAM, f"more than {STREAMS} streams")
        stream = self._streams[id] = Stream(id, head, self._outlet.stream_window, STREAM_WINDOW)
        if flags & frames.END_STREAM:
            self._end(stream)
        else:
            if self._limits.body is not None and (head.length or 0) > self._limits.body:
                self._refuse(id, flags, 413)
                return
            self._waiting.append(stream)

    def _on_trailers(self, flags: int, id: int, fields: list[tuple[bytes, bytes]] | None) -> None:
        stream = self._streams.get(id)
        if stream is None:
            reset = self._closed.reset(id)
            if reset:
                return
            if reset is None:
                raise GoAway(Code.PROTOCOL_ERROR, f"HEADERS on stream {id}, which is lower than the last")
            raise GoAway(Code.STREAM_CLOSED, f"HEADERS on stream {id}, which is closed")
        if stream.ended:
            raise Reset(id, Code.STREAM_CLOSED, "HEADERS after END_STREAM")
        if not flags & frames.END_STREAM:
            raise Reset(id, Code.PROTOCOL_ERROR, "trailers that do not end the stream")
        try:
            check_trailers(fields or [])
        except Malformed as error:
            raise Reset(id, Code.PROTOCOL_ERROR, str(error)) from None
        self._end(stream)

    def _on_data(self, flags: int, id: int, payload: bytes) -> None:
        size = len(payload)
        if not id:
            raise GoAway(Code.PROTOCOL_ERROR, "DATA on stream 0")
        if size > self._credit:
            raise GoAway(Code.FLOW_CONTROL_ERROR, "DATA beyond the window of the connection")
        self._credit -= size
        self._owed += size
        if self._owed > WINDOW // 2:
            self._outlet.write(frames.window_update(0, self._owed))
            self._credit += self._owed
            self._owed = 0
        stream = self._streams.get(id)
        if stream is None:
            self._on_late_data(id)
            return
        if stream.ended:
            raise Reset(id, Code.STREAM_CLOSED, "DATA after END_STREAM")
        if size > stream.credit:
            raise Reset(id, Code.FLOW_CONTROL_ERROR, "DATA beyond the window of the stream")
        stream.credit -= size
        if flags & frames.PADDED:
            payload = frames.unpadded(flags, payload)
        if payload:
            self._feed(stream, payload)
        elif not flags & frames.END_STREAM:
            self._allowance.spend("empty DATA frames")
        if flags & frames.END_STREAM:
            self._end(stream)
        else:
            stream.owed += size
            self._widen(stream)

    def _on_late_data(self, id: int) -> None:
        if id > self._last:
            raise GoAway(Code.PROTOCOL_ERROR, f"DATA on stream {id}, which is idle")
        if not self._closed.reset(id):
            raise Reset(id, Code.STREAM_CLOSED, f"DATA on stream {id}, which is closed")
        self._allowance.spend("DATA frames on streams that were reset")

    def _on_settings(self, flags: int, stream: int, payload: bytes) -> None:
        if stream:
            raise GoAway(Code.PROTOCOL_ERROR, "SETTINGS on a stream")
        if flags & frames.ACK:
            if payload:
                raise GoAway(Code.FRAME_SIZE_ERROR, "an acknowledgement of SETTINGS that is not empty")
            if not self._settled:
                raise GoAway(Code.PROTOCOL_ERROR, "the first frame is an acknowledgement")
            return
        self._allowance.spend("SETTINGS")
        self._settled = True
        values = frames.read_settings(payload)
        # What goes out because of the new values comes after the acknowledgement.
        self._outlet.write(frames.SETTINGS_ACK)
        for name, value in values:
            if name == frames.INITIAL_WINDOW_SIZE:
                self._outlet.set_stream_window(value, list(self._streams.values()))
            elif name == frames.MAX_FRAME_SIZE:
                self._outlet.max_frame = value

    def _on_ping(self, flags: int, stream: int, payload: bytes) -> None:
        if stream:
            raise GoAway(Code.PROTOCOL_ERROR, "PING on a stream")
        if len(payload) != 8:
            raise GoAway(Code.FRAME_SIZE_ERROR, f"PING of {len(payload)} bytes; it has 8")
        self._allowance.spend("PING")
        if not flags & frames.ACK:
            self._outlet.write(frames.ping_ack(payload))

    def _on_priority(self, stream: int, payload: bytes) -> None:
        if not stream:
            raise GoAway(Code.PROTOCOL_ERROR, "PRIORITY on stream 0")
        if len(payload) != 5:
            raise Reset(stream, Code.FRAME_SIZE_ERROR, f"PRIORITY of {len(payload)} bytes; it has 5")
        if frames.uint31(payload) == stream:
            raise Reset(stream, Code.PROTOCOL_ERROR, "the stream depends on itself")
        self._allowance.spend("PRIORITY")

    def _on_rst_stream(self, id: int, payload: bytes) -> None:
        if len(payload) != 4:
            raise GoAway(Code.FRAME_SIZE_ERROR, f"RST_STREAM of {len(payload)} bytes; it has 4")
        if not id or id > self._last:
            raise GoAway(Code.PROTOCOL_ERROR, f"RST_STREAM on stream {id}, which is idle")
        self._allowance.spend("RST_STREAM")
        stream = self._streams.get(id)
        if stream is not None:
            self._abandon(stream, "client gone")

    def _on_window_update(self, id: int, payload: bytes) -> None:
        if len(payload) != 4:
            raise GoAway(Code.FRAME_SIZE_ERROR, f"WINDOW_UPDATE of {len(payload)} bytes; it has 4")
        if id > self._last:
            raise GoAway(Code.PROTOCOL_ERROR, f"WINDOW_UPDATE on stream {id}, which is idle")
        increment = frames.uint31(payload)
        if not increment:
            if not id:
                raise GoAway(Code.PROTOCOL_ERROR, "WINDOW_UPDATE by 0")
            raise Reset(id, Code.PROTOCOL_ERROR, "WINDOW_UPDATE by 0")
        if not id:
            self._outlet.widen(increment)
        elif stream := self._streams.get(id):
            self._outlet.widen_stream(stream, increment)

    # Requests

    def _feed(self, stream: Stream, payload: bytes) -> None:
        stream.received += len(payload)
        length = stream.head.length
        if length is not None and stream.received > length:
            raise Reset(stream.id, Code.PROTOCOL_ERROR, "the body is longer than content-length")
        if stream.sent:
            return
        if stream.incoming is not None:
            stream.incoming.feed(payload)
            return
        stream.pieces.append(payload)
        if stream.received > self._limits.whole:
            self._start(stream)

    def _widen(self, stream: Stream) -> None:
        if stream.owed > STREAM_WINDOW // 2 and not stream.pressed and not stream.ended:
            self._outlet.write(frames.window_update(stream.id, stream.owed))
            stream.credit += stream.owed
            stream.owed = 0

    def _end(self, stream: Stream) -> None:
        """END_STREAM of the peer."""
        stream.ended = True
        length = stream.head.length
        if length is not None and length != stream.received:
            raise Reset(stream.id, Code.PROTOCOL_ERROR, "the body is shorter than content-length")
        if stream.incoming is not None:
            stream.incoming.end()
            if stream.sent:
                self._forget(stream)
        elif stream.sent:
            self._forget(stream)
        else:
            self._handle(stream, b"".join(stream.pieces), None)

    def _start_waiting(self) -> None:
        """Heads whose bodies did not come with them."""
        waiting, self._waiting = self._waiting, []
        for stream in waiting:
            if stream.ended or stream.sent:
                continue
            if stream.incoming is None and (stream.head.grpc or (stream.head.length or 0) > self._limits.whole):
                self._start(stream)
            if stream.head.expects and not stream.sent and not stream.received:
                self._outlet.head(stream, self._prefixed(b"\x08\x03100"))

    def _start(self, stream: Stream) -> None:
        """Hands over a request whose body is still coming."""

        def press(pressed: bool) -> None:
            stream.pressed = pressed
            self._widen(stream)

        incoming = stream.incoming = Incoming(STREAM_WINDOW // 2, press)
        for piece in stream.pieces:
            incoming.feed(piece)
        stream.pieces.clear()
        self._handle(stream, b"", incoming)

    def _handle(self, stream: Stream, body: bytes, incoming: Incoming | None) -> None:
        head = stream.head
        request = Request(
            head.method,
            head.target,
            head.headers.copy(),
            body,
            connection=self._connection,
            protocol="gRPC" if head.grpc else "HTTP/2",
            incoming=incoming,
        )
        answer = self._engine.handle(request)
        if isinstance(answer, Answer) and answer.chunks is None and answer.strike is None:
            self._whole(stream, answer)
        else:
            stream.task = self._loop.create_task(self._deliver(stream, answer))

    # Answers

    def _whole(self, stream: Stream, answer: Answer) -> None:
        """An answer that is complete."""
        stream.record = answer.record
        status = answer.status
        body = answer.body
        trailers = answer.trailers
        if has_body(status, stream.head.method):
            if trailers is None:
                self._outlet.whole(stream, self._prefixed(blocks.head(status, answer.headers, len(body))), body, b"")
            else:
                block = self._prefixed(blocks.head(status, answer.headers, None))
                self._outlet.whole(stream, block, body, blocks.trailers(trailers()))
        else:
            length = len(body) if has_length(status) else None
            self._outlet.head(stream, self._prefixed(blocks.head(status, answer.headers, length)), end=True)

    def _prefixed(self, block: bytes) -> bytes:
        if self._first_block:
            block = self._first_block + block
            self._first_block = b""
        return block

    async def _deliver(self, stream: Stream, waiting: Answer | Awaitable[Answer]) -> None:
        try:
            answer = waiting if isinstance(waiting, Answer) else await waiting
            if answer.chunks is None:
                self._whole(stream, answer)
            else:
                await self._stream(stream, answer)
        except Exception as error:
            _log.exception("an answer could not be made or delivered")
            if not stream.sent:
                self._fail_stream(Reset(stream.id, Code.INTERNAL_ERROR, str(error)))

    async def _stream(self, stream: Stream, answer: Answer) -> None:
        stream.record = answer.record
        chunks = answer.chunks
        assert chunks is not None
        outlet = self._outlet
        try:
            ends = not has_body(answer.status, stream.head.method)
            outlet.head(stream, self._prefixed(blocks.head(answer.status, answer.headers, None)), end=ends)
            if ends:
                return
            async for chunk in chunks:
                if chunk:
                    outlet.data(stream, chunk)
                    await outlet.drain(stream)
            trailers = b"" if answer.trailers is None else blocks.trailers(answer.trailers())
            outlet.data(stream, b"", trailers)
        finally:
            close = getattr(chunks, "aclose", None)
            if close is not None:
                await close()

    def _answered(self, stream: Stream) -> None:
        """Our side of the stream is at its end."""
        if stream.record is not None:
            stream.record.close("complete")
            stream.record = None
        if stream.ended:
            self._forget(stream)
            return
        # Nobody needs the rest of the request (section 8.1).
        if stream.incoming is not None:
            stream.incoming.discard()
        self._outlet.write(frames.rst_stream(stream.id, Code.NO_ERROR))
        self._forget(stream, reset=True)

    # Ends

    def _forget(self, stream: Stream, reset: bool = False) -> None:
        if self._streams.pop(stream.id, None) is not None:
            self._closed.add(stream.id, reset)
            if self._leaving:
                self._close_if_done()

    def _abandon(self, stream: Stream, ended: str) -> None:
        """The peer, or an error, ended the stream."""
        self._outlet.drop(stream)
        self._forget(stream)
        if stream.record is not None:
            stream.record.close(ended)
            stream.record = None
        if stream.incoming is not None:
            stream.incoming.end(ConnectionResetError("the client is gone"))
        if stream.task is not None and stream.task is not asyncio.current_task():
            stream.task.cancel()

    def _refuse(self, id: int, flags: int, status: int) -> None:
        """An answer that the engine is not asked for."""
        block = self._prefixed(blocks.head(status, (), 0))
        self._outlet.write(frames.headers(id, block, True, self._outlet.max_frame))
        if not flags & frames.END_STREAM:
            self._outlet.write(frames.rst_stream(id, Code.NO_ERROR))
        self._streams.pop(id, None)
        self._closed.add(id, reset=True)

    def _fail_stream(self, error: Reset) -> None:
        if error.stream > self._last:
            raise GoAway(error.code, error.reason)
        _log.debug("stream %d: %s", error.stream, error.reason)
        self._allowance.spend("errors of streams")
        stream = self._streams.get(error.stream)
        self._outlet.write(frames.rst_stream(error.stream, error.code))
        if stream is not None:
            self._abandon(stream, "reset")
        self._closed.add(error.stream, reset=True)

    def _fail(self, error: GoAway) -> None:
        self._over = True
        print(f"samewire mock: HTTP/2 connection from {self._connection.peer}: {error.reason}", file=sys.stderr)
        self._outlet.write(frames.goaway(self._last, error.code, error.reason))
        self._outlet.flush()
        for stream in list(self._streams.values()):
            self._abandon(stream, "reset")
        self._outlet.close()
        if self._transport.can_write_eof():
            # Closed at once, the socket would take back the GOAWAY that the peer has not read yet.
            self._transport.write_eof()
            self._loop.call_later(_LINGER, self._transport.close)
        else:
            self._transport.close()

    def _close_if_done(self) -> None:
        if not self._streams:
            self._outlet.flush()
            self._transport.close()
