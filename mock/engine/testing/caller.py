"""Asking an engine in the same process, without sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson

from mock.engine.answer import Answer
from mock.engine.engine import Engine
from mock.engine.grpc import framing
from mock.engine.request import Connection, Request


@dataclass(slots=True)
class Told:
    """An answer, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes
    trailers: dict[str, str]

    def json(self) -> Any:
        return orjson.loads(self.body)

    def lines(self) -> list[Any]:
        return [orjson.loads(line) for line in self.body.splitlines()]

    def messages(self) -> list[bytes]:
        """Of gRPC."""
        return list(framing.messages(self.body, "identity"))


async def ask(engine: Engine, verb: str, target: str, body: bytes | Any = b"", **headers: str) -> Told:
    """`body`: bytes, or JSON. Names of headers with _ for -."""
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return await told(engine, Request(verb, target, pairs, data, connection=Connection(1)))


async def call(engine: Engine, rpc: str, *messages: bytes, pieces: bool = False, **headers: str) -> Told:
    """Over gRPC. `pieces`: the messages come one by one after the head."""
    pairs = [(b"content-type", b"application/grpc"), (b"te", b"trailers")]
    pairs += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    frames = [framing.frame(message, "identity") for message in messages]
    return await told(
        engine,
        Request(
            "POST",
            f"/{rpc}",
            pairs,
            b"" if pieces else b"".join(frames),
            connection=Connection(1),
            protocol="gRPC",
            incoming=_incoming(frames) if pieces else None,
        ),
    )


async def _incoming(frames: list[bytes]) -> AsyncIterator[bytes]:
    for frame in frames:
        await asyncio.sleep(0)
        yield frame


async def told(engine: Engine, request: Request) -> Told:
    answer = engine.handle(request)
    if not isinstance(answer, Answer):
        answer = await answer
    body = answer.body
    if answer.chunks is not None:
        body += b"".join([piece async for piece in answer.chunks])
    trailers = dict(answer.trailers()) if answer.trailers else {}
    if answer.record is not None:
        answer.record.close("complete")
    return Told(answer.status, _text(dict(answer.headers)), body, _text(trailers))


def _text(pairs: dict[bytes, bytes]) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in pairs.items()}
