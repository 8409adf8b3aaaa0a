"""All samples of one tenant wait after a 429. Source: tinker.md section 3.5; seed 000 section 3.3."""

from __future__ import annotations

from parity.reference.clock import Clock

_STEP_S = 1.0


class RateLimit:
    """`stepwise`: who waits looks again every second, as the SDKs do; else it waits all of it at once."""

    def __init__(self, clock: Clock, *, stepwise: bool) -> None:
        self._clock = clock
        self._stepwise = stepwise
        self._until = 0.0

    def pause(self, seconds: float) -> None:
        """From now on; never shortens a pause."""
        self._until = max(self._until, self._clock.passed() + seconds)

    async def wait(self) -> None:
        """Until the pause is over."""
        while (left := self._until - self._clock.passed()) > 0:
            await self._clock.sleep(_STEP_S if self._stepwise else left)


class RateLimits:
    """One for each base URL and key, of all clients that are given the same RateLimits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._limits: dict[tuple[str, str], RateLimit] = {}

    def of(self, tenant: tuple[str, str]) -> RateLimit:
        return self._limits.setdefault(tenant, RateLimit(self._clock, stepwise=False))
