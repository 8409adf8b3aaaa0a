"""The time of a session: real, or virtual, where a test moves it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Awaitable
from typing import Any

# The last second of the year 9000: later ones have no date in many an answer that is made of them.
LATEST = 221_876_927_999.0
# What runs may do several steps before it waits (again).
_SETTLE = 10


def check(now: float) -> None:
    """Raises ValueError for what is no time between 1970 and LATEST."""
    if not 0 <= now <= LATEST:
        raise ValueError(f"{now} is no time between 0 and {LATEST:.0f} seconds since 1970")


class Clock:
    """Seconds since 1970. Everything of a session that waits or looks at the time does it here."""

    def __init__(self, virtual_at: float | None = None) -> None:
        self._virtual = virtual_at
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []  # a heap, by the time that is waited for
        self._count = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def virtual(self) -> bool:
        return self._virtual is not None

    @property
    def waiting(self) -> int:
        """How many sleepers there are."""
        return sum(not future.done() for _, _, future in self._waiting)

    def now(self) -> float:
        return time.time() if self._virtual is None else self._virtual

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (self.now() + seconds, next(self._count), future))
        self._arm()
        await future

    async def wait(self, what: Awaitable[Any], timeout: float | None) -> bool:
        """Whether `what` was done within `timeout` seconds of this clock; it is cancelled if not."""
        task = asyncio.ensure_future(what)
        sleeper = None if timeout is None else asyncio.ensure_future(self.sleep(timeout))
        try:
            await asyncio.wait({task, sleeper} if sleeper else {task}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                return False
            task.result()
            return True
        finally:
            task.cancel()
            if sleeper:
                sleeper.cancel()

    async def advance(self, seconds: float) -> None:
        """Makes the clock virtual and moves it; sleepers wake in the order of their times, each at its own time."""
        self._stand_still()
        await self.set(self.now() + seconds)

    async def set(self, now: float) -> None:
        """Makes the clock virtual and moves it to `now`; to go back wakes nobody. Raises ValueError, see `check`."""
        check(now)
        self._stand_still()
        await _settle()
        while self._waiting and self._waiting[0][0] <= now:
            due, _, future = heapq.heappop(self._waiting)
            if future.done():
                continue
            self._virtual = max(self.now(), due)
            future.set_result(None)
            await _settle()
        self._virtual = now

    def _stand_still(self) -> None:
        if self._virtual is None:
            self._virtual = time.time()
            self._arm()

    def run(self) -> None:
        """Real time again."""
        self._virtual = None
        self._arm()

    def forget(self) -> None:
        """Wakes all sleepers: the session is reset."""
        self.run()
        while self._waiting:
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                future.set_result(None)

    def _arm(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        while self._waiting and self._waiting[0][2].done():
            heapq.heappop(self._waiting)
        if self._waiting and self._virtual is None:
            wait = max(self._waiting[0][0] - time.time(), 0)
            self._timer = asyncio.get_running_loop().call_later(wait, self._ring)

    def _ring(self) -> None:
        now = time.time()
        while self._waiting and (self._waiting[0][0] <= now + 0.0005 or self._waiting[0][2].done()):
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                future.set_result(None)
        self._timer = None
        self._arm()


async def _settle() -> None:
    for _ in range(_SETTLE):
        await asyncio.sleep(0)
