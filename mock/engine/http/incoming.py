"""The body of a request as pieces, while it comes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class Incoming:
    """An async iterator for one reader. `pressed(True)` is called when more than `limit` bytes wait to be read, and
    `pressed(False)` when less than half of it do: the front stops and goes on reading."""

    def __init__(self, limit: int, pressed: Callable[[bool], None]) -> None:
        self._limit = limit
        self._pressed = pressed
        self._full = False
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._ended = False
        self._error: Exception | None = None
        self._reader: asyncio.Future[None] | None = None

    @property
    def waiting(self) -> int:
        """Bytes that nobody has read yet."""
        return self._size

    def feed(self, piece: bytes) -> None:
        if self._ended:
            return
        self._pieces.append(piece)
        self._size += len(piece)
        self._wake()
        if not self._full and self._size > self._limit:
            self._full = True
            self._pressed(True)

    def end(self, error: Exception | None = None) -> None:
        """No more comes; `error` is raised to the reader after what was fed."""
        if not self._ended:
            self._ended = True
            self._error = error
            self._wake()

    def discard(self) -> None:
        """Nobody reads any more: what waits and what comes is dropped."""
        self._pieces.clear()
        self._size = 0
        self.end()
        self._relieve()

    def __aiter__(self) -> Incoming:
        return self

    async def __anext__(self) -> bytes:
        while not self._pieces:
            if self._error is not None:
                raise self._error
            if self._ended:
                raise StopAsyncIteration
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        piece = self._pieces.popleft()
        self._size -= len(piece)
        if self._size <= self._limit // 2:
            self._relieve()
        return piece

    def _relieve(self) -> None:
        if self._full:
            self._full = False
            self._pressed(False)

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)
