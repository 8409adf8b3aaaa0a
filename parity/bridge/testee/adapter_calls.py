"""`adapter.script`: steps done on one adapter (docs/cases.md)."""

from __future__ import annotations

import asyncio
import inspect
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
from bridge.v1.adapter_wire import BridgeMockConfig, ErrorScenario, InjectedError
from bridge.v1.lm_wire import ConfigureLmArgs
from bridge.v1.pool_wire import PoolConfig
from bridge.v1.program_wire import CreateProgramArgs
from samewire_wire import Model

from parity.bridge.adapters.bridge_mock import BridgeMock
from parity.bridge.adapters.mock import Mock
from parity.bridge.adapters.python_pool import PythonPool
from parity.bridge.adapters.python_port import PythonPort
from parity.bridge.fault import Fault
from parity.bridge.host.launcher import PythonWorkers
from parity.bridge.host.session_pool import SessionPool

_START_S = 30.0


class HastyClock:
    """Every alarm rings at once, and the time is then as late as it should have rung."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def later(self, seconds: float, call: Callable[..., object], *args: Any) -> asyncio.Handle:
        self._now += seconds
        return asyncio.get_running_loop().call_soon(call, *args)


async def script(given: Any, dialect: str) -> Any:
    """The outcomes of all steps."""
    async with _adapter(given["adapter"], given.get("options") or {}, dialect) as adapter:
        adapters = {"": adapter}
        return [await _outcome(adapters, step, dialect) for step in given["steps"]]


@asynccontextmanager
async def _adapter(name: str, options: Any, dialect: str) -> AsyncIterator[Any]:
    if name == "mock":
        yield Mock()
    elif name == "bridge_mock":
        config = BridgeMockConfig.from_wire(orjson.dumps(options))
        yield BridgeMock(HastyClock(), config, dialect=dialect)
    elif name == "python_port":
        async with PythonPort(_workers(dialect)) as port:
            yield port
    else:
        settings = PoolConfig.from_wire(orjson.dumps({"pool_size": 1, "overflow": 0, **options}))
        async with SessionPool(settings, dialect=dialect, launcher=_workers(dialect)) as pool:
            yield PythonPool(pool)


def _workers(dialect: str) -> PythonWorkers:
    # What the workers import is where this process found it.
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return PythonWorkers(dialect, settings={"env": env, "start_timeout": _START_S})


async def _outcome(adapters: dict[str, Any], step: Any, dialect: str) -> Any:
    told = step.get("with") or {}
    adapter = adapters[told.get("on", "")]
    try:
        if step["do"] == "session_adapter":
            adapters[told["as"]] = adapter.session_adapter(told["session_id"])
            return {"ok": {}}
        result = _STEPS[step["do"]](adapter, told)
        if inspect.isawaitable(result):
            result = await result
    except Fault as fault:
        failure = fault.failure(dialect)
        return {"error": _shown(failure, dialect)}
    return {"ok": _shown(result, dialect)}


def _shown(said: Any, dialect: str) -> Any:
    return orjson.loads(said.to_wire(dialect)) if isinstance(said, Model) else said


_STEPS: dict[str, Callable[[Any, Any], Any]] = {
    "create_program": lambda it, told: it.create_program(CreateProgramArgs.from_wire(orjson.dumps(told["config"]))),
    "execute_program": lambda it, told: it.execute_program(
        told["program_id"], told.get("inputs") or {}, session_id=told.get("session_id")
    ),
    "list_programs": lambda it, _: it.list_programs(),
    "delete_program": lambda it, told: it.delete_program(told["program_id"]),
    "get_program_info": lambda it, told: it.get_program_info(told["program_id"]),
    "health_check": lambda it, _: it.health_check(),
    "get_stats": lambda it, _: it.get_stats(),
    "configure_lm": lambda it, told: it.configure_lm(ConfigureLmArgs.from_wire(orjson.dumps(told["config"]))),
    "supports_test_layer": lambda it, told: it.supports_test_layer(told["layer"]),
    "get_test_capabilities": lambda it, _: it.get_test_capabilities(),
    "callbacks": lambda it, told: [name for name in told["of"] if callable(getattr(it, name, None))],
    # Mock
    "reset": lambda it, _: it.reset(),
    "ping": lambda it, _: it.ping(),
    "set_scenario": lambda it, told: it.set_scenario(told["program_id"], told["outputs"]),
    "inject_error": lambda it, told: it.inject_error(
        told["callback"], InjectedError.from_wire(orjson.dumps(told["error"]))
    ),
    "calls": lambda it, _: list(it.calls),
    "executions": lambda it, _: len(it.executions),
    # BridgeMock
    "add_error_scenario": lambda it, told: it.add_error_scenario(
        ErrorScenario.from_wire(orjson.dumps(told["scenario"]))
    ),
    "remove_error_scenario": lambda it, told: it.remove_error_scenario(told["id"]),
    "history": lambda it, _: [[what, orjson.loads(text)] for what, text in it.history],
    # PythonPool
    "session_id": lambda it, _: it.session_id,
    "start_session": lambda it, told: it.start_session(told["session_id"]),
    "end_session": lambda it, told: it.end_session(told["session_id"]),
    "get_session_info": lambda it, told: it.get_session_info(told["session_id"]),
}
