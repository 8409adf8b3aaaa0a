"""The adapter of layer 3: one real worker, in standalone mode."""

from __future__ import annotations

from typing import ClassVar

from bridge.v1.adapter_wire import Capabilities, Layer
from bridge.v1.pool_wire import PoolConfig
from samewire_wire import JsonValue

from parity.bridge.adapters.wired import WiredAdapter
from parity.bridge.host.launcher import PythonWorkers
from parity.bridge.host.session_pool import SessionPool


class PythonPort(WiredAdapter):
    """A pool of one, of which nobody needs to know. `async with` ends the worker."""

    LAYER: ClassVar[Layer] = "layer_3"
    CAPABILITIES: ClassVar[Capabilities] = Capabilities(
        python_execution=True,
        real_ml_models=True,
        protocol_validation=True,
        full_dspy_features=True,
        production_identical=True,
        deterministic=False,
        performance="slowest",
        requires=["python", "dspy", "api_keys"],
    )

    def __init__(self, launcher: PythonWorkers | None = None) -> None:
        launcher = launcher or PythonWorkers()
        launcher.mode = "standalone"
        super().__init__(launcher.dialect)
        config = PoolConfig(pool_size=1, overflow=0)
        self.pool = SessionPool(config, dialect=launcher.dialect, launcher=launcher)

    async def __aenter__(self) -> PythonPort:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.pool.shutdown()

    async def _execute(self, session: str | None, command: str, args: dict[str, JsonValue]) -> JsonValue:
        return await self.pool.execute_anonymous(command, args)
