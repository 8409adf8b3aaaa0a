from __future__ import annotations

import asyncio

from parity.bridge.clock import Clock, LoopClock, VirtualClock


def test_alarms_ring_in_order_each_at_its_own_time() -> None:
    async def story() -> list[tuple[str, float]]:
        clock = VirtualClock(100.0)
        rung: list[tuple[str, float]] = []

        def ring(name: str) -> None:
            rung.append((name, clock.now()))
            if name == "first":
                clock.later(2, ring, "from within")

        clock.later(9, ring, "last")
        clock.later(1, ring, "first")
        clock.later(4, ring, "off").cancel()
        clock.later(9.5, ring, "after")
        assert clock.alarms == 3
        await clock.advance(9)
        assert clock.now() == 109
        return rung

    assert asyncio.run(story()) == [("first", 101), ("from within", 103), ("last", 109)]


def test_what_an_alarm_wakes_runs_before_the_next() -> None:
    async def story() -> list[float]:
        clock = VirtualClock()
        times: list[float] = []

        async def sleeper(seconds: float) -> None:
            woken = asyncio.Event()
            clock.later(seconds, woken.set)
            await woken.wait()
            times.append(clock.now())

        tasks = [asyncio.create_task(sleeper(seconds)) for seconds in (3, 1, 2)]
        await asyncio.sleep(0)
        await clock.advance(5)
        await asyncio.gather(*tasks)
        return times

    assert asyncio.run(story()) == [1, 2, 3]


def test_real_time_passes_by_itself() -> None:
    async def story() -> None:
        clock: Clock = LoopClock()
        woken = asyncio.Event()
        start = clock.now()
        clock.later(0.001, woken.set)
        await asyncio.wait_for(woken.wait(), 5)
        assert clock.now() >= start + 0.0005

    asyncio.run(story())
