"""A worker of the pool: a process, where it stands, and whose it is."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from typing import Generic, Literal

from bridge.v1.state_wire import TransitionReason
from bridge.v1.worker_wire import HealthStatus, WorkerInfo, WorkerStats

from parity.bridge.channel import Channel
from parity.bridge.clock import Clock
from parity.bridge.fault import Fault
from parity.bridge.launcher import A, Launcher, Q
from parity.bridge.state import State

Outcome = Literal["ok", "error", "close"]
FAILURES = 3  # checkins with an error in a row after which it is removed (facts A4, v2)
PROBE_TIMEOUT = 1.0  # seconds (facts A4)

_numbers = itertools.count(1)


def worker_id() -> str:
    """As the source makes them: "worker_", a positive integer, "_", microseconds since 1970."""
    return f"worker_{next(_numbers)}_{time.time_ns() // 1000}"


class Worker(Generic[Q, A]):
    """Owned by one at a time, from `checkout` to `checkin`; only the owner asks.

    `session`: the session that it last worked for. `gone` is called once, when the process has ended.
    """

    def __init__(self, launcher: Launcher[Q, A], clock: Clock, name: str | None = None) -> None:
        self.id = name or worker_id()
        self.session: str | None = None
        self.state = State(self.id, clock)
        self.failures = 0  # checkins with an error in a row
        self.health_failures = 0  # failed health checks in a row
        self.requests = 0
        self.errors = 0
        self.checkouts = 0
        self.sessions_served = 0
        self._launcher = launcher
        self._clock = clock
        self._command = launcher.command(self.id)
        self._started = clock.now()
        self._active = self._started
        self._checked = 0.0
        self._slow = False
        self.channel: Channel[Q, A] = Channel(self._command, launcher.codec, clock, self.id)

    async def start(self, gone: Callable[[Fault], object]) -> None:
        """Starts the process and greets it. Raises Fault(worker_init_failed); nothing is left behind then."""
        try:
            await self.channel.process.start()
            alarm = self._clock.later(self._command.start_timeout, self._too_slow)
            try:
                await self._launcher.greet(self.channel, self.id)
            finally:
                alarm.cancel()
            if self.channel.broken is not None:
                raise self.channel.broken
        except BaseException as error:
            self.state.move("terminated", "error")
            if self.channel.process.pid:
                self.channel.process.kill()
                await self.channel.process.wait()
            if isinstance(error, Fault):
                raise self._failed_start(error) from None
            raise
        self.state.move("ready", "init_complete")
        self.state.health = "healthy"
        self.channel.over.add_done_callback(lambda over: gone(over.result()))

    def checkout(self, session: str | None) -> None:
        """Makes it somebody's. Raises Fault: session_mismatch when it works for another session, invalid_transition."""
        if self.state.now == "busy" and session != self.session:
            raise Fault(
                "session_mismatch",
                f"Worker {self.id} is busy for session {self.session}, not {session}",
                worker_id=self.id,
                session_id=session,
                bound_to=self.session,
            )
        self.state.move("busy", "checkout")
        if session is not None and session != self.session:
            self.session = session
            self.sessions_served += 1
        self.checkouts += 1
        self._active = self._clock.now()

    def checkin(self, outcome: Outcome) -> bool:
        """Whether it can be used again at once; else it has to be probed (now degraded) or stopped (terminating)."""
        self._active = self._clock.now()
        if outcome == "error":
            self.errors += 1
            self.failures += 1
        elif outcome == "ok":
            self.failures = 0
        if outcome == "close" or self.failures >= FAILURES or self.channel.broken or self.channel.over.done():
            self.state.move("terminating", "terminate" if outcome == "close" else "error")
            return False
        if self.channel.outstanding:
            # Somebody stopped waiting; until it has answered, whoever is next would wait behind that.
            self.state.move("degraded", "timeout")
            self.state.health = "unknown"
            return False
        reason: TransitionReason = "checkin_success" if outcome == "ok" else "checkin_error"
        self.state.move("ready", reason)
        return True

    def ask(self, request: Q, timeout: float) -> asyncio.Future[A]:
        """As Channel.ask."""
        self.requests += 1
        return self.channel.ask(request, timeout)

    async def probe(self) -> bool:
        """Health check: whether it answers, and well."""
        request = self._launcher.probe(self.id, self.session)
        try:
            healthy = request is not None and self._launcher.healthy(await self.channel.ask(request, PROBE_TIMEOUT))
        except Fault:
            healthy = False
        healthy = healthy and not self.channel.outstanding and self.channel.broken is None
        self._checked = self._clock.now()
        self.health_failures = 0 if healthy else self.health_failures + 1
        self.state.health = "healthy" if healthy else "unhealthy"
        return healthy

    async def stop(self) -> None:
        """Ends the process, as gently as it lets itself be ended."""
        if not self.channel.over.done():
            request = self._launcher.farewell(self.id)
            if request is not None and not self.channel.outstanding:
                self.channel.ask(request, self._command.grace).add_done_callback(_look_away)
            await self.channel.process.stop()
        self.ended()

    def ended(self) -> None:
        """The process is gone; again is nothing."""
        self.state.health = "unhealthy"
        if self.state.now != "terminated":
            if not self.state.leaves:
                self.state.move("terminating", "error")
            self.state.move("terminated", "terminate")

    def said(self, mark: int = 0) -> str:
        """What it wrote to stderr since `channel.process.stderr.total` was `mark`."""
        return self.channel.process.stderr.since(mark)

    def info(self, dialect: str) -> WorkerInfo:
        """As the dialect tells it."""
        now = self._clock.now()
        if dialect == "bridge-seed":
            return WorkerInfo(
                worker_id=self.id,
                current_session=self.session,
                status="busy" if self.state.now == "busy" else "ready",
                last_health_check=int(self._checked * 1000),
                health_failures=self.health_failures,
            )
        health: HealthStatus = "unhealthy" if self.state.health == "unhealthy" else "healthy"
        uptime = int((now - self._started) * 1000)
        return WorkerInfo(
            worker_id=self.id,
            current_session=self.session,
            health_status="initializing" if self.state.now == "initializing" else health,
            stats=WorkerStats(
                requests_handled=self.requests,
                errors=self.errors,
                sessions_served=self.sessions_served,
                uptime_ms=uptime,
                last_activity=int(self._active * 1000),
                checkouts=self.checkouts,
            ),
            uptime_ms=uptime,
        )

    def _too_slow(self) -> None:
        self._slow = True
        self.channel.process.kill()

    def _failed_start(self, fault: Fault) -> Fault:
        """With the last that it said for itself."""
        said = self.said().strip()
        last = f"; it said: {said.splitlines()[-1]}" if said else ""
        message = f"No greeting within {self._command.start_timeout:g} s" if self._slow else fault.message
        return Fault(
            "worker_init_failed", f"{message}{last}", **{"cause": fault.type, "worker_id": self.id, **fault.context}
        )


def _look_away(answer: asyncio.Future[A]) -> None:
    if not answer.cancelled():
        answer.exception()
