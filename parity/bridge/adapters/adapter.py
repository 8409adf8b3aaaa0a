"""What an adapter is: how a test or a program makes and runs programs, wherever they run (facts A6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from bridge.v1.adapter_wire import Capabilities, Layer
from bridge.v1.lm_wire import ConfigureLmArgs
from bridge.v1.program_wire import CreateProgramArgs, GetProgramInfoResult
from samewire_wire import JsonValue, Model


@runtime_checkable
class Adapter(Protocol):
    """All raise Fault: python_error with the worker's own text, or what the pool says.

    Names and order are those of the source's behaviour; `?` is left off.
    """

    async def create_program(self, config: CreateProgramArgs, /) -> str:
        """The program's id."""

    async def execute_program(
        self, program_id: str, inputs: Mapping[str, JsonValue], /, session_id: str | None = None
    ) -> dict[str, JsonValue]:
        """Outputs by name."""

    async def list_programs(self) -> list[str]: ...

    async def delete_program(self, program_id: str, /) -> None: ...

    async def get_program_info(self, program_id: str, /) -> GetProgramInfoResult: ...

    async def health_check(self) -> None: ...

    async def get_stats(self) -> Model: ...

    async def configure_lm(self, config: ConfigureLmArgs, /) -> None: ...

    def supports_test_layer(self, layer: Layer, /) -> bool: ...

    def get_test_capabilities(self) -> Capabilities: ...
