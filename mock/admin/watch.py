"""The journal as server-sent events, for EventSource: it begins at once, and goes on where it was cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from mock.engine.answer import Answer
from mock.engine.writing import SSE, one_line

if TYPE_CHECKING:
    from samewire.mock.v1.journal_wire import Entry

    from mock.engine.request import Request

# Proxies and browsers give up on a connection that says nothing; also how soon a client that is gone is noticed.
BEAT = 15.0


def answer(entries: AsyncIterator[Entry], over: asyncio.Future[None]) -> Answer:
    """`over` is done when the session is deleted."""
    return Answer(200, (*SSE, (b"x-accel-buffering", b"no")), chunks=_events(entries, over))


def last_event(request: Request) -> int | None:
    """What a browser that connects again had last."""
    said = request.header(b"last-event-id") or b""
    return int(said) if said.isdigit() else None


async def _events(entries: AsyncIterator[Entry], over: asyncio.Future[None]) -> AsyncIterator[bytes]:
    coming: asyncio.Future[Entry] | None = None
    try:
        # The head of the answer goes out with the first piece.
        yield b": watching\n\n"
        while True:
            coming = coming or asyncio.ensure_future(_next(entries))
            done, _ = await asyncio.wait((coming, over), timeout=BEAT, return_when=asyncio.FIRST_COMPLETED)
            if over in done:
                return
            if not done:
                yield b": \n\n"
                continue
            entry = coming.result()
            coming = None
            yield b"id: %d\ndata: %s\n\n" % (entry.seq, one_line(entry.to_wire()))
    except StopAsyncIteration:
        return
    finally:
        if coming is not None:
            coming.cancel()
        if hasattr(entries, "aclose"):
            await entries.aclose()


async def _next(entries: AsyncIterator[Entry]) -> Entry:
    return await anext(entries)
