"""How an answer goes out: whole, as a stream, or in the way that a fault says.

A front that has an answer with `chunks` or `strike` makes a `Wire` for the exchange and awaits, in a task of its own,

    ended = await deliver(answer, wire)     # "complete", "cut" or "reset": what it tells record.close()

When the client goes away the front cancels the task ("client gone"). `deliver` closes `answer.chunks` in every case.
Errors of `answer.chunks` come out of `deliver`, after `wire.cut()`. Everything waits on the strike's clock (the
session's); only the wire itself, where it waits for the peer to read, uses real time.

What each kind does; H1, H2: what the wires of HTTP/1.1 and HTTP/2 make of it. "Part" is the head and `after_bytes` of
the body (missing: half of it, of a stream half of its first piece; never all of a body whose length was said).

    truncate              part, then cut()       H1 FIN; the length or the end chunk stays owed. H2: connection closed
    half_close            part, then half_close()  H1 FIN, requests are still read and ignored. H2: END_STREAM
    reset_before_headers  reset()                H1 RST; H2 RST_STREAM(code)
    reset_within_headers  head(part=True), reset()   H2: nothing can be sent of half a field block
    reset_after_headers   head(), reset()
    reset_within_body     part, reset()
    empty                 cut()                  no byte; H2: connection closed without GOAWAY
    garbage               garbage(), cut()       bytes that are no HTTP and no frame
    goaway                goaway(), then as usual  H1 `connection: close`; H2 GOAWAY(code), this stream is still served
    delay                 waits, then as usual
    slow_first_byte       waits, then as usual; with after_bytes the part comes at once and the rest after the wait
    hang                  nothing, or the part if after_bytes is said; then waits (for ever if not said), then cut()
    dribble, bandwidth    as usual, at a pace: head (H1) and body in small pieces, see pace.py
    others                were done to the answer by Strike.spoil; it goes out as usual
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from mock.engine.faults.pace import Bandwidth, Dribble, Pace, spread

if TYPE_CHECKING:
    from mock.engine.answer import Answer
    from mock.engine.faults.strike import Strike

# A sleep that ends only with the session: Clock.forget wakes it.
FOREVER = 1e9


class Wire(Protocol):
    """The way out of one exchange. The front that makes it knows the answer, so whether it has a body, and its length.

    What `head`, `data` and `garbage` were given is with the kernel before `cut`, `half_close` and `reset` act.
    """

    async def head(self, pace: Pace | None = None, *, part: bool = False) -> None:
        """Status and headers; `part`: not all of them. HTTP/2 ignores `pace`, and sends nothing for a part."""

    async def data(self, piece: bytes) -> None:
        """A piece of the body; waits while the peer does not read. Nothing where the answer can't have a body."""

    async def end(self) -> None:
        """The proper end: end chunk, or trailers and END_STREAM."""

    async def cut(self) -> None:
        """The connection is closed in an orderly way (FIN), whatever was promised."""

    async def half_close(self) -> None:
        """FIN from our side, the peer's stays open; returns when the peer has closed it too."""

    async def reset(self) -> None:
        """RST, or RST_STREAM with `answer.strike.fault.code` (missing: 2)."""

    async def garbage(self, data: bytes) -> None:
        """Bytes past the protocol."""

    def goaway(self) -> None:
        """No further request is taken on this connection. HTTP/2: GOAWAY with the fault's code (missing: 0)."""


async def deliver(answer: Answer, wire: Wire) -> str:
    strike = answer.strike
    try:
        if strike is None:
            return await _plainly(answer, wire)
        return await _WAYS.get(strike.fault.kind, _struck_plainly)(answer, strike, wire)
    except Exception:
        await wire.cut()
        raise
    finally:
        close = getattr(answer.chunks, "aclose", None)
        if close is not None:
            await close()


async def _pieces(answer: Answer) -> AsyncIterator[bytes]:
    if answer.chunks is None:
        if answer.body:
            yield answer.body
    else:
        async for piece in answer.chunks:
            if piece:
                yield piece


async def _plainly(answer: Answer, wire: Wire, pace: Pace | None = None) -> str:
    await wire.head(pace)
    if answer.chunks is None:
        await spread(answer.body, pace, wire.data)
    else:
        async for piece in answer.chunks:
            await spread(piece, pace, wire.data)
    await wire.end()
    return "complete"


async def _struck_plainly(answer: Answer, strike: Strike, wire: Wire) -> str:
    return await _plainly(answer, wire)


async def _part(answer: Answer, strike: Strike, wire: Wire, then: Callable[[], Awaitable[None]] | None = None) -> None:
    """Head and the part of the body; with `then`, that is awaited before the rest is sent."""
    if answer.chunks is None and not answer.body:
        answer.body = b" "  # so that something is promised that can stay away
    await wire.head()
    left = strike.fault.after_bytes
    if answer.chunks is None:
        left = len(answer.body) // 2 if left is None else min(left, len(answer.body) - 1)
    async for piece in _pieces(answer):
        if left is None:
            left = len(piece) // 2
        if left >= len(piece):
            await wire.data(piece)
            left -= len(piece)
            continue
        if left > 0:
            await wire.data(piece[:left])
        if then is None:
            return
        await then()
        await wire.data(piece[max(left, 0) :])
        left, then = _ALL, None
    if then is not None:
        await then()


_ALL = 1 << 62


async def _truncate(answer: Answer, strike: Strike, wire: Wire) -> str:
    await _part(answer, strike, wire)
    await wire.cut()
    return "cut"


async def _half_close(answer: Answer, strike: Strike, wire: Wire) -> str:
    await _part(answer, strike, wire)
    await wire.half_close()
    return "cut"


async def _reset_before_headers(answer: Answer, strike: Strike, wire: Wire) -> str:
    await wire.reset()
    return "reset"


async def _reset_within_headers(answer: Answer, strike: Strike, wire: Wire) -> str:
    await wire.head(part=True)
    await wire.reset()
    return "reset"


async def _reset_after_headers(answer: Answer, strike: Strike, wire: Wire) -> str:
    await wire.head()
    await wire.reset()
    return "reset"


async def _reset_within_body(answer: Answer, strike: Strike, wire: Wire) -> str:
    await _part(answer, strike, wire)
    await wire.reset()
    return "reset"


async def _empty(answer: Answer, strike: Strike, wire: Wire) -> str:
    await wire.cut()
    return "cut"


async def _garbage(answer: Answer, strike: Strike, wire: Wire) -> str:
    await wire.garbage(strike.garbage())
    await wire.cut()
    return "cut"


async def _goaway(answer: Answer, strike: Strike, wire: Wire) -> str:
    wire.goaway()
    return await _plainly(answer, wire)


async def _delay(answer: Answer, strike: Strike, wire: Wire) -> str:
    await strike.wait()
    return await _plainly(answer, wire)


async def _slow_first_byte(answer: Answer, strike: Strike, wire: Wire) -> str:
    if strike.fault.after_bytes is None:
        return await _delay(answer, strike, wire)
    await _part(answer, strike, wire, strike.wait)
    await wire.end()
    return "complete"


async def _hang(answer: Answer, strike: Strike, wire: Wire) -> str:
    if strike.fault.after_bytes is not None:
        await _part(answer, strike, wire)
    await strike.wait()
    await wire.cut()
    return "cut"


async def _dribble(answer: Answer, strike: Strike, wire: Wire) -> str:
    return await _plainly(answer, wire, Dribble(strike.clock, strike.fault.bytes_ or 1, strike.seconds))


async def _bandwidth(answer: Answer, strike: Strike, wire: Wire) -> str:
    return await _plainly(answer, wire, Bandwidth(strike.clock, strike.fault.bytes_ or 1))


_WAYS: dict[str, Callable[[Answer, Strike, Wire], Awaitable[str]]] = {
    "truncate": _truncate,
    "half_close": _half_close,
    "reset_before_headers": _reset_before_headers,
    "reset_within_headers": _reset_within_headers,
    "reset_after_headers": _reset_after_headers,
    "reset_within_body": _reset_within_body,
    "hang": _hang,
    "slow_first_byte": _slow_first_byte,
    "dribble": _dribble,
    "bandwidth": _bandwidth,
    "goaway": _goaway,
    "empty": _empty,
    "garbage": _garbage,
    "delay": _delay,
}
# Kinds that `deliver` does; the others are done to the answer.
ON_THE_WAY = frozenset(_WAYS)
