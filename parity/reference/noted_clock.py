"""A clock for tests and cases: nobody sleeps, and what would have been slept is noted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager


class NotedClock:
    """`passed` goes on by what would have been slept and by nothing else, so that delays are exact.

    `real`: it sleeps all the same, and time is as it is.
    """

    def __init__(self, *, real: bool = False) -> None:
        self.slept: list[float] = []
        self._real = real
        self._ahead = 0.0
        self._limits: list[tuple[float, asyncio.Timeout]] = []

    def now(self) -> float:
        return time.time() + self._ahead

    def passed(self) -> float:
        return time.monotonic() if self._real else self._ahead

    def limit(self, seconds: float | None) -> AbstractAsyncContextManager[object]:
        return self._limit(seconds)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self._real:
            await asyncio.sleep(seconds)
            return
        self._ahead += seconds
        due = [timeout for until, timeout in self._limits if until <= self._ahead]
        self._limits = [each for each in self._limits if each[0] > self._ahead]
        for timeout in due:
            timeout.reschedule(asyncio.get_running_loop().time())
        await asyncio.sleep(0)

    @asynccontextmanager
    async def _limit(self, seconds: float | None) -> AsyncIterator[None]:
        """By the real time too, for who waits for an answer that does not come."""
        async with asyncio.timeout(seconds) as timeout:
            if seconds is None:
                yield
                return
            mine = (self._ahead + seconds, timeout)
            self._limits.append(mine)
            try:
                yield
            finally:
                self._limits = [each for each in self._limits if each is not mine]
