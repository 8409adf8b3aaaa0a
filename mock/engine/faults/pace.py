"""Bytes at a pace: a few at a time, or so many a second, on the session's clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from mock.engine.clock import Clock

# How often a limited bandwidth sends, per second: small enough to look steady, few enough to cost nothing.
_SENDS = 20


class Pace(Protocol):
    async def take(self, wanted: int) -> int:
        """Waits until something may go; how many of the `wanted` bytes, at least 1."""


class Dribble:
    """`size` bytes, a pause of `seconds()`, `size` bytes …"""

    def __init__(self, clock: Clock, size: int, seconds: Callable[[], float]) -> None:
        self._clock = clock
        self._size = size
        self._seconds = seconds
        self._begun = False

    async def take(self, wanted: int) -> int:
        if self._begun:
            await self._clock.sleep(self._seconds())
        self._begun = True
        return min(wanted, self._size)


class Bandwidth:
    """A token bucket that holds what comes in 1/20 s: byte n is not sent before n / `rate` seconds."""

    def __init__(self, clock: Clock, rate: int) -> None:
        self._clock = clock
        self._rate = rate
        self._most = max(rate // _SENDS, 1)
        self._due = clock.now()

    async def take(self, wanted: int) -> int:
        count = min(wanted, self._most)
        now = self._clock.now()
        # What was not used while there was nothing to send is lost.
        self._due = max(self._due, now) + count / self._rate
        await self._clock.sleep(self._due - now)
        return count


async def spread(data: bytes, pace: Pace | None, send: Callable[[bytes], Awaitable[None]]) -> None:
    """Sends `data` at the pace; without one at once."""
    if pace is None:
        if data:
            await send(data)
        return
    at = 0
    while at < len(data):
        count = await pace.take(len(data) - at)
        await send(data[at : at + count])
        at += count
