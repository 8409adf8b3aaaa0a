"""`pool.script`: steps done on one pool, whose time stands still until a step moves it (docs/cases.md)."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

import orjson
from bridge.v1.pool_wire import PoolConfig
from samewire_wire import Model

from parity.bridge.clock import VirtualClock
from parity.bridge.fault import Fault
from parity.bridge.pool import Pool
from parity.bridge.testing.launcher import Children
from parity.bridge.worker import Worker

_PATIENCE_S = 8.0
"""Of `until`, in real time: processes take some to start and to end."""


async def script(given: Any, dialect: str) -> Any:
    """The outcomes of all steps."""
    options = {"pool_size": 1, "overflow": 0, **(given.get("options") or {})}
    clock = VirtualClock()
    children = Children(*given.get("workers", []), probes=given.get("probes", True), grace=0.2)
    async with Pool(children, PoolConfig.from_wire(orjson.dumps(options)), clock=clock, dialect=dialect) as pool:
        story = Story(pool, clock, children, dialect)
        try:
            return [await story.outcome(step) for step in given["steps"]]
        finally:
            await story.end()


class Story:
    """Workers are w1, w2 … in the order in which they are seen; what was taken or begun has a name of its own."""

    def __init__(self, pool: Pool[str, str], clock: VirtualClock, children: Children, dialect: str) -> None:
        self.pool = pool
        self.clock = clock
        self.children = children
        self.dialect = dialect
        self.seen: list[str] = []
        self.taken: dict[str, Worker[str, str]] = {}
        self.begun: dict[str, asyncio.Task[Any]] = {}
        self.steps: dict[str, Callable[[Any], Awaitable[Any]]] = {
            name: getattr(self, name)
            for name in (
                *("warm", "checkout", "checkin", "execute", "everywhere", "track", "end_session", "clean_stale"),
                *("sessions", "worker_of", "health_check", "status", "figures", "until", "advance", "sick", "kill"),
                *("result", "cancel", "close"),
            )
        }

    async def outcome(self, step: Any) -> Any:
        told = step.get("with") or {}
        if "begin" not in step:
            return await self._done(step["do"], told)
        self.begun[step["begin"]] = asyncio.create_task(self._done(step["do"], told))
        await asyncio.sleep(0.01)
        return {"ok": {}}

    async def end(self) -> None:
        for task in self.begun.values():
            task.cancel()
        await asyncio.gather(*self.begun.values(), return_exceptions=True)
        for worker in self.taken.values():
            self.pool.checkin(worker)

    async def _done(self, name: str, told: Any) -> Any:
        try:
            return {"ok": await self.steps[name](told)}
        except Fault as fault:
            failure = fault.failure(self.dialect)
            return {"error": self._shown(failure) if isinstance(failure, Model) else failure}

    async def warm(self, _: Any) -> Any:
        await self.pool.warm()
        return {}

    async def checkout(self, told: Any) -> Any:
        worker = await self.pool.checkout(told.get("session"), _seconds(told.get("timeout_ms")))
        self.taken[told.get("as", "it")] = worker
        return {"worker": self._named(worker)}

    async def checkin(self, told: Any) -> Any:
        self.pool.checkin(self.taken.pop(told.get("of", "it")), told.get("outcome", "ok"))
        return {}

    async def execute(self, told: Any) -> Any:
        said = await self.pool.execute(
            told.get("session"),
            told.get("say", "word"),
            pool_timeout=_seconds(told.get("pool_timeout_ms")),
            timeout=_seconds(told.get("timeout_ms")),
        )
        return {"said": said}

    async def everywhere(self, told: Any) -> Any:
        answers = await self.pool.everywhere(told["say"])
        return {"said": [answer if isinstance(answer, str) else answer.type for answer in answers]}

    async def track(self, told: Any) -> Any:
        self.pool.track_session(told["session"])
        return {}

    async def end_session(self, told: Any) -> Any:
        self.pool.end_session(told["session"])
        return {}

    async def clean_stale(self, _: Any) -> Any:
        return {"cleaned": await self.pool.clean_stale_sessions()}

    async def sessions(self, _: Any) -> Any:
        return {name: self._shown(info) for name, info in self.pool.sessions.infos().items()}

    async def worker_of(self, told: Any) -> Any:
        worker = self.pool.sessions.worker(told["session"])
        return {"worker": None if worker is None else self._named(worker)}

    async def health_check(self, _: Any) -> Any:
        return self._shown(await self.pool.health_check())

    async def status(self, _: Any) -> Any:
        return self._shown(self.pool.status())

    async def figures(self, told: Any) -> Any:
        return self._figures(told["of"])

    async def until(self, told: Any) -> Any:
        """Waits in real time until the figures are as told; gives what they are."""
        patience = asyncio.get_running_loop().time() + _PATIENCE_S
        while self._figures(told) != told and asyncio.get_running_loop().time() < patience:
            await asyncio.sleep(0.002)
        return self._figures(told)

    async def advance(self, told: Any) -> Any:
        await self.clock.advance(told["ms"] / 1000)
        return {}

    async def sick(self, told: Any) -> Any:
        """From now on workers leave health checks unanswered, or not any more."""
        self.children.sick = told.get("so", True)
        return {}

    async def kill(self, told: Any) -> Any:
        for worker in self.pool.workers:
            if self._named(worker) == told["worker"]:
                os.kill(worker.channel.process.pid, signal.SIGKILL)
        return {}

    async def result(self, told: Any) -> Any:
        """Of a step that was begun: its outcome."""
        return await self.begun.pop(told["of"])

    async def cancel(self, told: Any) -> Any:
        task = self.begun.pop(told["of"])
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return {}

    async def close(self, told: Any) -> Any:
        await self.pool.close(_seconds(told.get("timeout_ms")) or 0.0)
        return {}

    def _figures(self, names: Any) -> dict[str, Any]:
        known = asdict(self.pool.metrics) | {
            "total": self.pool.total,
            "workers": len(self.pool.workers),
            "waiting": self.pool.waiting,
            "sessions": len(self.pool.sessions),
            "ready": sum(worker.state.now == "ready" for worker in self.pool.workers),
            "busy": sum(worker.state.now == "busy" for worker in self.pool.workers),
            "degraded": sum(worker.state.now == "degraded" for worker in self.pool.workers),
        }
        return {name: known[name] for name in names}

    def _named(self, worker: Worker[str, str]) -> str:
        if worker.id not in self.seen:
            self.seen.append(worker.id)
        return f"w{self.seen.index(worker.id) + 1}"

    def _shown(self, message: Model) -> Any:
        return orjson.loads(message.to_wire(self.dialect))


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
