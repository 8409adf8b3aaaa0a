import asyncio
import time

import pytest

from mock.engine.clock import LATEST, Clock


def test_sleepers_wake_in_the_order_of_their_times_each_at_its_own_time() -> None:
    async def story() -> list[tuple[str, float]]:
        clock = Clock(virtual_at=100.0)
        woken: list[tuple[str, float]] = []

        async def sleeper(name: str, *times: float) -> None:
            for seconds in times:
                await clock.sleep(seconds)
                woken.append((name, clock.now()))

        tasks = [asyncio.create_task(sleeper("late", 9)), asyncio.create_task(sleeper("twice", 2, 3))]
        await asyncio.sleep(0)
        await clock.advance(10)
        await asyncio.gather(*tasks)
        assert clock.now() == 110
        return woken

    assert asyncio.run(story()) == [("twice", 102), ("twice", 105), ("late", 109)]


def test_virtual_time_stands_still_until_it_is_moved() -> None:
    async def story() -> None:
        clock = Clock(virtual_at=0.0)
        task = asyncio.create_task(clock.sleep(1))
        await asyncio.sleep(0.02)
        assert not task.done()
        assert clock.waiting == 1
        await clock.advance(0.5)
        assert not task.done()
        await clock.advance(0.5)
        assert task.done()
        assert clock.waiting == 0

    asyncio.run(story())


def test_real_sleepers_go_on_in_virtual_time_and_back() -> None:
    async def story() -> None:
        clock = Clock()
        long = asyncio.create_task(clock.sleep(3600))
        short = asyncio.create_task(clock.sleep(0.05))
        await asyncio.sleep(0)
        await clock.advance(3599)
        assert short.done()
        assert not long.done()
        assert clock.virtual
        await clock.advance(1.1)
        assert long.done()
        clock.run()
        assert abs(clock.now() - time.time()) < 1
        await clock.sleep(0.01)

    asyncio.run(story())


def test_real_sleepers_sleep_at_least_so_long() -> None:
    async def story() -> float:
        clock = Clock()
        start = time.monotonic()
        await asyncio.gather(*(clock.sleep(seconds) for seconds in (0.03, 0.01, 0.02)))
        return time.monotonic() - start

    assert asyncio.run(story()) >= 0.029


def test_wait_says_whether_it_was_in_time() -> None:
    async def story() -> tuple[bool, bool]:
        clock = Clock(virtual_at=0.0)
        event = asyncio.Event()
        in_time = asyncio.create_task(clock.wait(event.wait(), 5))
        too_late = asyncio.create_task(clock.wait(asyncio.Event().wait(), 5))
        await asyncio.sleep(0)
        await clock.advance(4)
        event.set()
        await asyncio.sleep(0.01)
        await clock.advance(2)
        return await in_time, await too_late

    assert asyncio.run(story()) == (True, False)


def test_a_cancelled_sleeper_is_no_sleeper() -> None:
    async def story() -> None:
        clock = Clock(virtual_at=0.0)
        task = asyncio.create_task(clock.sleep(1))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        assert clock.waiting == 0
        await clock.advance(2)

    asyncio.run(story())


def test_reset_wakes_everybody() -> None:
    async def story() -> None:
        clock = Clock(virtual_at=0.0)
        task = asyncio.create_task(clock.sleep(1000))
        await asyncio.sleep(0)
        clock.forget()
        await task
        assert not clock.virtual

    asyncio.run(story())


@pytest.mark.parametrize("now", [-1.0, 3e38, float("nan"), float("inf")])
def test_what_is_no_time(now: float) -> None:
    clock = Clock()
    with pytest.raises(ValueError, match="is no time between 0 and"):
        asyncio.run(clock.set(now))
    assert not clock.virtual or clock.now() < LATEST
