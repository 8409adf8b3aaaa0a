"""One story for all four adapters, and each one's layer and capabilities."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from bridge.v1.adapter_wire import BridgeMockConfig, Layer
from bridge.v1.lm_wire import ConfigureLmArgs
from bridge.v1.pool_wire import PoolConfig
from bridge.v1.program_wire import CreateProgramArgs

from parity.bridge.adapters.adapter import Adapter
from parity.bridge.adapters.bridge_mock import BridgeMock
from parity.bridge.adapters.mock import Mock
from parity.bridge.adapters.python_pool import PythonPool
from parity.bridge.adapters.python_port import PythonPort
from parity.bridge.adapters.testing import LM, SIGNATURE, workers
from parity.bridge.clock import LoopClock
from parity.bridge.fault import Fault
from parity.bridge.host.session_pool import SessionPool

LAYERS: list[Layer] = ["layer_1", "layer_2", "layer_3", "production"]


@asynccontextmanager
async def adapter(name: str) -> AsyncIterator[Adapter]:
    if name == "mock":
        yield Mock()
    elif name == "bridge_mock":
        yield BridgeMock(LoopClock(), BridgeMockConfig(response_delay_ms=0))
    elif name == "python_port":
        async with PythonPort(workers()) as port:
            yield port
    else:
        config = PoolConfig(pool_size=2, overflow=0, checkout_timeout=60_000)
        async with SessionPool(config, launcher=workers()) as pool:
            yield PythonPool(pool)


async def text_of(what: object) -> str:
    with pytest.raises(Fault) as caught:
        await what  # type: ignore[misc]
    return caught.value.message


@pytest.mark.parametrize("name", ["mock", "bridge_mock", "python_port", "python_pool"])
def test_all_callbacks_of_all_adapters(name: str) -> None:
    async def story(each: Adapter) -> None:
        await each.health_check()
        first = await each.create_program(CreateProgramArgs(id="p1", signature=SIGNATURE))
        assert first == "p1"
        assert await text_of(each.execute_program("p1", {"query": "?"})) == "No LM is loaded."
        await each.configure_lm(LM)
        second = await each.create_program(CreateProgramArgs(signature=SIGNATURE))
        assert second
        assert sorted(await each.list_programs()) == sorted(["p1", second])
        outputs = await each.execute_program("p1", {"query": "?"})
        assert outputs == await each.execute_program(second, {"query": "?"})
        assert (type(outputs["answer"]), type(outputs["n"])) == (str, int)
        info = await each.get_program_info("p1")
        assert (info.program_id, info.execution_count, info.signature) == ("p1", 1, SIGNATURE)
        assert "already exists" in await text_of(each.create_program(CreateProgramArgs(id="p1", signature=SIGNATURE)))
        await each.delete_program("p1")
        assert "p1" in await text_of(each.delete_program("p1"))
        assert "p1" in await text_of(each.execute_program("p1", {}))
        assert await each.list_programs() == [second]
        assert (await each.get_stats()).to_wire("bridge-v1")

    async def told() -> None:
        async with asyncio.timeout(100), adapter(name) as each:
            assert isinstance(each, Adapter)
            await story(each)

    asyncio.run(told())


@pytest.mark.parametrize(
    ("kind", "layer"),
    [(Mock, "layer_1"), (BridgeMock, "layer_2"), (PythonPort, "layer_3"), (PythonPool, "production")],
)
def test_one_layer_each(kind: Any, layer: Layer) -> None:
    for each in LAYERS:
        assert kind.supports_test_layer(kind.__new__(kind), each) == (each == layer)


# Facts A6, "Adapters".
TRUE = {
    Mock: "deterministic_outputs call_logging fast_execution error_injection scenario_testing state_management "
    "concurrent_safe",
    BridgeMock: "protocol_testing protocol_validation wire_format_testing wire_format_validation error_injection "
    "deterministic deterministic_outputs scenario_testing concurrency_safe",
    PythonPort: "python_execution real_ml_models protocol_validation full_dspy_features production_identical",
    PythonPool: "python_execution real_ml_models protocol_validation full_dspy_features production_identical "
    "concurrent_execution session_isolation production_ready",
}
PERFORMANCE = {Mock: "fastest", BridgeMock: "fast", PythonPort: "slowest", PythonPool: "optimized"}


@pytest.mark.parametrize("kind", list(TRUE))
def test_capabilities(kind: Any) -> None:
    told = kind.get_test_capabilities(kind.__new__(kind))
    assert {name for name, value in told if value is True} == set(TRUE[kind].split())
    assert told.performance == PERFORMANCE[kind]
    assert told.to_wire("bridge-v1")


def test_a_refused_lm_is_the_adapters_error() -> None:
    async def story() -> None:
        each = BridgeMock(LoopClock(), BridgeMockConfig(response_delay_ms=0))
        assert await text_of(each.configure_lm(ConfigureLmArgs(model="gpt"))) == "API key is required"

    asyncio.run(story())
