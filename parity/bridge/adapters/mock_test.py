from __future__ import annotations

import asyncio

import pytest
from bridge.v1.adapter_wire import InjectedError
from bridge.v1.lm_wire import ConfigureLmArgs
from bridge.v1.program_wire import CreateProgramArgs, Signature

from parity.bridge.adapters.mock import Execution, Mock
from parity.bridge.fault import Fault

MAKE = CreateProgramArgs(id="p1", signature=Signature(inputs=["query"], outputs=["answer"]))


def test_no_lm_is_said_before_the_program_is_looked_for() -> None:
    async def story() -> None:
        mock = Mock()
        with pytest.raises(Fault, match="No LM is loaded"):
            await mock.execute_program("ghost", {})
        await mock.configure_lm(ConfigureLmArgs())
        with pytest.raises(Fault, match="^Program not found: ghost$"):
            await mock.execute_program("ghost", {})
        with pytest.raises(Fault, match="Program signature is required"):
            await mock.create_program(CreateProgramArgs(id="p1"))

    asyncio.run(story())


def test_it_remembers_what_it_was_asked_until_it_is_reset() -> None:
    async def story() -> None:
        mock = Mock()
        await mock.configure_lm(ConfigureLmArgs())
        await mock.create_program(MAKE)
        mock.set_scenario("p1", {"answer": "as told"})
        assert await mock.execute_program("p1", {"query": 1}) == {"answer": "as told"}
        assert mock.executions == [Execution("p1", {"query": 1}, {"answer": "as told"})]
        assert mock.calls == ["configure_lm", "create_program", "execute_program"]
        mock.reset()
        assert (mock.calls, mock.scenarios, mock.executions) == ([], {}, [])
        assert await mock.list_programs() == []

    asyncio.run(story())


@pytest.mark.parametrize("callback", ["list_programs", "any"])
def test_an_injected_error(callback: str) -> None:
    async def story() -> None:
        mock = Mock()
        mock.inject_error(callback, InjectedError(type="overload", message="too much"))
        with pytest.raises(Fault, match="too much") as caught:
            await mock.list_programs()
        assert caught.value.context == {"type": "overload", "message": "too much"}

    asyncio.run(story())


def test_its_ping_is_its_own() -> None:
    assert b'"adapter":"mock"' in Mock().ping().to_wire("bridge-v1")
