"""Deadlines: grpc-timeout, kept on the clock of the session."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

from mock.engine.backend import Refusal
from mock.engine.clock import Clock

T = TypeVar("T")
_TIMEOUT = re.compile(rb"([0-9]{1,8})([HMSmun])")
_SECONDS = {b"H": 3600.0, b"M": 60.0, b"S": 1.0, b"m": 1e-3, b"u": 1e-6, b"n": 1e-9}


def seconds(value: bytes | None) -> float | None:
    """Of a grpc-timeout, "20S"; None where there is none. Raises Refusal."""
    if value is None:
        return None
    match = _TIMEOUT.fullmatch(value)
    if match is None:
        raise Refusal(
            400, grpc="INTERNAL", message=f"grpc-timeout {value.decode('latin-1')!r} is none, like 20S or 150m"
        )
    return int(match[1]) * _SECONDS[match[2]]


def exceeded() -> Refusal:
    return Refusal(504, message="the deadline of the call is exceeded")


async def within(waiting: Awaitable[T], clock: Clock, until: float) -> T:
    """Raises Refusal (DEADLINE_EXCEEDED) when the clock is at `until`; what was waited for is cancelled."""
    task = asyncio.ensure_future(waiting)
    try:
        if not await clock.wait(task, max(until - clock.now(), 0)):
            raise exceeded()
    finally:
        task.cancel()
        # Until it is really over: its generator can't be closed while it runs.
        await asyncio.wait({task})
    return task.result()


async def each_within(values: AsyncIterator[T], clock: Clock, until: float) -> AsyncIterator[T]:
    """The values, until the clock is at `until`. Raises Refusal."""
    try:
        while True:
            try:
                value = await within(anext(values), clock, until)
            except StopAsyncIteration:
                return
            yield value
    finally:
        close = getattr(values, "aclose", None)
        if close is not None:
            await close()
