"""The sending side of an HTTP/2 connection: windows, frame sizes, one write per turn of the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mock.engine.http import frames
from mock.engine.http.fields import NO_TABLE
from mock.engine.http.frames import Code, GoAway, Reset
from mock.engine.http.stream import Stream

# What may wait in the transport of a peer that asks and does not read; answers' bodies wait in their streams instead.
_BACKLOG = 4 * 1024 * 1024


class Outlet:
    """`sent(stream)` is called when the last byte of an answer went to the transport."""

    def __init__(self, transport: asyncio.Transport, sent: Callable[[Stream], None]) -> None:
        self.window = frames.DEFAULT_WINDOW
        self.stream_window = frames.DEFAULT_WINDOW
        self.max_frame = frames.DEFAULT_FRAME
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._sent = sent
        self._out: list[bytes | memoryview] = []
        self._held = False  # somebody will flush
        self._paused = False
        self._closed = False
        self._prefix = NO_TABLE
        self._blocked: dict[int, Stream] = {}  # streams with something unsent, the next one first

    # Writing

    def hold(self) -> None:
        """Nothing is written until `flush`, which the caller promises."""
        self._held = True

    def flush(self) -> None:
        self._held = False
        if not self._out:
            return
        data = b"".join(self._out)
        self._out.clear()
        if self._closed:
            return
        self._transport.write(data)
        if self._paused and self._transport.get_write_buffer_size() > _BACKLOG:
            self.close()
            self._transport.abort()

    def write(self, data: bytes) -> None:
        """Whole frames, which no window counts."""
        self._out.append(data)
        if not self._held:
            self._held = True
            self._loop.call_soon(self.flush)

    def prefixed(self, block: bytes) -> bytes:
        """The block as it goes out: the first one says that our header table is empty."""
        if self._prefix:
            block = self._prefix + block
            self._prefix = b""
        return block

    def head(self, stream: Stream, block: bytes, end: bool = False) -> None:
        self.write(frames.headers(stream.id, self.prefixed(block), end, self.max_frame))
        if end:
            self._done(stream)

    def whole(self, stream: Stream, block: bytes, body: bytes, trailers: bytes) -> None:
        """A complete answer; b"" for no trailers."""
        size = len(body)
        if not (0 < size <= self.max_frame and size <= stream.window and size <= self.window) or self._paused:
            if not body and not trailers:
                self.head(stream, block, end=True)
                return
            self.head(stream, block)
            self.data(stream, body, trailers)
            return
        stream.window -= size
        self.window -= size
        if self._prefix:
            block = self.prefixed(block)
        if len(block) <= self.max_frame >= len(trailers):
            self.write(frames.answer(stream.id, block, body, trailers))
        else:
            written = frames.headers(stream.id, block, False, self.max_frame)
            written += frames.data(stream.id, body, not trailers)
            self.write(written + (frames.headers(stream.id, trailers, True, self.max_frame) if trailers else b""))
        self._done(stream)

    def data(self, stream: Stream, data: bytes, finish: bytes | None = None) -> None:
        """A piece of an answer's body. `finish`: None where more comes, b"" for the end, else a block of trailers."""
        stream.unsent = bytes(stream.unsent) + data if stream.unsent else data
        stream.finish = finish
        self._pump(stream)

    async def drain(self, stream: Stream) -> None:
        """Waits until all that was given for the stream is with the transport, and that wants more."""
        while (stream.unsent or self._paused) and not stream.sent:
            self._blocked.setdefault(stream.id, stream)
            stream.drained = self._loop.create_future()
            await stream.drained

    def drop(self, stream: Stream) -> None:
        """Nothing more of this stream is sent."""
        stream.sent = True
        stream.unsent = b""
        stream.finish = None
        self._blocked.pop(stream.id, None)
        _wake(stream)

    def close(self) -> None:
        """Nothing more is sent at all."""
        self._closed = True
        self._blocked.clear()

    def _pump(self, stream: Stream) -> None:
        """Sends what the windows allow."""
        size = len(stream.unsent)
        at = 0
        last = stream.finish == b""
        view = memoryview(stream.unsent)
        while at < size and not self._paused:
            length = min(size - at, self.max_frame, stream.window, self.window)
            if length <= 0:
                break
            stream.window -= length
            self.window -= length
            end = last and at + length == size
            head = frames.frame(frames.DATA, frames.END_STREAM if end else 0, stream.id)
            self.write(length.to_bytes(3, "big") + head[3:])
            self._out.append(view[at : at + length])
            at += length
        stream.unsent = view[at:] if at < size else b""
        if at < size:
            self._blocked.pop(stream.id, None)  # to the end of the row
            self._blocked[stream.id] = stream
            return
        self._blocked.pop(stream.id, None)
        if stream.finish is not None:
            if stream.finish:
                self.write(frames.headers(stream.id, stream.finish, True, self.max_frame))
            elif not size:
                self.write(frames.data(stream.id, b"", True))
            self._done(stream)
        _wake(stream)

    def _done(self, stream: Stream) -> None:
        stream.sent = True
        self._sent(stream)

    # What the peer allows

    def widen(self, increment: int) -> None:
        """WINDOW_UPDATE of the connection. Raises GoAway."""
        if self.window + increment > frames.LARGEST_WINDOW:
            raise GoAway(Code.FLOW_CONTROL_ERROR, "the window of the connection would be larger than 2^31-1")
        self.window += increment
        self._resume()

    def widen_stream(self, stream: Stream, increment: int) -> None:
        """WINDOW_UPDATE of a stream. Raises Reset."""
        if stream.window + increment > frames.LARGEST_WINDOW:
            raise Reset(stream.id, Code.FLOW_CONTROL_ERROR, "the window of the stream would be larger than 2^31-1")
        stream.window += increment
        if stream.id in self._blocked:
            self._pump(stream)

    def set_stream_window(self, size: int, streams: list[Stream]) -> None:
        """SETTINGS_INITIAL_WINDOW_SIZE: all open streams' windows move by the difference. Raises GoAway."""
        change = size - self.stream_window
        self.stream_window = size
        for stream in streams:
            if stream.window + change > frames.LARGEST_WINDOW:
                raise GoAway(Code.FLOW_CONTROL_ERROR, "SETTINGS_INITIAL_WINDOW_SIZE makes a window larger than 2^31-1")
            stream.window += change
        if change > 0:
            self._resume()

    # What the transport allows

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        self._resume()

    def _resume(self) -> None:
        for stream in list(self._blocked.values()):
            if self._paused:
                return
            if self.window > 0 or not stream.unsent:
                self._pump(stream)


def _wake(stream: Stream) -> None:
    if stream.drained is not None and not stream.drained.done():
        stream.drained.set_result(None)
