"""The adapter of layer 1: no process and no protocol, the same answers every time."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from bridge.v1.adapter_wire import Capabilities, InjectedError, Layer, MockPingResult
from bridge.v1.lm_wire import ConfigureLmArgs
from bridge.v1.program_wire import CreateProgramArgs, GetProgramInfoResult
from bridge.v1.worker_wire import GetStatsResult
from samewire_wire import MISSING, JsonValue, Model, Timestamp

from parity.bridge.fault import Fault
from parity.bridge.host import prediction
from parity.bridge.host.memory import memory
from parity.bridge.host.programs import Program, Programs, Refused

ANY = "any"


class Execution(NamedTuple):
    """One run of a program."""

    program_id: str
    inputs: Mapping[str, JsonValue]
    outputs: dict[str, JsonValue]


class Mock:
    """`scenarios`: outputs to give instead, by program id; `calls`: the callbacks' names, oldest first."""

    LAYER: ClassVar[Layer] = "layer_1"
    CAPABILITIES: ClassVar[Capabilities] = Capabilities(
        deterministic_outputs=True,
        call_logging=True,
        fast_execution=True,
        error_injection=True,
        scenario_testing=True,
        state_management=True,
        concurrent_safe=True,
        python_execution=False,
        protocol_validation=False,
        performance="fastest",
    )

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.programs = Programs()
        self.executions: list[Execution] = []
        self.calls: list[str] = []
        self.scenarios: dict[str, dict[str, JsonValue]] = {}
        self._errors: dict[str, InjectedError] = {}
        self._lm: ConfigureLmArgs | None = None
        self._numbers = itertools.count(1)
        self._born = time.monotonic()
        self._failed = 0

    def set_scenario(self, program_id: str, outputs: dict[str, JsonValue]) -> None:
        self.scenarios[program_id] = outputs

    def inject_error(self, callback: str, error: InjectedError) -> None:
        """From now on, until `reset`; "any" is all of them."""
        self._errors[callback] = error

    def ping(self) -> MockPingResult:
        self._called("ping")
        return MockPingResult(timestamp=Timestamp.from_seconds(time.time()))

    async def create_program(self, config: CreateProgramArgs, /) -> str:
        self._called("create_program")
        if config.signature is MISSING:
            raise self._refused("Program signature is required")
        name = f"mock_{next(self._numbers)}" if config.id is MISSING or not config.id else config.id
        try:
            self.programs.create(None, name, config.signature)
        except Refused as error:
            raise self._refused(str(error)) from None
        return name

    async def execute_program(
        self, program_id: str, inputs: Mapping[str, JsonValue], /, session_id: str | None = None
    ) -> dict[str, JsonValue]:
        self._called("execute_program")
        if self._lm is None:  # before it looks for the program, unlike the worker
            raise self._refused("No LM is loaded.")
        program = self._find(program_id)
        program.executions += 1
        program.executed = time.time()
        outputs = self.scenarios.get(program_id) or prediction.outputs(program.signature, inputs)
        self.executions.append(Execution(program_id, inputs, outputs))
        return outputs

    async def list_programs(self) -> list[str]:
        self._called("list_programs")
        return [program.name for program in self.programs.list(None)]

    async def delete_program(self, program_id: str, /) -> None:
        self._called("delete_program")
        self._find(program_id)
        self.programs.delete(None, program_id)

    async def get_program_info(self, program_id: str, /) -> GetProgramInfoResult:
        self._called("get_program_info")
        told = self._find(program_id).summary()
        return GetProgramInfoResult(
            program_id=told.id,
            signature=told.signature,
            created_at=told.created_at,
            execution_count=told.execution_count,
            last_executed=told.last_executed,
        )

    async def health_check(self) -> None:
        self._called("health_check")

    async def get_stats(self) -> Model:
        self._called("get_stats")
        return GetStatsResult(
            programs_count=len(self.programs),
            command_count=len(self.calls),
            error_count=self._failed,
            uptime=time.monotonic() - self._born,
            memory_usage=memory(),
            dspy_available=False,
            gemini_available=False,
        )

    async def configure_lm(self, config: ConfigureLmArgs, /) -> None:
        self._called("configure_lm")
        self._lm = config

    def supports_test_layer(self, layer: Layer, /) -> bool:
        return layer == self.LAYER

    def get_test_capabilities(self) -> Capabilities:
        return self.CAPABILITIES

    def _called(self, callback: str) -> None:
        self.calls.append(callback)
        error = self._errors.get(callback) or self._errors.get(ANY)
        if error is not None:
            self._failed += 1
            raise Fault("python_error", error.message, **error.WIRE.writers["bridge-v1"](error))

    def _find(self, program_id: str) -> Program:
        try:
            return self.programs.find(None, program_id)
        except Refused as error:
            raise self._refused(str(error)) from None

    def _refused(self, text: str) -> Fault:
        self._failed += 1
        return Fault("python_error", text)
