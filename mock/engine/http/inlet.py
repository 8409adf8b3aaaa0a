"""The receiving side of an HTTP/2 connection: from bytes to streams with heads and bodies, and what a peer may not do.

Sections are those of RFC 9113.
"""

from __future__ import annotations

from typing import Protocol

from mock.engine.http import frames
from mock.engine.http.fields import Field, FieldReader
from mock.engine.http.floods import Allowance
from mock.engine.http.frames import Code, FrameReader, GoAway, Reset
from mock.engine.http.limits import Limits
from mock.engine.http.outlet import Outlet
from mock.engine.http.request_head import Malformed, RequestHead, check_trailers, read_head
from mock.engine.http.stream import Closed, Stream

STREAMS = 1_000
STREAM_WINDOW = 1024 * 1024
WINDOW = 16 * 1024 * 1024
_KEPT_HEADS = 256
_KEPT_HEAD = 1024  # bytes
_CONTINUATIONS = 64


class Taker(Protocol):
    """Who is told of requests."""

    def take(self, stream: Stream) -> None:
        """The request is complete: `stream.pieces` is its body, unless `stream.incoming` was begun."""

    def begin(self, stream: Stream) -> None:
        """The request is to be handed over although its body still comes: `stream.incoming` is to be made."""

    def welcome(self, stream: Stream) -> None:
        """The head is here, and nothing of the body yet."""

    def gone(self, stream: Stream) -> None:
        """RST_STREAM of the peer."""

    def refuse(self, number: int, status: int, *, complete: bool) -> None:
        """A request that is answered without being looked at."""

    def fail(self, error: Reset) -> None:
        """An error of one stream."""


class Inlet:
    """`streams` are those that are open on either side; `last` is the highest number that was seen."""

    def __init__(self, outlet: Outlet, limits: Limits, taker: Taker) -> None:
        self.streams: dict[int, Stream] = {}
        self.closed = Closed()
        self.last = 0
        self.leaving = False  # new streams are ignored
        self._outlet = outlet
        self._limits = limits
        self._taker = taker
        self._reader = FrameReader()
        self._preface = frames.PREFACE
        self._settled = False  # the peer's first SETTINGS came
        self._credit = WINDOW
        self._owed = 0
        self._fields = FieldReader(limits.head)
        self._heads: dict[bytes, RequestHead] = {}
        self._heads_version = 0
        self._block: tuple[int, int, list[bytes]] | None = None  # stream, flags and pieces of an unfinished head
        self._allowance = Allowance()
        self._waiting: list[Stream] = []  # whose heads came in this read, but not their ends
        self._on = {
            frames.PRIORITY: self._on_priority,
            frames.RST_STREAM: self._on_rst_stream,
            frames.SETTINGS: self._on_settings,
            frames.PUSH_PROMISE: self._on_push_promise,
            frames.PING: self._on_ping,
            frames.GOAWAY: self._on_goaway,
            frames.WINDOW_UPDATE: self._on_window_update,
            frames.CONTINUATION: self._on_continuation,
        }

    @staticmethod
    def greeting(limits: Limits) -> bytes:
        """What the server says first."""
        return frames.settings(
            (
                (frames.MAX_CONCURRENT_STREAMS, STREAMS),
                (frames.INITIAL_WINDOW_SIZE, STREAM_WINDOW),
                (frames.MAX_HEADER_LIST_SIZE, limits.head),
            )
        ) + frames.window_update(0, WINDOW - frames.DEFAULT_WINDOW)

    def feed(self, data: bytes) -> None:
        """Raises GoAway."""
        if self._preface:
            data = self._begin(data)
        for frame in self._reader.frames(data):
            try:
                self._frame(*frame)
            except Reset as error:
                if error.stream > self.last:
                    raise GoAway(error.code, error.reason) from None
                self._allowance.spend("errors of streams")
                self._taker.fail(error)
        if self._waiting:
            self._start_waiting()

    def widen(self, stream: Stream) -> None:
        """Gives the peer back what was read of the stream, when it is enough to be worth a frame."""
        if stream.owed > STREAM_WINDOW // 2 and not stream.pressed and not stream.ended:
            self._outlet.write(frames.window_update(stream.id, stream.owed))
            stream.credit += stream.owed
            stream.owed = 0

    def _begin(self, data: bytes) -> bytes:
        """Takes the preface off."""
        length = min(len(data), len(self._preface))
        if data[:length] != self._preface[:length]:
            raise GoAway(Code.PROTOCOL_ERROR, "the connection does not begin with the preface of HTTP/2")
        self._preface = self._preface[length:]
        return data[length:]

    def _frame(self, kind: int, flags: int, number: int, payload: bytes) -> None:
        if self._block is not None and (kind != frames.CONTINUATION or number != self._block[0]):
            raise GoAway(Code.PROTOCOL_ERROR, f"a frame within the head of stream {self._block[0]}")
        if not self._settled and (kind != frames.SETTINGS or flags & frames.ACK):
            raise GoAway(Code.PROTOCOL_ERROR, "the first frame is not SETTINGS")
        if kind == frames.HEADERS:
            self._on_headers(flags, number, payload)
        elif kind == frames.DATA:
            self._on_data(flags, number, payload)
        elif on := self._on.get(kind):
            on(flags, number, payload)
        else:
            self._allowance.spend("frames of unknown types")

    # Heads and trailers

    def _on_headers(self, flags: int, number: int, payload: bytes) -> None:
        if not number & 1:
            raise GoAway(Code.PROTOCOL_ERROR, f"HEADERS on stream {number}; a client's have odd numbers")
        dependency = 0
        if flags & (frames.PADDED | frames.PRIORITIZED):
            payload, dependency = frames.fragment(flags, payload)
        if flags & frames.END_HEADERS:
            self._on_block(flags, number, payload)
        else:
            self._block = (number, flags, [payload])
        # Not before the block was read: it may have changed the table.
        if dependency == number:
            raise Reset(number, Code.PROTOCOL_ERROR, "the stream depends on itself")

    def _on_continuation(self, flags: int, number: int, payload: bytes) -> None:
        if self._block is None:
            raise GoAway(Code.PROTOCOL_ERROR, "CONTINUATION without HEADERS")
        _, first_flags, pieces = self._block
        pieces.append(payload)
        if len(pieces) > _CONTINUATIONS or sum(map(len, pieces)) > 2 * self._limits.head:
            raise GoAway(Code.ENHANCE_YOUR_CALM, "a head that is too large")
        if flags & frames.END_HEADERS:
            self._block = None
            self._on_block(first_flags, number, b"".join(pieces))

    def _on_block(self, flags: int, number: int, block: bytes) -> None:
        """A whole field block."""
        if number > self.last and block in self._heads and self._heads_version == self._fields.version:
            self._open(number, flags, self._heads[block])
            return
        version = self._fields.version
        fields = self._fields.read(block)
        if number <= self.last:
            self._on_trailers(flags, number, fields)
            return
        if self.leaving:
            return
        if fields is None:
            self.last = number
            self._taker.refuse(number, 431, complete=bool(flags & frames.END_STREAM))
            return
        try:
            head = read_head(fields)
        except Malformed as error:
            self.last = number
            raise Reset(number, Code.PROTOCOL_ERROR, str(error)) from None
        if self._fields.version == version and len(block) <= _KEPT_HEAD:
            # It did not change the table, so it means the same until another block does.
            if self._heads_version != version or len(self._heads) >= _KEPT_HEADS:
                self._heads.clear()
                self._heads_version = version
            self._heads[block] = head
        self._open(number, flags, head)

    def _open(self, number: int, flags: int, head: RequestHead) -> None:
        if self.leaving:
            return
        self.last = number
        complete = bool(flags & frames.END_STREAM)
        if len(self.streams) >= STREAMS:
            raise Reset(number, Code.REFUSED_STREAM, f"more than {STREAMS} streams")
        if self._limits.body is not None and (head.length or 0) > self._limits.body:
            self._taker.refuse(number, 413, complete=complete)
            return
        stream = self.streams[number] = Stream(number, head, self._outlet.stream_window, STREAM_WINDOW)
        if complete:
            self._end(stream)
        else:
            self._waiting.append(stream)

    def _on_trailers(self, flags: int, number: int, fields: list[Field] | None) -> None:
        stream = self.streams.get(number)
        if stream is None:
            reset = self.closed.reset(number)
            if reset:
                return
            if reset is None:
                raise GoAway(Code.PROTOCOL_ERROR, f"HEADERS on stream {number}, which is lower than the last")
            raise GoAway(Code.STREAM_CLOSED, f"HEADERS on stream {number}, which is closed")
        if stream.ended:
            raise Reset(number, Code.STREAM_CLOSED, "HEADERS after END_STREAM")
        if not flags & frames.END_STREAM:
            raise Reset(number, Code.PROTOCOL_ERROR, "trailers that do not end the stream")
        try:
            check_trailers(fields or [])
        except Malformed as error:
            raise Reset(number, Code.PROTOCOL_ERROR, str(error)) from None
        self._end(stream)

    # Bodies

    def _on_data(self, flags: int, number: int, payload: bytes) -> None:
        size = len(payload)
        if not number:
            raise GoAway(Code.PROTOCOL_ERROR, "DATA on stream 0")
        if size > self._credit:
            raise GoAway(Code.FLOW_CONTROL_ERROR, "DATA beyond the window of the connection")
        # The connection's window is given back at once: a reader that is slow holds up its own stream only.
        self._credit -= size
        self._owed += size
        if self._owed > WINDOW // 2:
            self._outlet.write(frames.window_update(0, self._owed))
            self._credit += self._owed
            self._owed = 0
        if flags & frames.PADDED:
            payload = frames.unpadded(flags, payload)
        stream = self.streams.get(number)
        if stream is None:
            self._on_late_data(number)
            return
        if stream.ended:
            raise Reset(number, Code.STREAM_CLOSED, "DATA after END_STREAM")
        if size > stream.credit:
            raise Reset(number, Code.FLOW_CONTROL_ERROR, "DATA beyond the window of the stream")
        stream.credit -= size
        if payload:
            self._piece(stream, payload)
        elif not flags & frames.END_STREAM:
            self._allowance.spend("empty DATA frames")
        if flags & frames.END_STREAM:
            self._end(stream)
        else:
            stream.owed += size
            self.widen(stream)

    def _on_late_data(self, number: int) -> None:
        if number > self.last and not self.leaving:
            raise GoAway(Code.PROTOCOL_ERROR, f"DATA on stream {number}, which is idle")
        if not self.closed.reset(number) and not self.leaving:
            raise Reset(number, Code.STREAM_CLOSED, f"DATA on stream {number}, which is closed")
        self._allowance.spend("DATA frames on streams that were reset")

    def _piece(self, stream: Stream, payload: bytes) -> None:
        stream.received += len(payload)
        length = stream.head.length
        if length is not None and stream.received > length:
            raise Reset(stream.id, Code.PROTOCOL_ERROR, "the body is longer than content-length")
        if self._limits.body is not None and stream.received > self._limits.body:
            raise Reset(stream.id, Code.CANCEL, f"the body is longer than {self._limits.body} bytes")
        if stream.incoming is not None:
            stream.incoming.feed(payload)
            return
        stream.pieces.append(payload)
        if stream.received > self._limits.whole:
            self._taker.begin(stream)

    def _end(self, stream: Stream) -> None:
        """END_STREAM of the peer."""
        stream.ended = True
        length = stream.head.length
        if length is not None and length != stream.received:
            raise Reset(stream.id, Code.PROTOCOL_ERROR, "the body is shorter than content-length")
        if stream.incoming is not None:
            stream.incoming.end()
        else:
            self._taker.take(stream)

    def _start_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for stream in waiting:
            if stream.ended or stream.sent:
                continue
            if stream.head.expects and not stream.received:
                self._taker.welcome(stream)
            if stream.incoming is None and (stream.head.grpc or (stream.head.length or 0) > self._limits.whole):
                self._taker.begin(stream)

    # The rest

    def _on_settings(self, flags: int, number: int, payload: bytes) -> None:
        if number:
            raise GoAway(Code.PROTOCOL_ERROR, "SETTINGS on a stream")
        self._allowance.spend("SETTINGS")
        if flags & frames.ACK:
            if payload:
                raise GoAway(Code.FRAME_SIZE_ERROR, "an acknowledgement of SETTINGS that is not empty")
            return
        self._settled = True
        values = frames.read_settings(payload)
        # What goes out because of the new values comes after the acknowledgement.
        self._outlet.write(frames.SETTINGS_ACK)
        for name, value in values:
            if name == frames.INITIAL_WINDOW_SIZE:
                self._outlet.set_stream_window(value, list(self.streams.values()))
            elif name == frames.MAX_FRAME_SIZE:
                self._outlet.max_frame = value

    def _on_ping(self, flags: int, number: int, payload: bytes) -> None:
        if number:
            raise GoAway(Code.PROTOCOL_ERROR, "PING on a stream")
        if len(payload) != 8:
            raise GoAway(Code.FRAME_SIZE_ERROR, f"PING of {len(payload)} bytes; it has 8")
        self._allowance.spend("PING")
        if not flags & frames.ACK:
            self._outlet.write(frames.ping_ack(payload))

    def _on_priority(self, flags: int, number: int, payload: bytes) -> None:
        if not number:
            raise GoAway(Code.PROTOCOL_ERROR, "PRIORITY on stream 0")
        if len(payload) != 5:
            raise Reset(number, Code.FRAME_SIZE_ERROR, f"PRIORITY of {len(payload)} bytes; it has 5")
        if frames.uint31(payload) == number:
            raise Reset(number, Code.PROTOCOL_ERROR, "the stream depends on itself")
        self._allowance.spend("PRIORITY")

    def _on_rst_stream(self, flags: int, number: int, payload: bytes) -> None:
        if len(payload) != 4:
            raise GoAway(Code.FRAME_SIZE_ERROR, f"RST_STREAM of {len(payload)} bytes; it has 4")
        if not number or (number > self.last and not self.leaving):
            raise GoAway(Code.PROTOCOL_ERROR, f"RST_STREAM on stream {number}, which is idle")
        self._allowance.spend("RST_STREAM")
        if stream := self.streams.get(number):
            self._taker.gone(stream)

    def _on_window_update(self, flags: int, number: int, payload: bytes) -> None:
        if len(payload) != 4:
            raise GoAway(Code.FRAME_SIZE_ERROR, f"WINDOW_UPDATE of {len(payload)} bytes; it has 4")
        if number > self.last and not self.leaving:
            raise GoAway(Code.PROTOCOL_ERROR, f"WINDOW_UPDATE on stream {number}, which is idle")
        increment = frames.uint31(payload)
        if not increment:
            if not number:
                raise GoAway(Code.PROTOCOL_ERROR, "WINDOW_UPDATE by 0")
            raise Reset(number, Code.PROTOCOL_ERROR, "WINDOW_UPDATE by 0")
        if not number:
            self._outlet.widen(increment)
        elif stream := self.streams.get(number):
            self._outlet.widen_stream(stream, increment)

    def _on_goaway(self, flags: int, number: int, payload: bytes) -> None:
        if number:
            raise GoAway(Code.PROTOCOL_ERROR, "GOAWAY on a stream")
        if len(payload) < 8:
            raise GoAway(Code.FRAME_SIZE_ERROR, "GOAWAY that is cut off")
        self._allowance.spend("GOAWAY")

    def _on_push_promise(self, flags: int, number: int, payload: bytes) -> None:
        raise GoAway(Code.PROTOCOL_ERROR, "a client does not push")
