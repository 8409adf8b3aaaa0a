"""Time and chance as parameters, so that what depends on them can be told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

Random = Callable[[], float]
"""A number in [0, 1)."""


class Clock(Protocol):
    """`now`: seconds since 1970; `passed`: since some point, never backwards; `limit`: TimeoutError after so long."""

    def now(self) -> float: ...

    def passed(self) -> float: ...

    def limit(self, seconds: float | None) -> AbstractAsyncContextManager[object]: ...

    async def sleep(self, seconds: float) -> None:
        """What retries, backoff and queues wait; the client's own rhythms (heartbeat, flush) do not ask here."""
        ...


class SystemClock:
    def now(self) -> float:
        return time.time()

    def passed(self) -> float:
        return time.monotonic()

    def limit(self, seconds: float | None) -> AbstractAsyncContextManager[object]:
        return asyncio.timeout(seconds)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
