from __future__ import annotations

import asyncio

import pytest

from parity.reference import submit
from parity.reference.dialect import NEW, OLD
from parity.reference.errors import ConnectionFailed, StatusError
from parity.reference.noted_clock import NotedClock


@pytest.mark.parametrize(
    ("attempt", "elapsed", "seconds"),
    [(0, 0.0, 1.0), (3, 0.0, 8.0), (9, 0.0, 30.0), (9, 290.0, 10.0), (0, 300.0, None)],
)
def test_delay(attempt: int, elapsed: float, seconds: float | None) -> None:
    assert submit.delay(503, attempt, elapsed, OLD) == seconds


def test_billing_is_waited_for_by_the_newer() -> None:
    assert submit.delay(402, 3, 300.0, NEW) == 5.0
    assert submit.delay(402, 3, 3600.5, NEW) is None
    assert submit.delay(402, 0, 0.0, OLD) is None


def test_persists_for_five_minutes(clock: NotedClock) -> None:
    told: list[tuple[int, bool]] = []

    async def act() -> None:
        raise ConnectionFailed("refused")

    with pytest.raises(ConnectionFailed):
        asyncio.run(submit.persist(act, OLD, clock, lambda _, attempt, again: told.append((attempt, again))))
    assert sum(clock.slept) == pytest.approx(300.0)
    assert clock.slept[:6] == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0]
    assert told[-1] == (len(clock.slept), False)


def test_gives_up_on_what_is_the_callers_fault(clock: NotedClock) -> None:
    async def act() -> None:
        raise StatusError(404, "", {}, OLD)

    with pytest.raises(StatusError):
        asyncio.run(submit.persist(act, OLD, clock))
    assert clock.slept == []
