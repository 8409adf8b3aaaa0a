"""One exchange that is struck: what is done to its answer, and the figures that were drawn for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from random import Random
from typing import TYPE_CHECKING

import orjson
from samewire_wire import MISSING

from mock.engine.answer import JSON, TEXT, Answer, Pairs
from mock.engine.faults.check import check
from mock.engine.faults.delivery import FOREVER, ON_THE_WAY
from mock.engine.faults.grpc_status import Status
from mock.engine.faults.latency import Sampler, sampler

if TYPE_CHECKING:
    from samewire.mock.v1.fault_wire import Fault

    from mock.engine.api import Apis
    from mock.engine.clock import Clock
    from mock.engine.request import Request

_UNSERVED = frozenset(("status", "grpc_status", "hang", "reset_before_headers", "empty"))
# Between the pieces of a dribble that does not say how long.
_DRIBBLE_S = 0.05
_GARBAGE_BYTES = 64
_GRPC: Pairs = ((b"content-type", b"application/grpc"),)
_HTML = b"text/html; charset=utf-8"
# A tag with wire type 7, which there is not: no reader of protobuf takes it.
_NO_TAG = b"\x07"


class Striker:
    """A fault, made ready to strike. `where`: its JSON path. Raises StubError for one that can't be meant."""

    __slots__ = ("fault", "sampler", "status", "unserved")

    def __init__(self, fault: Fault, apis: Apis, where: str) -> None:
        check(fault, where)
        self.fault = fault
        self.sampler: Sampler | None = None if fault.latency is None else sampler(fault.latency, f"{where}.latency")
        self.status = None if fault.grpc is None else Status(fault.grpc, apis, f"{where}.grpc")
        self.unserved = _unserved(fault) if fault.unserved is None else fault.unserved

    def strike(self, rule: str, clock: Clock, random: Random) -> Strike:
        """`random` is this strike's alone."""
        return Strike(rule, self, clock, random)


def _unserved(fault: Fault) -> bool:
    """What sends a part of the answer needs an answer."""
    return fault.kind in _UNSERVED and fault.after_bytes is None


class Strike:
    """`rule`: its id. `unserved`: the backend is not asked. `drawn`: how long it waits, in seconds; None if it does
    not, or waits for ever."""

    __slots__ = ("_random", "_striker", "clock", "drawn", "fault", "rule", "unserved")

    def __init__(self, rule: str, striker: Striker, clock: Clock, random: Random) -> None:
        self.rule = rule
        self.fault = striker.fault
        self.unserved = striker.unserved
        self.clock = clock
        self._striker = striker
        self._random = random
        self.drawn = None if striker.sampler is None else striker.sampler(random)

    async def wait(self) -> None:
        await self.clock.sleep(FOREVER if self.drawn is None else self.drawn)

    def seconds(self) -> float:
        """A pause of a dribble, each drawn anew."""
        if self._striker.sampler is None:
            return _DRIBBLE_S
        return self._striker.sampler(self._random)

    def garbage(self) -> bytes:
        """Bytes that begin neither an answer of HTTP/1.1 nor a frame of HTTP/2 that is short enough to be taken."""
        return b"\xff" + self._random.randbytes(_GARBAGE_BYTES - 1)

    def spoil(self, answer: Answer, request: Request) -> Answer:
        """The answer with what the fault does to its content; what happens on the way is left to the front."""
        kind = self.fault.kind
        if kind in ON_THE_WAY:
            answer.strike = self
        elif kind == "status":
            return self._status(answer)
        elif kind == "grpc_status":
            return self._grpc_status(answer, request)
        elif kind == "wrong_content_type":
            answer.headers = self._over(answer.headers, self._wrong_type(answer.headers))
        elif kind == "malformed_json":
            _change_first(answer, _breaker(answer.headers))
        elif kind == "duplicate_chunk":
            _double(answer, self.fault.after_bytes or 0)
        return answer

    def _status(self, answer: Answer) -> Answer:
        fault = self.fault
        status = fault.status or 500
        if fault.text is not None:
            headers, body = TEXT, fault.text.encode()
        else:
            headers = JSON
            body = orjson.dumps({"detail": _phrase(status)} if fault.json_ is MISSING else fault.json_)
        own = tuple(pair for pair in answer.headers if pair[0] != b"content-type") + headers
        return Answer(status, self._over(own), body)

    def _grpc_status(self, answer: Answer, request: Request) -> Answer:
        status = self._striker.status
        assert status is not None  # check() saw to it
        if request.protocol != "gRPC":
            return Answer(status.http, self._over(JSON), status.body)
        if self.unserved:
            return Answer(200, self._over(_GRPC), trailers=lambda: status.trailers)
        # After the messages that there were.
        answer.trailers = lambda: status.trailers
        return answer

    def _over(self, headers: Pairs, more: dict[bytes, bytes] | None = None) -> Pairs:
        """`headers` with `more`, and the fault's own over both."""
        over = (more or {}) | {name.lower().encode(): value.encode() for name, value in self.fault.headers.items()}
        return tuple(pair for pair in headers if pair[0].lower() not in over) + tuple(over.items())

    def _wrong_type(self, headers: Pairs) -> dict[bytes, bytes]:
        wrong = b"application/json" if _type(headers).startswith(b"text/html") else _HTML
        return {b"content-type": wrong}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


def _type(headers: Pairs) -> bytes:
    return next((value for name, value in headers if name.lower() == b"content-type"), b"").lower()


def _breaker(headers: Pairs) -> Callable[[bytes], bytes]:
    kind = _type(headers)
    if kind.startswith(b"application/grpc"):
        return _break_frame
    if b"protobuf" in kind:
        return lambda piece: piece + _NO_TAG
    return _break_json


def _break_json(piece: bytes) -> bytes:
    """The last byte of the value becomes an opening brace; the line's end and an event's stay, so that it is this value
    and not the stream that is broken."""
    value = piece.rstrip()
    return value[:-1] + b"{" + piece[len(value) :]


def _break_frame(piece: bytes) -> bytes:
    """The first message of gRPC frames, one byte longer than it can be read. Source: gRPC over HTTP/2, Length-Prefixed-
    Message: one byte for compression, four for the length."""
    if len(piece) < 5:
        return piece + _NO_TAG
    length = int.from_bytes(piece[1:5], "big")
    end = 5 + length
    return piece[:1] + (length + 1).to_bytes(4, "big") + piece[5:end] + _NO_TAG + piece[end:]


def _change_first(answer: Answer, change: Callable[[bytes], bytes]) -> None:
    if answer.chunks is None:
        answer.body = change(answer.body)
        return
    chunks = answer.chunks

    async def changed() -> AsyncIterator[bytes]:
        done = False
        try:
            async for piece in chunks:
                yield piece if done or not piece else change(piece)
                done = done or bool(piece)
        finally:
            await _close(chunks)

    answer.chunks = changed()


def _double(answer: Answer, after: int) -> None:
    """The piece with byte `after` comes twice; of a whole body that is all of it."""
    if answer.chunks is None:
        answer.body += answer.body
        return
    chunks = answer.chunks

    async def doubled() -> AsyncIterator[bytes]:
        left = after
        try:
            async for piece in chunks:
                yield piece
                if 0 <= left < len(piece):
                    yield piece
                    left = -1
                elif left >= 0:
                    left -= len(piece)
        finally:
            await _close(chunks)

    answer.chunks = doubled()


async def _close(chunks: AsyncIterator[bytes]) -> None:
    close = getattr(chunks, "aclose", None)
    if close is not None:
        await close()
