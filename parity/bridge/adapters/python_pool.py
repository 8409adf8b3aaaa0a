"""The adapter for production: a pool of Python workers, and adapters bound to a session of it."""

from __future__ import annotations

from typing import ClassVar

from bridge.v1.adapter_wire import AdapterStats, Capabilities, Layer
from bridge.v1.lm_wire import ConfigureLmArgs
from bridge.v1.pool_wire import PoolStatus
from bridge.v1.program_wire import GetProgramInfoResult
from bridge.v1.session_wire import SessionInfo
from samewire_wire import JsonValue, Model

from parity.bridge.adapters.wired import WiredAdapter
from parity.bridge.fault import Fault
from parity.bridge.host.launcher import PythonWorkers, ask
from parity.bridge.host.session_pool import SessionPool

ANONYMOUS = "anonymous"  # the session of those that name none


class PythonPool(WiredAdapter):
    """`configure_lm` reaches all workers, those to come too; in the source it reaches one (facts A6)."""

    LAYER: ClassVar[Layer] = "production"
    ID_PREFIX: ClassVar[str] = "pool"
    CAPABILITIES: ClassVar[Capabilities] = Capabilities(
        python_execution=True,
        real_ml_models=True,
        protocol_validation=True,
        full_dspy_features=True,
        production_identical=True,
        deterministic=False,
        concurrent_execution=True,
        session_isolation=True,
        production_ready=True,
        performance="optimized",
        requires=["python", "dspy", "nimble_pool"],
    )

    def __init__(self, pool: SessionPool, session: str = ANONYMOUS) -> None:
        super().__init__(pool.dialect, session)
        self.pool = pool

    @property
    def session_id(self) -> str:
        return self.session or ANONYMOUS

    def session_adapter(self, session_id: str) -> PythonPool:
        """The same callbacks, each for this session."""
        return PythonPool(self.pool, session_id)

    def start_session(self, session_id: str) -> str:
        """Creates nothing: a session begins with its first command."""
        return session_id

    def end_session(self, session_id: str) -> None:
        self.pool.end_session(session_id)

    def get_session_info(self, session_id: str) -> SessionInfo:
        """Raises Fault(session_not_found)."""
        info = self.pool.get_sessions().get(session_id)
        if info is None:
            raise Fault("session_not_found", f"There is no session {session_id}", session_id=session_id)
        return info

    async def get_program_info(self, program_id: str, /) -> GetProgramInfoResult:
        info = await super().get_program_info(program_id)
        return info.model_copy(update={"id": program_id, "session_id": self.session_id})

    async def get_stats(self) -> Model:
        status: PoolStatus = self.pool.get_pool_status()
        return AdapterStats(
            layer=self.LAYER,
            pool_status=status,
            session_stats=self.pool.get_sessions(),
            python_execution=True,
            concurrent_sessions=True,
        )

    async def configure_lm(self, config: ConfigureLmArgs, /) -> None:
        await super().configure_lm(config)
        launcher = self.pool.pool.launcher
        if isinstance(launcher, PythonWorkers):
            launcher.lm = config
        await self.pool.pool.everywhere(ask("configure_lm", config, self.dialect))

    async def _execute(self, session: str | None, command: str, args: dict[str, JsonValue]) -> JsonValue:
        try:
            if session is None:
                return await self.pool.execute_anonymous(command, args)
            return await self.pool.execute_in_session(session, command, args)
        except Fault as fault:
            if fault.type == "checkout_timeout":  # the source's words for people
                raise Fault(fault.type, "Pool timeout - all workers busy", **fault.context) from None
            raise
