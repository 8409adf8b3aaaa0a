"""A whole submit is tried again, on top of the retries of its HTTP calls. Source: tinker.md section 3.2."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from parity.reference.clock import Clock
from parity.reference.dialect import Dialect
from parity.reference.errors import ConnectionFailed, StatusError
from parity.reference.retry import retryable_status

T = TypeVar("T")

LIMIT_S = 300.0
_LONGEST_S = 30.0
BILLING = 402
BILLING_PAUSE_S = 5.0
BILLING_LIMIT_S = 3600.0


def delay(status: int | None, attempt: int, elapsed_s: float, dialect: Dialect) -> float | None:
    """Seconds until the next try, or None: no more. `status` None: no answer came; `attempt`: from 0."""
    if status == BILLING and dialect.billing:
        return BILLING_PAUSE_S if elapsed_s <= BILLING_LIMIT_S else None
    again = dialect.retries_connection if status is None else retryable_status(status, dialect)
    if not again or elapsed_s >= LIMIT_S:
        return None
    return min(2.0 ** min(attempt, 64), _LONGEST_S, LIMIT_S - elapsed_s)


async def persist(
    act: Callable[[], Awaitable[T]],
    dialect: Dialect,
    clock: Clock,
    told: Callable[[Exception, int, bool], None] = lambda *_: None,
) -> T:
    """Tries until it works, or makes no sense any more: then raises the last error of `act`.

    `told`: of each failure, which attempt it was, and whether there will be another.
    """
    began = clock.passed()
    attempt = 0
    while True:
        try:
            return await act()
        except (StatusError, ConnectionFailed) as error:
            status = error.status if isinstance(error, StatusError) else None
            wait = delay(status, attempt, clock.passed() - began, dialect)
            told(error, attempt, wait is not None)
            if wait is None:
                raise
        await clock.sleep(wait)
        attempt += 1
