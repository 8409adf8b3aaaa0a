from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from bridge.v1.adapter_wire import AdapterStats
from bridge.v1.pool_wire import PoolConfig
from bridge.v1.program_wire import CreateProgramArgs

from parity.bridge.adapters.python_pool import PythonPool
from parity.bridge.adapters.testing import LM, SIGNATURE, workers
from parity.bridge.fault import Fault
from parity.bridge.host.session_pool import SessionPool


def run(story: Callable[[PythonPool], Awaitable[Any]], **config: int) -> None:
    async def told() -> None:
        settings = PoolConfig(**{"pool_size": 2, "overflow": 0, "checkout_timeout": 60_000, **config})
        async with asyncio.timeout(100), SessionPool(settings, launcher=workers()) as pool:
            await story(PythonPool(pool))

    asyncio.run(told())


def test_bound_adapters_keep_to_their_sessions() -> None:
    async def story(adapter: PythonPool) -> None:
        mine, yours = adapter.session_adapter("user_1"), adapter.session_adapter("user_2")
        assert (mine.session_id, adapter.session_id) == ("user_1", "anonymous")
        for each in (mine, yours):
            assert await each.create_program(CreateProgramArgs(id="p1", signature=SIGNATURE)) == "p1"
        assert (await mine.create_program(CreateProgramArgs(signature=SIGNATURE))).startswith("pool_")
        assert [len(await each.list_programs()) for each in (mine, yours, adapter)] == [2, 1, 0]
        info = await mine.get_program_info("p1")
        assert (info.id, info.session_id) == ("p1", "user_1")
        assert mine.get_session_info("user_1").operations == 4
        assert mine.start_session("later") == "later"
        with pytest.raises(Fault, match="There is no session later"):
            mine.get_session_info("later")
        mine.end_session("user_1")
        assert await mine.list_programs() == []
        assert await yours.list_programs() == ["p1"]

    run(story)


def test_an_lm_reaches_all_workers_and_those_to_come() -> None:
    async def story(adapter: PythonPool) -> None:
        await adapter.pool.pool.warm()
        await adapter.configure_lm(LM)
        bound = [adapter.session_adapter(f"s{number}") for number in range(2)]
        for each in bound:
            await each.create_program(CreateProgramArgs(id="p1", signature=SIGNATURE))
            assert await each.execute_program("p1", {})
        homes = {adapter.pool.pool.sessions.worker(each.session_id) for each in bound}
        assert homes == adapter.pool.pool.workers
        for worker in adapter.pool.pool.workers:
            worker.channel.process.kill()
            await worker.channel.over
        await bound[0].create_program(CreateProgramArgs(id="p1", signature=SIGNATURE))
        assert await bound[0].execute_program("p1", {})

    run(story)


def test_statistics_are_those_of_the_pool() -> None:
    async def story(adapter: PythonPool) -> None:
        await adapter.list_programs()
        stats = await adapter.get_stats()
        assert isinstance(stats, AdapterStats)
        assert (stats.layer, stats.adapter_type, list(stats.session_stats)) == (
            "production",
            "python_pool",
            ["anonymous"],
        )
        assert stats.pool_status.metrics.total_operations == 1  # type: ignore[union-attr]

    run(story)


def test_no_worker_in_time_in_the_sources_words() -> None:
    async def story(adapter: PythonPool) -> None:
        worker = await adapter.pool.pool.checkout("other")
        with pytest.raises(Fault, match=r"^Pool timeout - all workers busy$") as caught:
            await adapter.list_programs()
        assert caught.value.failure("bridge-v1") == "pool_timeout"
        adapter.pool.pool.checkin(worker)

    run(story, pool_size=1, checkout_timeout=3_000)
