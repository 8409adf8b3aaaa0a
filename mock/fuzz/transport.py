"""The transport of one connection, in memory."""

from __future__ import annotations

import asyncio
import socket
from typing import Any


class Transport(asyncio.Transport):
    """Of one connection; `slow`: the socket is full after each write, for a while."""

    def __init__(self, protocol: asyncio.Protocol, slow: bool, own: socket.socket) -> None:
        super().__init__()
        self._socket = own
        self.protocol = protocol
        self.written = bytearray()
        self.closed = False
        self.eof = False
        self.full = False
        self._slow = slow
        self._paused = False
        self._unread: list[bytes] = []

    def feed(self, data: bytes) -> None:
        if self._paused:
            self._unread.append(data)
        elif not self.closed:
            self.protocol.data_received(data)

    def end(self) -> None:
        """The client sends no more."""
        self.resume_reading()
        if not self.closed and not self.protocol.eof_received():
            self.close()

    def write(self, data: Any) -> None:
        if self.eof:
            raise AssertionError("written after the end of the stream")
        if not self.closed:
            self.written += data
            if self._slow and not self.full:
                self.full = True
                self.protocol.pause_writing()

    def drain(self) -> None:
        if self.full:
            self.full = False
            if not self.closed:
                self.protocol.resume_writing()

    def writelines(self, pieces: Any) -> None:
        self.write(b"".join(pieces))

    def write_eof(self) -> None:
        self.eof = True

    def can_write_eof(self) -> bool:
        return True

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return len(self.written) if self.full else 0

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        self._paused = False
        while self._unread and not self._paused and not self.closed:
            self.protocol.data_received(self._unread.pop(0))

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, asyncio.Protocol)
        self.protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self.protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 1), "socket": self._socket}.get(name, default)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    def abort(self) -> None:
        self.close()
