from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from parity.bridge.clock import LoopClock
from parity.bridge.fault import Fault
from parity.bridge.testing.launcher import Children
from parity.bridge.worker import Worker, worker_id

Child = Worker[str, str]


def run(story: Callable[[Child, list[Fault]], Awaitable[Any]], launcher: Children | None = None) -> Child:
    async def told() -> Child:
        worker = Worker(launcher or Children(grace=0.2), LoopClock(), "w1")
        gone: list[Fault] = []
        async with asyncio.timeout(30):
            await worker.start(gone.append)
            try:
                await story(worker, gone)
            finally:
                await worker.stop()
        assert worker.state.now == "terminated"
        assert worker.state.health == "unhealthy"
        assert len(gone) == 1
        return worker

    return asyncio.run(told())


def test_ids_are_made_as_in_the_source_and_differ() -> None:
    assert re.fullmatch(r"worker_\d+_\d{16}", worker_id())
    assert worker_id() != worker_id()


def test_a_started_worker_is_ready_and_healthy() -> None:
    async def story(worker: Child, gone: list[Fault]) -> None:
        assert worker.state.takes_work
        assert worker.state.moves[0].reason == "init_complete"
        assert gone == []

    worker = run(story)
    assert [move.to for move in worker.state.moves] == ["terminated", "terminating", "ready"]


def test_its_session_stays_at_checkin_and_changes_at_checkout() -> None:
    async def story(worker: Child, gone: list[Fault]) -> None:
        worker.checkout("s1")
        assert worker.checkin("ok")
        assert worker.session == "s1"
        worker.checkout(None)
        assert worker.checkin("ok")
        worker.checkout("s2")
        assert (worker.session, worker.sessions_served, worker.checkouts) == ("s2", 2, 3)

    run(story)


@pytest.mark.parametrize(("probe", "healthy"), [("ok?", True), ("not well", False), ("silent", False)])
def test_health_is_what_it_answers(probe: str, healthy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parity.bridge.worker.PROBE_TIMEOUT", 0.05 if probe == "silent" else 20)
    launcher = Children(grace=0.2)
    launcher.probe = lambda *_: probe  # type: ignore[method-assign]

    async def story(worker: Child, gone: list[Fault]) -> None:
        assert await worker.probe() is healthy
        assert (worker.state.health, worker.health_failures) == (("healthy", 0) if healthy else ("unhealthy", 1))
        assert worker.info("bridge-seed").last_health_check > 0
        assert worker.info("bridge-v1").health_status == worker.state.health

    run(story, launcher)


def test_info_in_every_dialect() -> None:
    async def story(worker: Child, gone: list[Fault]) -> None:
        worker.checkout("s1")
        assert await worker.ask("word", 20) == "word"
        for dialect in ("bridge-v1", "bridge-v2", "bridge-seed"):
            info = worker.info(dialect)
            assert type(info).from_wire(info.to_wire(dialect), dialect).current_session == "s1"
        assert worker.info("bridge-seed").status == "busy"
        assert worker.info("bridge-v1").stats.requests_handled == 1  # type: ignore[union-attr]

    run(story)


def test_who_has_ended_cannot_be_used_again() -> None:
    async def story(worker: Child, gone: list[Fault]) -> None:
        worker.checkout(None)
        with pytest.raises(Fault):
            await worker.ask("crash 5", 20)
        await asyncio.sleep(0.01)
        assert [fault.context["status"] for fault in gone] == [5]
        assert worker.said() == "about to crash\n"
        assert not worker.checkin("ok")
        assert worker.state.now == "terminating"

    run(story)


def test_a_failed_start_leaves_no_process() -> None:
    async def story() -> None:
        worker = Worker(Children("mute", start_timeout=0.1), LoopClock(), "w1")
        with pytest.raises(Fault, match="No greeting within 0.1 s"):
            await worker.start(lambda _: None)
        assert worker.state.now == "terminated"
        assert worker.channel.process.status == -9

    asyncio.run(story())
