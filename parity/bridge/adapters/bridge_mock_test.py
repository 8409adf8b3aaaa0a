from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest
from bridge.v1.adapter_wire import BridgeMockConfig, BridgeMockStats, ErrorScenario
from bridge.v1.program_wire import CreateProgramArgs, Signature

from parity.bridge.adapters.bridge_mock import TIMEOUT, BridgeMock
from parity.bridge.clock import VirtualClock
from parity.bridge.fault import Fault

SIGNATURE = Signature(inputs=["query"], outputs=["answer"])


def run(story: Callable[[BridgeMock, VirtualClock], Awaitable[Any]], **config: Any) -> None:
    async def told() -> None:
        clock = VirtualClock()
        async with asyncio.timeout(20):
            await story(BridgeMock(clock, BridgeMockConfig(**config), dialect="bridge-seed", seed=1), clock)

    asyncio.run(told())


async def soon(clock: VirtualClock, what: Awaitable[Any], seconds: float = 0.01) -> Any:
    task = asyncio.ensure_future(what)
    await clock.advance(seconds)
    return await task


def test_it_answers_after_its_delay_and_over_the_wire() -> None:
    async def story(mock: BridgeMock, clock: VirtualClock) -> None:
        task = asyncio.ensure_future(mock.create_program(CreateProgramArgs(id="p1", signature=SIGNATURE)))
        await clock.advance(0.009)
        assert not task.done()
        assert isinstance(stats := await mock.get_stats(), BridgeMockStats)
        assert (stats.pending_requests, stats.requests_received) == (1, 0)
        await clock.advance(0.002)
        assert await task == "p1"
        assert [(what, orjson.loads(text)["id"]) for what, text in mock.history] == [("sent", 1), ("response", 1)]
        assert orjson.loads(mock.history[0][1])["command"] == "create_program"

    run(story)


def test_a_scenario_for_one_command_and_for_any() -> None:
    async def story(mock: BridgeMock, clock: VirtualClock) -> None:
        mock.add_error_scenario(ErrorScenario(id="e1", command="ping", message="no ping"))
        with pytest.raises(Fault, match="no ping"):
            await soon(clock, mock.health_check())
        assert await soon(clock, mock.list_programs()) == []
        assert mock.remove_error_scenario("e1")
        assert not mock.remove_error_scenario("e1")
        await soon(clock, mock.health_check())
        mock.add_error_scenario(ErrorScenario(command="any"))
        with pytest.raises(Fault, match="Mock error triggered"):
            await soon(clock, mock.list_programs())
        stats = await mock.get_stats()
        assert isinstance(stats, BridgeMockStats)
        assert (stats.requests_received, stats.responses_sent, stats.errors_triggered) == (4, 4, 2)

    run(story)


def test_a_swallowed_request_times_out() -> None:
    async def story(mock: BridgeMock, clock: VirtualClock) -> None:
        task = asyncio.ensure_future(mock.list_programs())
        await clock.advance(0.01 + TIMEOUT - 0.001)
        assert not task.done()
        await clock.advance(0.002)
        with pytest.raises(Fault, match="Command timed out after 5000ms") as caught:
            await task
        assert caught.value.failure("bridge-v1") == "timeout"

    run(story, timeout_probability=1.0)


def test_errors_by_chance_are_the_same_in_every_run() -> None:
    async def faults(mock: BridgeMock, clock: VirtualClock) -> list[bool]:
        found = []
        for _ in range(40):
            try:
                await soon(clock, mock.list_programs())
            except Fault:
                found.append(True)
            else:
                found.append(False)
        return found

    runs: list[list[bool]] = []

    async def story(mock: BridgeMock, clock: VirtualClock) -> None:
        runs.append(await faults(mock, clock))

    for _ in range(2):
        run(story, error_probability=0.5)
    assert runs[0] == runs[1]
    assert 5 < sum(runs[0]) < 35


def test_there_is_a_most_of_programs() -> None:
    async def story(mock: BridgeMock, clock: VirtualClock) -> None:
        await soon(clock, mock.create_program(CreateProgramArgs(signature=SIGNATURE)))
        with pytest.raises(Fault, match="Maximum number of programs reached: 1"):
            await soon(clock, mock.create_program(CreateProgramArgs(signature=SIGNATURE)))

    run(story, max_programs=1, enable_logging=False)
