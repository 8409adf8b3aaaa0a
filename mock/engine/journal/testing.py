"""What the tests of journal and proxy share: exchanges without a server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from functools import cache

from mock.engine.answer import JSON, Answer, Pairs
from mock.engine.api import Apis
from mock.engine.clock import Clock
from mock.engine.journal.journal import Journal, Record
from mock.engine.request import Connection, Request
from mock.engine.router import Router
from mock.engine.testing.backend import shop_api

CLOCK = Clock()
NDJSON: Pairs = ((b"content-type", b"application/x-ndjson"),)
SSE: Pairs = ((b"content-type", b"text/event-stream"),)
GRPC: Pairs = ((b"content-type", b"application/grpc"),)


@cache
def apis() -> Apis:
    return Apis([shop_api()])


@cache
def router() -> Router:
    return Router(apis().methods)


def request(
    method: str = "GET",
    target: str = "/",
    body: bytes = b"",
    headers: Iterable[tuple[bytes, bytes]] = (),
    *,
    protocol: str = "HTTP/1.1",
    incoming: AsyncIterator[bytes] | None = None,
) -> Request:
    """Routed like the engine does it."""
    made = Request(method, target, list(headers), body, connection=Connection(7), protocol=protocol, incoming=incoming)
    if protocol == "gRPC":
        made.rpc = apis().find(made.path[1:])
    elif found := router().find(method, made.path):
        made.rpc, _, made.fields = found
    return made


def exchange(
    journal: Journal,
    asked: Request | None = None,
    answer: Answer | None = None,
    *,
    by: str = "backend",
    ended: str = "complete",
) -> Record:
    record = journal.open(asked or request(), CLOCK)
    record.by = by
    record.answered(answer or Answer(200, JSON, b'{"ok":true}'))
    record.close(ended)
    return record


async def stream(
    journal: Journal, asked: Request, headers: Pairs, pieces: Iterable[bytes], trailers: Pairs | None = None
) -> Record:
    """An answer that goes out in pieces, while the request's come in."""

    async def chunks() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    record = journal.open(asked, CLOCK)
    answer = Answer(200, headers, chunks=chunks(), trailers=None if trailers is None else lambda: trailers)
    record.answered(answer)
    assert answer.chunks is not None
    async for _ in answer.chunks:
        pass
    if asked.incoming is not None:
        async for _ in asked.incoming:
            pass
    if answer.trailers is not None:
        answer.trailers()
    record.close("complete")
    return record


async def pieces_of(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def frame(payload: bytes, packed: bool = False) -> bytes:
    """gRPC's framing."""
    return bytes([packed]) + len(payload).to_bytes(4) + payload
