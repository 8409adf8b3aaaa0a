"""What holds of a pool whatever is done to it, in any order; its workers are puppets without a process."""

from __future__ import annotations

import asyncio
import contextlib
from types import SimpleNamespace
from typing import Any
from unittest import mock

from bridge.v1.pool_wire import PoolConfig
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from parity.bridge.clock import VirtualClock
from parity.bridge.fault import Fault
from parity.bridge.launcher import Command
from parity.bridge.pool import Pool
from parity.bridge.worker import Outcome, Worker

SESSIONS = st.sampled_from([None, None, "a", "b", "c"])


class Puppet(Worker[str, str]):
    """Starts and answers when it is told to."""

    made: list[Puppet]  # that have not started yet

    def __init__(self, launcher: Any, clock: VirtualClock) -> None:
        with mock.patch("parity.bridge.worker.Channel"):
            super().__init__(launcher, clock)
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        over: asyncio.Future[Fault] = asyncio.get_running_loop().create_future()
        self.channel = SimpleNamespace(over=over, outstanding=0, broken=None)  # type: ignore[assignment]
        self.well = True
        Puppet.made.append(self)

    async def start(self, gone: Any) -> None:
        await self.ready
        self.state.move("ready", "init_complete")
        self.state.health = "healthy"
        self.channel.over.add_done_callback(lambda over: gone(over.result()))

    def ask(self, request: str, timeout: float) -> asyncio.Future[str]:
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        answer.set_result(request)
        return answer

    async def probe(self) -> bool:
        await asyncio.sleep(0)
        self.health_failures = 0 if self.well else self.health_failures + 1
        self.state.health = "healthy" if self.well else "unhealthy"
        self.channel.outstanding = 0  # type: ignore[misc]
        return self.well

    async def stop(self) -> None:
        self.end()

    def end(self) -> None:
        if not self.channel.over.done():
            self.channel.over.set_result(Fault("port_exited", "ended"))


class Rules(RuleBasedStateMachine):
    """Tickets are given in the order of asking, so that the order of serving can be judged."""

    @initialize(size=st.integers(1, 3), overflow=st.integers(0, 2))
    def open(self, size: int, overflow: int) -> None:
        self.loop = asyncio.new_event_loop()
        self.clock = VirtualClock()
        self.waiting: dict[asyncio.Task[Any], str | None] = {}  # in the order of asking
        self.owned: list[Puppet] = []
        self.past: set[asyncio.Task[Any]] = set()  # that wait for the worker of a session that has ended since
        self.most = size + overflow
        Puppet.made = []
        patch = mock.patch("parity.bridge.pool.Worker", Puppet)
        patch.start()
        self.patch = patch
        launcher = SimpleNamespace(
            command=lambda _: Command(()), codec=None, probe=lambda *_: "probe", forget=lambda name: f"forget {name}"
        )
        config = PoolConfig(pool_size=size, overflow=overflow, checkout_timeout=7_000)

        async def make() -> Pool[str, str]:
            return Pool(launcher, config, clock=self.clock)

        self.pool = self.loop.run_until_complete(make())

    def settle(self, then: Any = None) -> None:
        """Lets everything run that can; looks at who was served after every step, in which the order shows."""

        async def run() -> None:
            result = then() if then is not None else None
            if asyncio.iscoroutine(result):
                await result
            for _ in range(20):
                await asyncio.sleep(0)

        self.loop.run_until_complete(run())
        for task in list(self.waiting):
            if task.done():
                del self.waiting[task]
                if task.exception() is None:
                    self.owned.append(task.result())

    @rule(sessions=st.lists(SESSIONS, min_size=1, max_size=3), ready=st.sampled_from([True, True, True, False]))
    def ask(self, sessions: list[str | None], ready: bool) -> None:
        """`ready`: whether workers that start for it, or were starting, are there at once."""

        def begin() -> None:
            for session in sessions:
                self.waiting[self.loop.create_task(self.pool.checkout(session))] = session

        self.settle(begin)
        if ready:
            self.settle(self.start_all)

    def start_all(self) -> None:
        for puppet in Puppet.made:
            if not puppet.ready.done():
                puppet.ready.set_result(None)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), first=st.booleans())
    def give_up(self, data: st.DataObject, first: bool) -> None:
        """Maybe in the very moment in which it would be served."""
        task = data.draw(st.sampled_from(list(self.waiting)[:2]))
        del self.waiting[task]

        def both() -> None:
            worker = self.owned.pop() if self.owned else None
            if first:
                task.cancel()
            if worker is not None:
                self.pool.checkin(worker)
            if not first:
                task.cancel()

        self.settle(both)
        assert task.cancelled()

    @precondition(lambda self: self.owned)
    @rule(data=st.data(), outcome=st.sampled_from(["ok", "ok", "ok", "error", "close"]), behind=st.booleans())
    def give_back(self, data: st.DataObject, outcome: Outcome, behind: bool) -> None:
        worker = data.draw(st.sampled_from(self.owned))
        self.owned.remove(worker)
        worker.channel.outstanding = int(behind)  # type: ignore[misc]
        asked = list(self.waiting)
        pins = {task: self.pool.sessions.worker(name) if name else None for task, name in self.waiting.items()}
        self.settle(lambda: self.pool.checkin(worker, outcome))
        served = [task for task in asked if task not in self.waiting and not task.exception()]
        suited = [task for task in asked if pins[task] in (None, worker) and task not in self.past]
        if len(served) == 1 and served[0] in suited and served[0].result() is worker:
            # Who came before it was of a session that got a worker meanwhile, and waits for that one.
            for earlier in suited[: suited.index(served[0])]:
                name = self.waiting[earlier]
                assert name is not None
                assert self.pool.sessions.worker(name) not in (None, worker)

    @precondition(lambda self: any(not puppet.ready.done() for puppet in Puppet.made))
    @rule(data=st.data(), well=st.booleans())
    def start(self, data: st.DataObject, well: bool) -> None:
        puppet = data.draw(st.sampled_from([it for it in Puppet.made if not it.ready.done()]))
        fault = Fault("worker_init_failed", "no")
        self.settle(lambda: puppet.ready.set_result(None) if well else puppet.ready.set_exception(fault))

    @precondition(lambda self: self.pool.workers)
    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        puppet: Any = data.draw(st.sampled_from([it for it in Puppet.made if it in self.pool.workers]))
        self.settle(puppet.end)

    @rule(data=st.data(), well=st.booleans())
    def fall_ill(self, data: st.DataObject, well: bool) -> None:
        for puppet in self.pool.workers:
            puppet.well = well  # type: ignore[attr-defined]

    @rule(seconds=st.sampled_from([1, 5, 8, 31]))
    def wait(self, seconds: float) -> None:
        self.settle(lambda: self.clock.advance(seconds))

    @rule()
    def check(self) -> None:
        self.settle(self.pool.health_check)

    @rule(session=st.sampled_from(["a", "b", "c"]))
    def end_session(self, session: str) -> None:
        def end() -> None:
            with contextlib.suppress(Fault):  # there is no such session
                self.pool.end_session(session)

        self.past.update(task for task, name in self.waiting.items() if name == session)
        self.settle(end)

    @invariant()
    def never_two_owners(self) -> None:
        assert len(set(self.owned)) == len(self.owned)
        for worker in self.owned:
            assert worker.state.now in ("busy", "terminated")
        assert not set(self.owned) & set(self.pool._idle)
        assert set(self.owned) == set(self.pool._busy)  # and none has been lost on the way to its owner

    @invariant()
    def never_too_many(self) -> None:
        assert self.pool.total <= self.most
        assert len(self.pool.workers) <= self.most

    @invariant()
    def nobody_is_forgotten(self) -> None:
        """Who waits is in line, and there is something that it waits for."""
        assert self.pool.waiting >= len(self.waiting)
        for task, session in self.waiting.items():
            if task in self.past:
                continue
            worker = self.pool.sessions.worker(session) if session else None
            assert worker not in self.pool._idle
            if worker is None:
                assert not self.pool._idle
                assert self.pool.total > 0

    @invariant()
    def who_rests_is_ready(self) -> None:
        assert all(worker.state.takes_work for worker in self.pool._idle)

    def teardown(self) -> None:
        if not hasattr(self, "pool"):
            return
        self.start_all()
        self.settle(self.close)
        assert not self.waiting
        assert self.pool.total == 0
        self.loop.close()
        self.patch.stop()

    async def close(self) -> None:
        closing = self.loop.create_task(self.pool.close())
        await self.clock.advance(20)
        await closing
        for worker in self.owned:
            self.pool.checkin(worker)


TestRules = Rules.TestCase
TestRules.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
