import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock.engine.clock import Clock
from mock.tinker.turns import OutOfTurn, Turns


def job(log: list[int], number: int) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        await asyncio.sleep(0)
        log.append(number)

    return run


async def play(arrivals: list[int]) -> list[int]:
    turns: Turns[int] = Turns(Clock(0.0), lambda: 60.0)
    log: list[int] = []
    for number in arrivals:
        if turns.seen(number) is None:
            turns.submit(number, number, job(log, number))
        if number % 3 == 0:
            await asyncio.sleep(0)
    await turns.idle()
    turns.close()
    return log


@given(st.permutations(range(1, 9)), st.lists(st.integers(0, 7)))
@settings(max_examples=60, deadline=None)
def test_any_order_and_any_repetition_run_once_and_in_order(order: list[int], again: list[int]) -> None:
    arrivals = list(order)
    for place in again:
        arrivals.append(order[place])
    assert asyncio.run(play(arrivals)) == list(range(1, 9))


def test_first_chunk_last() -> None:
    assert asyncio.run(play([1, 3, 4, 2])) == [1, 2, 3, 4]


def test_what_is_given_up_is_not_waited_for() -> None:
    async def run() -> None:
        turns: Turns[int] = Turns(Clock(0.0), lambda: 60.0)
        log: list[int] = []
        for number in (1, 4, 9):
            turns.submit(number, number, job(log, number))
        turns.give_up(7)
        turns.submit(7, 7, job(log, 7))
        await turns.idle()
        assert log == [1, 4, 7]
        with pytest.raises(OutOfTurn, match="the next is 8"):
            turns.seen(2)
        turns.give_up(7)
        turns.give_up(1 << 62)
        with pytest.raises(OutOfTurn, match=f"the next is {1 << 62}"):
            turns.seen(8)
        turns.close()

    asyncio.run(run())


def test_a_lost_one_is_waited_for_and_given_up() -> None:
    async def run() -> None:
        clock = Clock(0.0)
        turns: Turns[int] = Turns(clock, lambda: 60.0)
        log: list[int] = []
        for number in (1, 3, 4, 7):
            turns.submit(number, number, job(log, number))
        await turns.idle()
        await clock.advance(59)
        assert log == [1]
        await clock.advance(2)
        assert log == [1, 3, 4]
        with pytest.raises(OutOfTurn, match="seq_id 2 is out of turn: the next is 5"):
            turns.seen(2)
        await clock.advance(61)
        assert log == [1, 3, 4, 7]
        turns.close()

    asyncio.run(run())


def test_a_refused_one_is_not_waited_for() -> None:
    async def run() -> None:
        turns: Turns[int] = Turns(Clock(0.0), lambda: 60.0)
        log: list[int] = []
        turns.submit(3, 3, job(log, 3))
        turns.skip(1)
        turns.skip(2)
        turns.skip(2)
        turns.submit(4, 4, job(log, 4))
        await turns.idle()
        assert log == [3, 4]

    asyncio.run(run())


def test_without_a_number_it_comes_after_what_can_run() -> None:
    async def run() -> None:
        turns: Turns[int] = Turns(Clock(0.0), lambda: 60.0)
        log: list[int] = []
        turns.submit(2, 2, job(log, 2))
        turns.submit(None, 0, job(log, 90))
        turns.submit(1, 1, job(log, 1))
        turns.submit(0, 0, job(log, 91))
        await turns.idle()
        assert log == [90, 1, 2, 91]

    asyncio.run(run())
