"""A shop to ask, and requests to ask it with."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from mock.engine.answer import Answer
from mock.engine.api import Apis
from mock.engine.clock import Clock
from mock.engine.request import Connection, Request
from mock.engine.router import Router
from mock.engine.testing.backend import shop_api

Ask = Callable[..., Request]


@pytest.fixture(scope="session")
def apis() -> Apis:
    return Apis([shop_api()])


@pytest.fixture(scope="session")
def ask(apis: Apis) -> Ask:
    """verb, target, body (JSON, or bytes), headers -> a request as the engine hands it on."""
    router = Router(apis.methods)

    def make(
        verb: str = "POST",
        target: str = "/v1/items",
        body: Any = b"",
        headers: dict[str, str] | None = None,
        protocol: str = "HTTP/1.1",
    ) -> Request:
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        pairs = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        request = Request(verb, target, pairs, data, connection=Connection(1), protocol=protocol)
        if protocol == "gRPC":
            request.rpc = apis.find(request.path[1:])
        elif found := router.find(verb, request.path):
            request.rpc, _, request.fields = found
        return request

    return make


@dataclass
class Session:
    clock: Clock = field(default_factory=lambda: Clock(1_000.0))
    random: random.Random = field(default_factory=lambda: random.Random(7))


@pytest.fixture
def session() -> Session:
    return Session()


def settled(answer: Answer | Awaitable[Answer | None] | None, session: Session) -> tuple[Answer | None, bytes, float]:
    """The answer, its whole body, and how long it took on the session's clock."""

    async def run() -> tuple[Answer | None, bytes, float]:
        began = session.clock.now()
        made = asyncio.ensure_future(_all(answer))
        while not made.done():
            await asyncio.sleep(0)
            if session.clock.waiting:
                await session.clock.advance(0.25)
        return (*made.result(), session.clock.now() - began)

    return asyncio.run(run())


async def _all(answer: Answer | Awaitable[Answer | None] | None) -> tuple[Answer | None, bytes]:
    made = answer if isinstance(answer, Answer) or answer is None else await answer
    if made is None:
        return None, b""
    chunks: AsyncIterator[bytes] | None = made.chunks
    return made, made.body if chunks is None else b"".join([piece async for piece in chunks])
