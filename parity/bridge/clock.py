"""The time of a pool: the event loop's, or virtual, where a test moves it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from typing import Any, Protocol


class Alarm(Protocol):
    """What can be called off."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """Seconds that only tell differences. Everything of a pool that waits or looks at the time does it here."""

    def now(self) -> float: ...

    def later(self, seconds: float, call: Callable[..., object], *args: Any) -> Alarm: ...


class LoopClock:
    """The event loop's own clock."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.now = loop.time
        self.later = loop.call_later


class VirtualClock:
    """Stands still until it is moved."""

    def __init__(self, now: float = 0.0) -> None:
        self._now = now
        self._alarms: list[tuple[float, int, _Alarm]] = []  # a heap, by time and then by age
        self._count = itertools.count()

    def now(self) -> float:
        return self._now

    def later(self, seconds: float, call: Callable[..., object], *args: Any) -> _Alarm:
        alarm = _Alarm(call, args)
        heapq.heappush(self._alarms, (self._now + max(seconds, 0), next(self._count), alarm))
        return alarm

    @property
    def alarms(self) -> int:
        """How many are set."""
        return sum(alarm.call is not None for _, _, alarm in self._alarms)

    async def advance(self, seconds: float) -> None:
        """Alarms ring in the order of their times, each at its own time; what they set off runs before the next."""
        until = self._now + seconds
        await _settle()
        while self._alarms and self._alarms[0][0] <= until:
            due, _, alarm = heapq.heappop(self._alarms)
            if alarm.call is not None:
                self._now = due
                alarm.call(*alarm.args)
                await _settle()
        self._now = until


class _Alarm:
    def __init__(self, call: Callable[..., object], args: tuple[Any, ...]) -> None:
        self.call: Callable[..., object] | None = call
        self.args = args

    def cancel(self) -> None:
        self.call = None


async def _settle() -> None:
    # What woke up may do several steps before it waits again.
    for _ in range(10):
        await asyncio.sleep(0)
