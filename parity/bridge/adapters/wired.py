"""Adapters that speak the wire: each callback is a command, its arguments and its result are the definition's."""

from __future__ import annotations

import itertools
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import orjson
from bridge.v1 import lm_wire
from bridge.v1.adapter_wire import Capabilities, Layer
from bridge.v1.lm_wire import ConfigureLmArgs, LmConfigured
from bridge.v1.program_wire import (
    CreateProgramArgs,
    CreateProgramResult,
    DeleteProgramArgs,
    ExecuteProgramArgs,
    ExecuteProgramResult,
    GetProgramInfoArgs,
    GetProgramInfoResult,
    ListProgramsArgs,
    ListProgramsResult,
)
from bridge.v1.worker_wire import GetStatsResult, PingArgs, PingResult
from samewire_wire import MISSING, JsonValue, Model, WireError

from parity.bridge.fault import Fault

_CONFIGURED = lm_wire.FILE.message("bridge.v1.ConfigureLmResult")
_numbers = itertools.count(1)


class WiredAdapter(ABC):
    """What PythonPool, PythonPort and BridgeMock share. `session`: whose programs these are; None: nobody's."""

    LAYER: ClassVar[Layer]
    CAPABILITIES: ClassVar[Capabilities]
    ID_PREFIX: ClassVar[str] = "program"

    def __init__(self, dialect: str = "bridge-v1", session: str | None = None) -> None:
        self.dialect = dialect
        self.session = session

    @abstractmethod
    async def _execute(self, session: str | None, command: str, args: dict[str, JsonValue]) -> JsonValue:
        """The command's result. Raises Fault."""

    async def create_program(self, config: CreateProgramArgs, /) -> str:
        """A program without an id gets one: the prefix, a number, microseconds."""
        given = config.id
        if given is MISSING or not given:
            config = config.model_copy(update={"id": f"{self.ID_PREFIX}_{next(_numbers)}_{time.time_ns() // 1000}"})
        session = self.session if config.session_id is MISSING else config.session_id
        answer = await self._ask(session, "create_program", config)
        return CreateProgramResult.from_wire(answer, self.dialect).program_id

    async def execute_program(
        self, program_id: str, inputs: Mapping[str, JsonValue], /, session_id: str | None = None
    ) -> dict[str, JsonValue]:
        args = ExecuteProgramArgs(program_id=program_id, inputs=dict(inputs))
        answer = await self._ask(session_id or self.session, "execute_program", args)
        result = ExecuteProgramResult.from_wire(answer, self.dialect)
        if self.dialect == "bridge-seed":
            return dict(result.model_extra or {})
        return {} if result.outputs is MISSING else result.outputs

    async def list_programs(self) -> list[str]:
        answer = await self._ask(self.session, "list_programs", ListProgramsArgs())
        return [program.id for program in ListProgramsResult.from_wire(answer, self.dialect).programs]

    async def delete_program(self, program_id: str, /) -> None:
        await self._ask(self.session, "delete_program", DeleteProgramArgs(program_id=program_id))

    async def get_program_info(self, program_id: str, /) -> GetProgramInfoResult:
        answer = await self._ask(self.session, "get_program_info", GetProgramInfoArgs(program_id=program_id))
        return GetProgramInfoResult.from_wire(answer, self.dialect)

    async def health_check(self) -> None:
        answer = await self._ask(None, "ping", PingArgs())
        try:
            PingResult.from_wire(answer, self.dialect)  # its status is the literal "ok"
        except WireError as error:
            raise Fault("health_check_failed", f"unhealthy: {error.reason}") from None

    async def get_stats(self) -> Model:
        return GetStatsResult.from_wire(await self._ask(None, "get_stats", PingArgs()), self.dialect)

    async def configure_lm(self, config: ConfigureLmArgs, /) -> None:
        configured = _CONFIGURED.read(await self._ask(None, "configure_lm", config), self.dialect)
        if not isinstance(configured, LmConfigured):
            raise Fault("python_error", configured.error, command="configure_lm")

    def supports_test_layer(self, layer: Layer, /) -> bool:
        return layer == self.LAYER

    def get_test_capabilities(self) -> Capabilities:
        return self.CAPABILITIES

    async def _ask(self, session: str | None, command: str, args: Model) -> bytes:
        return orjson.dumps(await self._execute(session, command, args.WIRE.writers[self.dialect](args)))
