"""The session pool of the bridge, with the names of seed 004 and of facts A5."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.v1.frame_wire import Response
from bridge.v1.pool_wire import HealthReport, PoolConfig, PoolStatus
from bridge.v1.program_wire import ListProgramsArgs
from bridge.v1.session_wire import SessionInfo
from samewire_wire import JsonValue

from parity.bridge.clock import Clock
from parity.bridge.host.launcher import Ask, PythonWorkers, result
from parity.bridge.launcher import Launcher
from parity.bridge.pool import Pool


class SessionPool:
    """Python workers for sessions. Times are in seconds; every failure is a Fault.

    An answer that is the worker's own "no" (python_error) does not count against the worker.
    """

    def __init__(
        self,
        config: PoolConfig | None = None,
        *,
        dialect: str = "bridge-v1",
        launcher: Launcher[Ask, Response] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.dialect = dialect
        self.pool: Pool[Ask, Response] = Pool(launcher or PythonWorkers(dialect), config, clock=clock, dialect=dialect)

    async def __aenter__(self) -> SessionPool:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shutdown()

    async def execute_in_session(
        self,
        session_id: str,
        command: str,
        args: Mapping[str, JsonValue] | None = None,
        *,
        pool_timeout: float | None = None,
        timeout: float | None = None,
    ) -> JsonValue:
        """The command's result. The worker is told the session beside the arguments."""
        bound = ListProgramsArgs(session_id=session_id)  # the key is the same in the arguments of all commands
        args = {**(args or {}), **bound.WIRE.writers[self.dialect](bound)}
        answer = await self.pool.execute(session_id, Ask(command, args), pool_timeout=pool_timeout, timeout=timeout)
        return self._result(answer, command, session_id)

    async def execute_anonymous(
        self,
        command: str,
        args: Mapping[str, JsonValue] | None = None,
        *,
        pool_timeout: float | None = None,
        timeout: float | None = None,
    ) -> JsonValue:
        answer = await self.pool.execute(None, Ask(command, args or {}), pool_timeout=pool_timeout, timeout=timeout)
        return self._result(answer, command, None)

    def track_session(self, session_id: str) -> None:
        self.pool.track_session(session_id)

    def end_session(self, session_id: str) -> None:
        self.pool.end_session(session_id)

    async def cleanup_stale_sessions(self) -> int:
        return await self.pool.clean_stale_sessions()

    def get_sessions(self) -> dict[str, SessionInfo]:
        return self.pool.sessions.infos()

    def get_pool_status(self) -> PoolStatus:
        return self.pool.status()

    async def health_check(self) -> HealthReport:
        return await self.pool.health_check()

    async def shutdown(self, timeout: float = 10.0) -> None:
        await self.pool.close(timeout)

    def _result(self, answer: Response, command: str, session_id: str | None) -> JsonValue:
        if not answer.success:
            # It came back whole, so the pool took it for good; the operation was not.
            self.pool.metrics.successful_operations -= 1
            self.pool.metrics.failed_operations += 1
        return result(answer, command=command, session_id=session_id)
