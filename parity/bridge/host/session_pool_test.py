"""Seed 004's own tests of the pool, worker and adapters, with real Python workers."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest
from bridge.v1.pool_wire import PoolConfig
from bridge.v1.program_wire import ListProgramsResult
from samewire_wire import JsonValue

from parity.bridge.fault import Fault
from parity.bridge.host.launcher import PythonWorkers
from parity.bridge.host.session_pool import SessionPool

SIMPLE: dict[str, JsonValue] = {"signature": {"inputs": [{"name": "query"}], "outputs": [{"name": "answer"}]}}
# What the workers import is where this test found it.
ENV = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def run(story: Callable[[SessionPool], Awaitable[Any]], dialect: str = "bridge-seed", **config: int) -> None:
    async def told() -> None:
        launcher = PythonWorkers(dialect, settings={"env": ENV, "start_timeout": 30.0})
        settings = PoolConfig(**{"pool_size": 1, "overflow": 0, "checkout_timeout": 60_000, **config})
        async with asyncio.timeout(100), SessionPool(settings, dialect=dialect, launcher=launcher) as pool:
            await story(pool)

    asyncio.run(told())


async def fault_of(what: Awaitable[object]) -> Fault:
    with pytest.raises(Fault) as caught:
        await what
    return caught.value


def test_a_program_from_its_making_to_its_end() -> None:
    async def story(pool: SessionPool) -> None:
        made: Any = await pool.execute_in_session("s1", "create_program", SIMPLE)
        name = made["program_id"]
        ran: Any = await pool.execute_in_session(
            "s1", "execute_program", {"program_id": name, "inputs": {"query": "test"}}
        )
        assert ran["answer"].startswith("mock_answer_")
        await pool.execute_in_session("s1", "delete_program", {"program_id": name})
        fault = await fault_of(pool.execute_in_session("s1", "execute_program", {"program_id": name}))
        assert fault.message == f"Program not found in session s1: {name}"
        assert (fault.category, fault.type) == ("communication_error", "python_error")
        assert fault.context == {"command": "execute_program", "session_id": "s1"}
        metrics = pool.get_pool_status().metrics
        assert (metrics.total_operations, metrics.failed_operations) == (4, 1)  # type: ignore[union-attr]
        assert {worker.failures for worker in pool.pool.workers} == {0}

    run(story)


def test_sessions_at_once_do_not_disturb_each_other() -> None:
    async def one(pool: SessionPool, session: str) -> list[Any]:
        made: Any = await pool.execute_in_session(session, "create_program", {**SIMPLE, "id": "mine"})
        assert made["program_id"] == "mine"
        answers = []
        for number in range(5):
            args: dict[str, JsonValue] = {"program_id": "mine", "inputs": {"query": number}}
            answers.append(await pool.execute_in_session(session, "execute_program", args))
        pool.end_session(session)
        return answers

    async def story(pool: SessionPool) -> None:
        answers = await asyncio.gather(*(one(pool, f"concurrent_{number}") for number in range(10)))
        assert all(each == answers[0] for each in answers)
        assert len({str(answer) for answer in answers[0]}) == 5
        assert pool.get_sessions() == {}
        assert pool.pool.metrics.total_sessions == pool.pool.metrics.ended_sessions == 10

    run(story, pool_size=2, overflow=1)


@pytest.mark.parametrize("dialect", ["bridge-v1", "bridge-v2", "bridge-seed"])
def test_nobody_sees_the_programs_of_another_session(dialect: str) -> None:
    async def names(pool: SessionPool, session: str | None) -> list[str]:
        answer = await (
            pool.execute_anonymous("list_programs")
            if session is None
            else pool.execute_in_session(session, "list_programs")
        )
        read = ListProgramsResult.from_wire(orjson.dumps(answer), dialect)
        assert read.total_count == len(read.programs)
        return [program.id for program in read.programs]

    async def story(pool: SessionPool) -> None:
        for user, name in [("user_1", "prog_1"), ("user_2", "prog_2")]:
            await pool.execute_in_session(user, "create_program", {**SIMPLE, "id": name})
        assert await names(pool, "user_1") == ["prog_1"]
        assert await names(pool, "user_2") == ["prog_2"]
        assert await names(pool, "ghost") == []
        assert await names(pool, None) == []

    run(story, dialect)


def test_a_session_that_has_ended_has_no_programs() -> None:
    async def story(pool: SessionPool) -> None:
        await pool.execute_in_session("s1", "create_program", {**SIMPLE, "id": "p1"})
        pool.end_session("s1")
        fault = await fault_of(pool.execute_in_session("s1", "execute_program", {"program_id": "p1"}))
        assert fault.message == "Session not found: s1"

    run(story)


def test_the_queue_and_the_end_of_patience() -> None:
    async def story(pool: SessionPool) -> None:
        await pool.pool.warm()
        blocker = asyncio.create_task(pool.execute_in_session("blocker", "sleep", {"duration": 300}))
        await asyncio.sleep(0)
        fault = await fault_of(pool.execute_in_session("waiter", "ping", pool_timeout=0.05))
        assert fault.failure("bridge-seed") == "pool_timeout"
        patient = asyncio.create_task(pool.execute_in_session("waiter", "ping"))
        assert (await blocker, (await patient)["status"]) == ({"slept": 300}, "ok")  # type: ignore[index,call-overload]

    run(story)


def test_pings_are_answered_and_counted_in_every_dialect() -> None:
    for dialect in ("bridge-v1", "bridge-v2"):

        async def story(pool: SessionPool) -> None:
            for _ in range(2):
                await pool.execute_in_session("metric_test", "ping")
            assert pool.pool.metrics.total_operations == 2
            assert (await pool.execute_anonymous("ping"))["status"] == "ok"  # type: ignore[index,call-overload]
            report = await pool.health_check()
            assert report.status == "healthy" or report.healthy_workers == 1

        run(story, dialect)


def test_a_killed_worker_is_replaced_and_the_pool_goes_on() -> None:
    async def story(pool: SessionPool) -> None:
        for number in range(12):
            if number in (3, 8):
                victim = next(iter(pool.pool.workers))
                victim.channel.process.kill()
                await victim.channel.over
                await asyncio.sleep(0)
            await pool.execute_in_session(f"chaos_{number}", "ping")
        assert pool.pool.metrics.replaced == 2
        assert (await pool.health_check()).status == "healthy"

    run(story, pool_size=2)
