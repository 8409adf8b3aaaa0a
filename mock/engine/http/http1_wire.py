"""The way out of one exchange on HTTP/1.1, for answers that stream or are struck: `faults.delivery.Wire`."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from mock.engine.faults.pace import Pace, spread
from mock.engine.http.http1_head import CHUNKED, CLOSE, END_CHUNK, KEEP_ALIVE, has_body, opening

if TYPE_CHECKING:
    from mock.engine.answer import Answer

# How long what was sent may take to reach a peer before a reset goes after it. Real time: it is the network's.
_FLUSH_S = 1.0
_NO_LINGER = struct.pack("ii", 1, 0)


class Http1Wire:
    """`drained()` waits while the peer does not read. `old`: the client speaks HTTP/1.0. `keep`: the connection may
    stay; afterwards whether it does."""

    def __init__(
        self,
        transport: asyncio.Transport,
        drained: Callable[[], Awaitable[None]],
        answer: Answer,
        method: str,
        *,
        keep: bool,
        old: bool,
    ) -> None:
        self._transport = transport
        self._drained = drained
        self._answer = answer
        self._opening = opening(answer.status, answer.headers)
        self._has_body = has_body(answer.status, method)
        self._chunked = answer.chunks is not None and not old
        # A stream to a client that knows no chunks ends where the connection does.
        self.keep = keep and not self._opening.closes and not (old and answer.chunks is not None and self._has_body)
        self._old = old
        self.shut = False  # our side of the connection is closed
        self.told = False  # something was sent; set back by who asks

    def _head(self) -> bytes:
        answer = self._answer
        length = None if answer.chunks is not None else len(answer.body)
        if not self._has_body:
            framing = self._opening.bodiless(answer.status, length)
            if not framing and self._chunked and has_body(answer.status, "GET"):
                framing = CHUNKED
        elif length is not None:
            framing = b"content-length: %d\r\n" % length
        else:
            framing = CHUNKED if self._chunked else b""
        if not self.keep:
            framing += CLOSE
        elif self._old:
            framing += KEEP_ALIVE
        return self._opening.head(framing)

    async def _send(self, data: bytes) -> None:
        self.told = True
        self._transport.write(data)
        await self._drained()

    async def head(self, pace: Pace | None = None, *, part: bool = False) -> None:
        data = self._head()
        await spread(data[: len(data) // 2] if part else data, pace, self._send)

    async def data(self, piece: bytes) -> None:
        if not self._has_body or not piece:
            return
        await self._send(b"%x\r\n%b\r\n" % (len(piece), piece) if self._chunked else piece)

    async def end(self) -> None:
        if self._chunked and self._has_body:
            self._transport.write(END_CHUNK)
        await self._drained()

    async def cut(self) -> None:
        self.keep = False
        self._transport.close()

    async def half_close(self) -> None:
        self.keep = False
        await self._flushed()
        self.shut = True
        with duplicate(self._transport) as own:
            own.shutdown(socket.SHUT_WR)
        await asyncio.get_running_loop().create_future()  # the front cancels when the client goes

    async def reset(self) -> None:
        self.keep = False
        await self._flushed()
        with duplicate(self._transport) as own:
            if own.family != socket.AF_UNIX:
                own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._transport.abort()

    async def garbage(self, data: bytes) -> None:
        await self._send(data)

    def goaway(self) -> None:
        self.keep = False

    async def _flushed(self) -> None:
        """Until the peer's kernel has everything: a reset throws away what is still in ours."""
        loop = asyncio.get_running_loop()
        end = loop.time() + _FLUSH_S
        with duplicate(self._transport) as own:
            while loop.time() < end and not self._transport.is_closing():
                if not self._transport.get_write_buffer_size() and not _unsent(own):
                    return
                await asyncio.sleep(0.001)


def duplicate(transport: asyncio.Transport) -> socket.socket:
    """The connection's socket, duplicated: what loops give out themselves may refuse to be used."""
    return socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))


def _unsent(own: socket.socket) -> int:
    """Bytes in the kernel that the peer has not acknowledged (Linux's SIOCOUTQ; 0 where that is not known)."""
    try:
        from fcntl import ioctl
        from termios import TIOCOUTQ

        return int(struct.unpack("i", ioctl(own, TIOCOUTQ, b"\0\0\0\0"))[0])
    except (ImportError, OSError):
        return 0
