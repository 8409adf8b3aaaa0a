"""A reply over gRPC: frames and trailers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from mock.engine.answer import Answer, Pairs
from mock.engine.grpc import status
from mock.engine.grpc.framing import frame
from mock.engine.stubs.encoding import message_bytes

if TYPE_CHECKING:
    from mock.engine.api import Method


def refused(trailers: Pairs, headers: Pairs) -> Answer:
    """Nothing but a status."""
    return Answer(200, (*status.KIND, *headers, *trailers))


def refused_as(http_status: int, value: Any, headers: Pairs) -> Answer:
    """What an answer with an HTTP status of an error is here."""
    said = value if isinstance(value, str) else "" if value is None else orjson.dumps(value).decode()
    return refused(status.trailers(status.from_http(http_status), said), headers)


def failed(reason: str) -> Answer:
    return status.answer("INTERNAL", f"the stub can't answer: {reason}")


def frames(method: Method, values: Sequence[Any]) -> list[bytes]:
    """Raises Unsayable."""
    return [frame(message_bytes(method.response, value)) for value in values]


def answered(frames: list[bytes], headers: Pairs, between: Callable[[list[bytes]], AsyncIterator[bytes]]) -> Answer:
    """One message goes out whole, several one by one."""
    if len(frames) == 1:
        return Answer(200, status.KIND + headers, frames[0], trailers=lambda: status.OK)
    return Answer(200, status.KIND + headers, chunks=between(frames), trailers=lambda: status.OK)
