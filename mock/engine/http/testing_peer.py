"""For tests of HTTP/2: a peer in the same thread that says any bytes and sees every frame."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import hpack

from mock.engine.http import frames
from mock.engine.http.fields import write_fields
from mock.engine.http.frames import Code, Frame, FrameReader
from mock.engine.http.http2 import Http2
from mock.engine.http.limits import LIMITS, Limits
from mock.engine.http.testing import Echo
from mock.engine.request import Connection

GET = ((b":method", b"GET"), (b":scheme", b"http"), (b":path", b"/"), (b":authority", b"localhost"))
POST = ((b":method", b"POST"), *GET[1:])
SETTINGS = frames.settings(())


class Transport(asyncio.Transport):
    """Keeps what is written. `eof`, `closed`: what the server did to the connection."""

    def __init__(self, lost: Callable[[], None]) -> None:
        super().__init__()
        self.written = bytearray()
        self.total = 0
        self.eof = False
        self.closed = False
        self.held = 0
        self._lost = lost

    def write(self, data: Any) -> None:
        assert not self.eof, "written after EOF"
        if not self.closed:
            self.written += data
            self.total += len(data)

    def write_eof(self) -> None:
        self.eof = True

    def can_write_eof(self) -> bool:
        return True

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return self.held

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._lost()

    def abort(self) -> None:
        self.close()


class Peer:
    """A client over a connection in memory; use it as a context. `over`: the server ended the connection."""

    def __init__(self, engine: Any = None, limits: Limits = LIMITS, greet: bool = True) -> None:
        self.engine: Any = engine or Echo()
        self._loop = asyncio.new_event_loop()
        self._coder = hpack.Encoder()
        self._reader = FrameReader(frames.LARGEST_FRAME)
        self._greet = greet
        self._limits = limits
        self.decoder = hpack.Decoder()

    def __enter__(self) -> Peer:
        asyncio.set_event_loop(self._loop)
        self.front = Http2(self.engine, Connection(1, "peer"), self._limits)
        self.transport = Transport(lambda: self.front.connection_lost(None))

        async def made() -> None:
            self.front.connection_made(self.transport)

        self._loop.run_until_complete(made())
        if self._greet:
            self.send(frames.PREFACE + SETTINGS)
            self.frames()
        return self

    def __exit__(self, *error: object) -> None:
        self.do(self.transport.close)
        asyncio.set_event_loop(None)
        self._loop.close()

    @property
    def over(self) -> bool:
        return self.transport.closed or self.transport.eof

    def send(self, *pieces: bytes) -> None:
        """In one read of the server."""

        async def received() -> None:
            if not self.transport.closed:
                self.front.data_received(b"".join(pieces))

        self._loop.run_until_complete(received())
        self.turn()

    def do(self, function: Callable[[], Any]) -> None:
        async def run() -> None:
            function()

        self._loop.run_until_complete(run())
        self.turn()

    def turn(self, seconds: float = 0) -> None:
        """Lets the server's tasks go on."""

        async def run() -> None:
            for _ in range(20):
                await asyncio.sleep(0)
            await asyncio.sleep(seconds)

        self._loop.run_until_complete(run())

    def take(self) -> bytes:
        """What the server wrote since the last look."""
        data = bytes(self.transport.written)
        self.transport.written.clear()
        return data

    def frames(self) -> list[Frame]:
        return list(self._reader.frames(self.take()))

    @staticmethod
    def literal(fields: Any) -> bytes:
        """A block that means the same wherever it comes."""
        return write_fields(tuple(fields))

    def block(self, fields: Any = GET, *more: tuple[bytes, bytes]) -> bytes:
        return self._coder.encode([*fields, *more])

    def headers(self, stream: int, fields: Any = GET, *more: tuple[bytes, bytes], end: bool = True) -> bytes:
        return frames.headers(stream, self.block(fields, *more), end)

    def answer(self, stream: int = 1) -> tuple[dict[str, str], bytes]:
        """Head, with trailers, and body of a stream in what came since the last look."""
        head: dict[str, str] = {}
        body = b""
        for kind, _, number, payload in self.frames():
            if kind == frames.HEADERS:
                told = {_text(name): _text(value) for name, value in self.decoder.decode(payload, raw=True)}
                if number == stream:
                    head |= told
            elif kind == frames.DATA and number == stream:
                body += payload
        return head, body

    def resets(self, stream: int, code: Code) -> bool:
        """Whether the stream, and it alone, was reset with the code; the connection goes on."""
        want = (frames.RST_STREAM, 0, stream, int(code).to_bytes(4, "big"))
        if self.over or want not in self.frames():
            return False
        self.send(frames.frame(frames.PING, 0, 0, b"alive   "))
        return (frames.PING, frames.ACK, 0, b"alive   ") in self.frames()

    def goes_away(self, code: Code) -> bool:
        """Whether the connection ended with GOAWAY and the code."""
        last = self.frames()[-1]
        return last[0] == frames.GOAWAY and last[3][4:8] == int(code).to_bytes(4, "big") and self.over


def _text(data: bytes | str) -> str:
    return data if isinstance(data, str) else data.decode("latin-1")
