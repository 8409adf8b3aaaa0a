"""The session pool: who gets which worker, for how long, and what happens when one of them fails.

What seed 004 leaves open is settled so (facts A5):

* Workers are started when they are needed, at most `pool_size + overflow`. More than `pool_size` are ended again as
  soon as nobody waits, as far as they keep no session.
* A session goes back to the worker that keeps its programs, and waits for it while it is busy. Is that worker gone, it
  gets any: its programs are lost, which `metrics.moved_sessions` counts.
* Who waits is served in the order of coming, among those whom the free worker suits.
* A worker that did not answer in time is degraded: out of use until it has answered a health check; after three failed
  ones it is replaced. A worker that ends, or breaks the protocol, is replaced at once.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

from bridge.v1.pool_wire import HealthCheck, HealthReport, PoolConfig, PoolCounts, PoolStatus, SessionAffinity
from samewire_wire import MISSING, Timestamp

from parity.bridge.clock import Alarm, Clock, LoopClock
from parity.bridge.fault import Fault
from parity.bridge.launcher import A, Launcher, Q
from parity.bridge.line import Line, Waiter
from parity.bridge.metrics import Metrics
from parity.bridge.sessions import Session, Sessions
from parity.bridge.worker import Outcome, Worker

T = TypeVar("T")
HEALTH_FAILURES = 3  # failed health checks in a row after which a worker is replaced (facts A4)
DEGRADED_DELAY = 5.0  # seconds from one health check of a degraded worker to the next (facts A4)
# Faults that do not count against the worker: what it was asked cannot be done (facts A5, v2).
NOT_THE_WORKERS = frozenset({"encode_error", "python_error"})


class Pool(Generic[Q, A]):
    """Made and used within one event loop; `async with` closes it.

    `config`: milliseconds, as on the wire; `dialect`: how the pool reports. All faults are Fault.
    """

    def __init__(
        self,
        launcher: Launcher[Q, A],
        config: PoolConfig | None = None,
        *,
        clock: Clock | None = None,
        dialect: str = "bridge-v1",
    ) -> None:
        config = config or PoolConfig(pool_size=MISSING)
        self.launcher = launcher
        self.clock = clock or LoopClock()
        self.dialect = dialect
        self.size = 2 * (os.cpu_count() or 1) if config.pool_size is MISSING else config.pool_size
        self.overflow = config.overflow
        self.checkout_timeout = config.checkout_timeout / 1000
        self.operation_timeout = config.operation_timeout / 1000
        self.health_check_interval = config.health_check_interval / 1000
        self.session_cleanup_interval = config.session_cleanup_interval / 1000
        self.session_stale_after = config.session_stale_after / 1000
        self.metrics = Metrics()
        self.sessions: Sessions[Worker[Q, A]] = Sessions(self.clock)
        self._workers: set[Worker[Q, A]] = set()  # that have started and not ended, in any state
        self._idle: dict[Worker[Q, A], None] = {}  # who has rested longest comes first
        self._busy: dict[Worker[Q, A], Session[Worker[Q, A]] | None] = {}
        self._stopping: set[Worker[Q, A]] = set()
        self._line: Line[Worker[Q, A]] = Line()
        self._starting = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._naps: set[asyncio.Event] = set()
        self._closed = False
        self._done = asyncio.Event()  # set while nobody has a worker
        self._done.set()
        self._born = self.clock.now()
        self._alarms: dict[str, Alarm] = {}
        self._every("health", self.health_check_interval, self.health_check)
        self._every("stale", self.session_cleanup_interval, self.clean_stale_sessions)

    async def __aenter__(self) -> Pool[Q, A]:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def workers(self) -> frozenset[Worker[Q, A]]:
        return frozenset(self._workers)

    @property
    def total(self) -> int:
        """Workers that there are or will be in a moment; never more than size + overflow."""
        return len(self._workers) + self._starting

    @property
    def waiting(self) -> int:
        return len(self._line)

    async def warm(self) -> None:
        """Starts all `size` workers now. Raises the Fault of the first that does not start."""
        faults = await asyncio.gather(*(self._task(self._start()) for _ in range(self.size - self.total)))
        for fault in faults:
            if fault is not None:
                raise fault

    # One worker for one owner.

    async def checkout(self, session: str | None = None, timeout: float | None = None) -> Worker[Q, A]:
        """The session's worker, or any; it has to be given back with `checkin`.

        Raises Fault: checkout_timeout after `timeout` seconds, worker_init_failed when no worker can be started,
        pool_not_available when the pool is closed.
        """
        if self._closed:
            raise Fault("pool_not_available", "The pool is closed")
        record = None if session is None else self._track(session)
        worker = self._resting(record)
        if worker is not None:
            del self._idle[worker]
            self._own(worker, record)
            return worker
        waiter = self._line.join(record, None if record is None else record.worker)
        self.metrics.queued += 1
        self._fill()
        seconds = self.checkout_timeout if timeout is None else timeout
        alarm = self.clock.later(seconds, self._time_out, waiter, seconds)
        if record is not None:
            record.using += 1
        try:
            return await waiter.worker
        except asyncio.CancelledError:
            # It may have been served in the moment in which its task was cancelled.
            if waiter.worker.done() and not waiter.worker.cancelled() and waiter.worker.exception() is None:
                self.checkin(waiter.worker.result())
            raise
        finally:
            self._line.leave(waiter)
            alarm.cancel()
            if record is not None:
                record.using -= 1

    def checkin(self, worker: Worker[Q, A], outcome: Outcome = "ok") -> None:
        """Gives the worker back; `error` counts against it, `close` ends it. Raises Fault if nobody has it."""
        if worker not in self._busy:
            raise Fault("invalid_transition", f"Worker {worker.id} is not checked out", worker_id=worker.id)
        session = self._busy.pop(worker)
        if session is not None:
            session.using -= 1
            session.active = self.clock.now()
        if not self._busy:
            self._done.set()
        if worker not in self._workers:
            return  # it ended meanwhile
        if worker.checkin(outcome):
            self._offer(worker)
        elif worker.state.now == "degraded":
            self._run(self._recover(worker, 0.0))
        else:
            self._retire(worker, failed=outcome != "close")

    @asynccontextmanager
    async def lease(self, session: str | None = None, timeout: float | None = None) -> AsyncIterator[Worker[Q, A]]:
        """`async with pool.lease("s1") as worker`: given back at the end, and counted against it if a Fault leaves."""
        worker = await self.checkout(session, timeout)
        outcome: Outcome = "error"
        try:
            yield worker
            outcome = "ok"
        except BaseException as error:
            if not isinstance(error, Fault) or error.type in NOT_THE_WORKERS:
                outcome = "ok"
            raise
        finally:
            self.checkin(worker, outcome)

    async def execute(
        self,
        session: str | None,
        request: Q,
        *,
        pool_timeout: float | None = None,
        timeout: float | None = None,
    ) -> A:
        """One request on the session's worker, or on any. Raises Fault as `checkout` and `Channel.ask` do."""
        self.metrics.total_operations += 1
        try:
            async with self.lease(session, pool_timeout) as worker:
                await worker.channel.process.writable.wait()
                answer = await worker.ask(request, self.operation_timeout if timeout is None else timeout)
        except BaseException:
            self.metrics.failed_operations += 1
            raise
        finally:
            if session is not None and session in self.sessions:
                record, _ = self.sessions.track(session)
                record.operations += 1
                record.active = self.clock.now()
        self.metrics.successful_operations += 1
        return answer

    async def everywhere(self, request: Q) -> list[A | Fault]:
        """Asks every worker that there is now, each in its turn."""
        present = [worker for worker in self._workers if not worker.state.leaves]
        return list(await asyncio.gather(*(self._tell(worker, self._claim(worker), request) for worker in present)))

    # Sessions.

    def track_session(self, name: str) -> None:
        """Makes the session known; again is nothing."""
        self._track(name)

    def end_session(self, name: str) -> None:
        """Forgets the session, and has its worker forget it as soon as it is free. Raises Fault(session_not_found)."""
        worker = self.sessions.worker(name)
        ended = self.sessions.end(name)
        self.metrics.ended_sessions += 1
        self.metrics.session_seconds += self.clock.now() - ended.started
        request = self.launcher.forget(name)
        if worker is not None and request is not None and worker in self._workers and not self._closed:
            # Its place in line is taken now, so that what the session may ask from here on comes after it.
            self._run(self._tell(worker, self._claim(worker), request))
        else:
            self._trim()

    async def clean_stale_sessions(self) -> int:
        """Ends the sessions that nobody used for `session_stale_after`. How many there were."""
        stale = list(self.sessions.stale(self.session_stale_after))
        for name in stale:
            self.end_session(name)
        self.metrics.stale_sessions_cleaned += len(stale)
        return len(stale)

    # Health.

    async def health_check(self) -> HealthReport:
        """Asks all idle workers. The busy ones are taken at their last word: they have work to answer."""
        resting = list(self._idle)
        for worker in resting:
            del self._idle[worker]
            worker.state.move("busy", "checkout")
        await asyncio.gather(*(self._check(worker) for worker in resting))
        healthy = sum(worker.state.health == "healthy" for worker in self._workers)
        total = len(self._workers)
        report = HealthReport(healthy_workers=healthy, unhealthy_workers=total - healthy, total_workers=total)
        if self.dialect != "bridge-v1":
            report = HealthReport(status="healthy" if healthy == total else "unhealthy")
        self.metrics.last_health_check = HealthCheck(timestamp=Timestamp.from_seconds(time.time()), results=report)
        if self.total < min(self.size, self.metrics.starts) and not self._closed:
            self._run(self._start())  # a replacement that could not be started then
        return report

    def status(self) -> PoolStatus:
        """As the dialect tells it."""
        known = self.sessions.infos()
        shared: dict[str, Any] = {
            "pool_size": self.size,
            "max_overflow": self.overflow,
            "active_sessions": len(known),
            "uptime_ms": int((self.clock.now() - self._born) * 1000),
        }
        if self.dialect == "bridge-v2":
            affinity = SessionAffinity(active_sessions=len(known))
            return PoolStatus(**shared, sessions=list(known.values()), session_affinity=affinity)
        counts = PoolCounts(
            ready=len(self._idle), busy=len(self._busy), overflow=max(len(self._workers) - self.size, 0)
        )
        return PoolStatus(**shared, metrics=self.metrics.model(), pool_status=counts)

    async def close(self, timeout: float = 10.0) -> None:
        """Takes no more; waits `timeout` seconds for those who have a worker; ends all workers. Again is nothing."""
        self._closed = True
        for alarm in self._alarms.values():
            alarm.cancel()
        for nap in self._naps:
            nap.set()
        for waiter in self._line.dismiss():
            if not waiter.worker.done():
                waiter.worker.set_exception(Fault("pool_exit", "The pool was closed while this waited"))
        patience = self.clock.later(timeout, self._done.set)
        await self._done.wait()
        patience.cancel()
        while self._starting or self._workers or self._tasks:
            for worker in list(self._workers):
                self._retire(worker, failed=False)
            await (asyncio.wait(set(self._tasks)) if self._tasks else asyncio.sleep(0))

    # Inside.

    def _track(self, name: str) -> Session[Worker[Q, A]]:
        record, new = self.sessions.track(name)
        self.metrics.total_sessions += new
        return record

    def _resting(self, record: Session[Worker[Q, A]] | None) -> Worker[Q, A] | None:
        """An idle worker for it, if it need not wait."""
        if record is not None and record.worker is not None:
            return record.worker if record.worker in self._idle else None
        if record is None:
            return next(iter(self._idle), None)
        return min(self._idle, key=self.sessions.count, default=None)

    def _own(self, worker: Worker[Q, A], record: Session[Worker[Q, A]] | None) -> None:
        worker.checkout(None if record is None else record.id)
        self._busy[worker] = record
        self._done.clear()
        self.metrics.checkouts += 1
        if record is not None:
            record.using += 1
            record.active = self.clock.now()
            self.sessions.bind(record, worker)

    def _offer(self, worker: Worker[Q, A]) -> None:
        """A worker is free: for the next in line, or to rest."""
        if self._closed:
            self._retire(worker, failed=False)
            return
        while (waiter := self._line.next(worker)) is not None:
            record = waiter.session
            if record is None or record.worker in (None, worker):
                self._own(worker, record)
                waiter.worker.set_result(worker)
                return
            # Another waiter of the session was served meanwhile, by a worker that this one has to wait for too.
            self._line.pin(waiter, record.worker)
        self._idle[worker] = None
        self._trim()

    def _time_out(self, waiter: Waiter[Worker[Q, A]], seconds: float) -> None:
        if not waiter.worker.done():
            self.metrics.pool_timeouts += 1
            self._line.leave(waiter)
            milliseconds = round(seconds * 1000)
            session = None if waiter.session is None else waiter.session.id
            waiter.worker.set_exception(
                Fault("checkout_timeout", "No workers available", timeout_ms=milliseconds, session_id=session)
            )

    def _fill(self) -> None:
        """Starts workers for those who take any, as far as there may be more."""
        while self._starting < self._line.for_any and self.total < self.size + self.overflow:
            self._run(self._start())

    def _trim(self) -> None:
        """Ends workers above `size` that nobody needs."""
        if len(self._line):
            return
        spare = [worker for worker in reversed(self._idle) if not self.sessions.count(worker)]
        for worker in spare[: max(len(self._workers) - len(self._stopping) - self.size, 0)]:
            self._retire(worker, failed=False)

    def _start(self) -> Coroutine[Any, Any, Fault | None]:
        """Counted from the call on, not from the first step of the coroutine."""
        self._starting += 1
        return self._bring_up()

    async def _bring_up(self) -> Fault | None:
        try:
            worker = Worker(self.launcher, self.clock)
            await worker.start(lambda fault: self._ended(worker, fault))
        except Fault as fault:
            self.metrics.worker_errors += 1
            self._starting -= 1
            if not self._workers and not self._starting:
                # Nobody is left to serve those who wait, and the next would not start either.
                for waiter in self._line.dismiss():
                    if not waiter.worker.done():
                        waiter.worker.set_exception(fault)
            return fault
        except BaseException:
            self._starting -= 1
            raise
        self._starting -= 1
        self.metrics.starts += 1
        self._workers.add(worker)
        self._offer(worker)
        return None

    def _retire(self, worker: Worker[Q, A], failed: bool) -> None:
        """Out of use from now on; it ends in its own time, and counts until then."""
        if worker in self._stopping:
            return
        self._stopping.add(worker)
        self._idle.pop(worker, None)
        if failed:
            self.metrics.worker_errors += 1
        if not worker.state.leaves:
            worker.state.move("terminating", "error" if failed else "shutdown")
        self._lose(worker)
        self._run(worker.stop())

    def _lose(self, worker: Worker[Q, A]) -> None:
        self.metrics.moved_sessions += self.sessions.lose(worker)
        for waiter in self._line.release(worker):
            if not waiter.worker.done():
                waiter.worker.set_exception(Fault("port_exited", f"Worker {worker.id} has ended", worker_id=worker.id))
        for other in list(self._idle):  # those that wanted this one now take another
            if not self._line.for_any:
                break
            del self._idle[other]
            self._offer(other)

    def _ended(self, worker: Worker[Q, A], fault: Fault) -> None:
        """The process is gone, whether it was told to or not."""
        if worker not in self._workers:
            return
        self._workers.discard(worker)
        self._stopping.discard(worker)
        self._idle.pop(worker, None)
        self.metrics.ends += 1
        expected = worker.state.leaves
        if not expected:
            self.metrics.worker_errors += 1
        served = worker.checkouts > 0
        worker.ended()
        self._lose(worker)
        if self._closed:
            return
        if served and self.total < self.size:
            # One that ends before it did anything would end again: the next who needs one starts it.
            self.metrics.replaced += 1
            self._run(self._start())
        self._fill()

    async def _check(self, worker: Worker[Q, A]) -> None:
        """Of one that is busy with nothing else."""
        healthy = await worker.probe()
        if worker not in self._workers or worker.state.leaves:
            return
        if healthy:
            worker.state.move("ready", "health_check_passed")
            self._offer(worker)
        else:
            self.metrics.worker_errors += 1
            worker.state.move("degraded", "health_check_failed")
            self._run(self._recover(worker, DEGRADED_DELAY))

    async def _recover(self, worker: Worker[Q, A], delay: float) -> None:
        """Of a degraded one, until it is well or given up."""
        if self.launcher.probe(worker.id, worker.session) is None:
            self._retire(worker, failed=True)
            return
        while True:
            if delay and not self._closed:
                await self._sleep(delay)
            if self._closed or worker not in self._workers or worker.state.leaves:
                return
            healthy = await worker.probe()
            if worker not in self._workers or worker.state.leaves:
                return
            if healthy:
                worker.state.move("ready", "health_restored")
                self._offer(worker)
                return
            if worker.health_failures >= HEALTH_FAILURES or worker.channel.broken is not None:
                self._retire(worker, failed=True)
                return
            delay = DEGRADED_DELAY

    def _claim(self, worker: Worker[Q, A]) -> Waiter[Worker[Q, A]] | None:
        """Makes this very worker ours, at once or (the waiter) in its turn."""
        if worker not in self._idle:
            return self._line.join(None, worker)
        del self._idle[worker]
        self._own(worker, None)
        return None

    async def _tell(self, worker: Worker[Q, A], waiter: Waiter[Worker[Q, A]] | None, request: Q) -> A | Fault:
        """Asks as soon as the worker is ours, and gives it back."""
        try:
            if waiter is not None:
                await waiter.worker
        except Fault as fault:  # it has ended, and with it all that it kept
            return fault
        try:
            answer = await worker.ask(request, self.operation_timeout)
        except Fault as fault:
            self.checkin(worker, "error")
            return fault
        self.checkin(worker)
        return answer

    async def _sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        self._naps.add(woken)
        alarm = self.clock.later(seconds, woken.set)
        try:
            await woken.wait()
        finally:
            self._naps.discard(woken)
            alarm.cancel()

    def _every(self, name: str, seconds: float, what: Any) -> None:
        def ring() -> None:
            if not self._closed:
                self._run(what())
                self._every(name, seconds, what)

        self._alarms[name] = self.clock.later(seconds, ring)

    def _run(self, what: Coroutine[Any, Any, Any]) -> None:
        """In the background."""
        _ = self._task(what)

    def _task(self, what: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
