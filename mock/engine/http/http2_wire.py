"""The way out of one exchange on HTTP/2, for answers that stream or are struck: `faults.delivery.Wire`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from mock.engine.http import blocks
from mock.engine.http.blocks import has_length
from mock.engine.http.frames import Code
from mock.engine.http.http1_head import has_body

if TYPE_CHECKING:
    from mock.engine.answer import Answer
    from mock.engine.faults.pace import Pace
    from mock.engine.http.outlet import Outlet
    from mock.engine.http.stream import Stream


class Http2Wire:
    """`reset(code)` ends the stream, `leave(code)` the taking of requests on its connection.

    Whoever is not struck loses an exchange by `cut`, and nothing else: the connection has others.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        outlet: Outlet,
        stream: Stream,
        answer: Answer,
        reset: Callable[[int], None],
        leave: Callable[[int], None],
    ) -> None:
        self._transport = transport
        self._outlet = outlet
        self._stream = stream
        self._answer = answer
        self._reset = reset
        self._leave = leave
        self._has_body = has_body(answer.status, stream.head.method)

    async def head(self, pace: Pace | None = None, *, part: bool = False) -> None:
        if part or self._stream.sent:
            return
        answer = self._answer
        known = answer.chunks is None and answer.trailers is None and has_length(answer.status)
        block = blocks.head(answer.status, answer.headers, len(answer.body) if known else None)
        self._outlet.head(self._stream, block, end=not self._has_body)

    async def data(self, piece: bytes) -> None:
        if piece and self._has_body and not self._stream.sent:
            self._outlet.data(self._stream, piece)
            await self._outlet.drain(self._stream)

    async def end(self) -> None:
        if self._has_body and not self._stream.sent:
            trailers = self._answer.trailers
            self._outlet.data(self._stream, b"", blocks.trailers(trailers()) if trailers else b"")
            await self._outlet.drain(self._stream)

    async def cut(self) -> None:
        if self._answer.strike is None:
            self._reset(Code.INTERNAL_ERROR)
            return
        self._outlet.flush()
        self._transport.close()

    async def half_close(self) -> None:
        if not self._stream.sent:
            self._outlet.data(self._stream, b"", b"")
            await self._outlet.drain(self._stream)

    async def reset(self) -> None:
        self._reset(self._code(Code.INTERNAL_ERROR))

    async def garbage(self, data: bytes) -> None:
        self._outlet.flush()
        self._transport.write(data)

    def goaway(self) -> None:
        self._leave(self._code(Code.NO_ERROR))

    def _code(self, usual: Code) -> int:
        strike = self._answer.strike
        return usual if strike is None or strike.fault.code is None else strike.fault.code
