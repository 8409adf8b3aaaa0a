from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from bridge.v1.pool_wire import PoolConfig

from parity.bridge.clock import VirtualClock
from parity.bridge.fault import Fault
from parity.bridge.pool import Pool
from parity.bridge.testing.launcher import Children

Words = Pool[str, str]


def run(
    story: Callable[[Words], Awaitable[Any]],
    launcher: Children | None = None,
    *,
    clock: VirtualClock | None = None,
    dialect: str = "bridge-v1",
    **config: int,
) -> Words:
    """Tells the story of a pool with one worker if nothing else is said; all its processes are gone afterwards."""

    async def told() -> Words:
        settings = PoolConfig(**{"pool_size": 1, "overflow": 0, "checkout_timeout": 20_000, **config})
        pool = Pool(launcher or Children(grace=0.2), settings, clock=clock, dialect=dialect)
        async with asyncio.timeout(60):
            async with pool:
                await story(pool)
            assert pool.total == 0
            with pytest.raises(Fault, match="The pool is closed"):
                await pool.checkout()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return pool

    return asyncio.run(told())


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not what():
            await asyncio.sleep(0.002)


async def fault_of(what: Awaitable[object]) -> Fault:
    with pytest.raises(Fault) as caught:
        await what
    return caught.value


def test_workers_start_when_needed_and_only_then() -> None:
    async def story(pool: Words) -> None:
        assert pool.total == 0
        assert await pool.execute(None, "word") == "word"
        assert await pool.execute(None, "word") == "word"
        assert (pool.total, pool.metrics.starts, pool.metrics.checkouts) == (1, 1, 2)

    run(story, pool_size=4)


def test_all_at_once_when_warmed() -> None:
    async def story(pool: Words) -> None:
        await pool.warm()
        assert pool.total == 3
        await pool.warm()
        assert (pool.total, pool.metrics.starts) == (3, 3)

    run(story, pool_size=3)


def test_who_finds_no_worker_waits_its_turn() -> None:
    async def story(pool: Words) -> None:
        served: list[int] = []

        async def one(number: int) -> None:
            async with pool.lease():
                served.append(number)

        first = await pool.checkout()
        tasks = [asyncio.create_task(one(number)) for number in range(20)]
        await asyncio.sleep(0)
        assert (pool.waiting, served) == (20, [])
        pool.checkin(first)
        await asyncio.gather(*tasks)
        assert served == list(range(20))
        assert pool.metrics.queued == 21

    run(story)


def test_a_wait_has_an_end() -> None:
    clock = VirtualClock()

    async def story(pool: Words) -> None:
        worker = await pool.checkout()
        late = asyncio.create_task(pool.checkout("s2", timeout=0.1))
        patient = asyncio.create_task(pool.checkout())
        await clock.advance(0.1)
        fault = await fault_of(late)
        assert (fault.category, fault.type) == ("timeout_error", "checkout_timeout")
        assert fault.failure("bridge-seed") == "pool_timeout"
        assert fault.context == {"timeout_ms": 100, "session_id": "s2"}
        assert (pool.metrics.pool_timeouts, pool.waiting) == (1, 1)
        pool.checkin(worker)
        assert await patient is worker
        pool.checkin(worker)

    run(story, clock=clock)


def test_who_is_cancelled_loses_nobody_a_worker() -> None:
    async def story(pool: Words) -> None:
        worker = await pool.checkout()
        waiting = [asyncio.create_task(pool.checkout()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.sleep(0)
        pool.checkin(worker)  # served: the second
        waiting[1].cancel()  # and cancelled before it knew
        with pytest.raises(asyncio.CancelledError):
            await waiting[1]
        assert await waiting[2] is worker
        pool.checkin(worker)
        assert (pool.waiting, pool.total) == (0, 1)

    run(story)


def test_overflow_comes_with_need_and_goes_without() -> None:
    async def story(pool: Words) -> None:
        workers = await asyncio.gather(*(pool.checkout() for _ in range(3)))
        assert pool.total == 3
        fourth = asyncio.create_task(pool.checkout())
        await asyncio.sleep(0.05)
        assert (pool.total, pool.waiting) == (3, 1)
        for worker in workers:
            pool.checkin(worker)
        pool.checkin(await fourth)
        await until(lambda: pool.total == 1)
        assert await pool.execute(None, "word") == "word"
        assert pool.metrics.worker_errors == 0

    run(story, pool_size=1, overflow=2)


def test_overflow_that_keeps_a_session_stays_until_its_end() -> None:
    async def story(pool: Words) -> None:
        first, second = await pool.checkout("s1"), await pool.checkout("s2")
        pool.checkin(first)
        pool.checkin(second)
        assert pool.total == 2
        assert await pool.checkout("s2") is second
        pool.checkin(second)
        pool.end_session("s2")
        await until(lambda: pool.total == 1)
        assert pool.workers == {first}

    run(story, pool_size=1, overflow=1)


def test_a_session_comes_back_to_its_worker() -> None:
    async def story(pool: Words) -> None:
        first, second = await pool.checkout("s1"), await pool.checkout("s2")
        assert first is not second
        pool.checkin(first)
        pool.checkin(second)
        for _ in range(3):
            for name, worker in [("s1", first), ("s2", second)]:
                assert await pool.checkout(name) is worker
                pool.checkin(worker)

    run(story, pool_size=2)


def test_a_session_waits_for_its_worker_though_another_rests() -> None:
    async def story(pool: Words) -> None:
        mine = await pool.checkout("s1")
        pool.checkin(await pool.checkout("s2"))
        again = asyncio.create_task(pool.checkout("s1"))
        await asyncio.sleep(0)
        assert not again.done()
        other = await pool.checkout()
        assert other is not mine
        pool.checkin(mine)
        assert await again is mine
        pool.checkin(mine)
        pool.checkin(other)

    run(story, pool_size=2)


def test_one_new_session_asked_for_twice_is_on_one_worker() -> None:
    async def story(pool: Words) -> None:
        blocker = [await pool.checkout() for _ in range(2)]
        tasks = [asyncio.create_task(pool.checkout("s1")) for _ in range(2)]
        last = asyncio.create_task(pool.checkout())
        await asyncio.sleep(0)
        pool.checkin(blocker[0])
        pool.checkin(blocker[1])
        assert await tasks[0] is blocker[0]
        assert await last is blocker[1]
        assert not tasks[1].done()
        pool.checkin(blocker[1])
        pool.checkin(blocker[0])
        assert await tasks[1] is blocker[0]
        pool.checkin(blocker[0])

    run(story, pool_size=2)


def test_a_busy_worker_refuses_another_session() -> None:
    async def story(pool: Words) -> None:
        worker = await pool.checkout("user_123")
        with pytest.raises(Fault) as caught:
            worker.checkout("user_456")
        assert caught.value.failure("bridge-seed") == "session_mismatch"
        assert caught.value.context["bound_to"] == "user_123"
        with pytest.raises(Fault, match="cannot go from busy to busy"):
            worker.checkout("user_123")
        pool.checkin(worker)
        with pytest.raises(Fault, match="is not checked out"):
            pool.checkin(worker)

    run(story)


def test_a_crash_is_blamed_on_its_request_and_the_worker_replaced() -> None:
    async def story(pool: Words) -> None:
        fault = await fault_of(pool.execute("s1", "crash 3"))
        assert (fault.type, fault.context["status"], fault.context["command"]) == ("port_exited", 3, "crash")
        await until(lambda: pool.metrics.starts == 2)
        assert await pool.execute("s1", "word") == "word"
        metrics = pool.metrics
        assert (metrics.replaced, metrics.worker_errors, metrics.moved_sessions, metrics.starts) == (1, 1, 1, 2)

    run(story)


def test_who_waited_for_a_worker_that_died_gets_another_in_its_turn() -> None:
    async def story(pool: Words) -> None:
        worker = await pool.checkout("s1")
        waiting = [asyncio.create_task(pool.execute(name, name or "any")) for name in ("s1", None, "s1")]
        await asyncio.sleep(0)
        os.killpg(worker.channel.process.pid, signal.SIGKILL)
        assert await asyncio.gather(*waiting) == ["s1", "any", "s1"]
        pool.checkin(worker)
        assert pool.metrics.starts == 2

    run(story)


def test_who_waited_for_a_worker_that_died_gets_one_that_rests() -> None:
    async def story(pool: Words) -> None:
        await pool.warm()
        worker = await pool.checkout("s1")
        again = asyncio.create_task(pool.checkout("s1"))
        await asyncio.sleep(0)
        (other,) = pool.workers - {worker}
        worker.channel.process.kill()
        assert await again is other
        pool.checkin(worker)
        pool.checkin(other)

    run(story, pool_size=2)


def test_a_worker_that_dies_at_rest_is_replaced() -> None:
    async def story(pool: Words) -> None:
        worker = await pool.checkout()
        pool.checkin(worker)
        worker.channel.process.kill()
        await until(lambda: pool.metrics.starts == 2)
        assert pool.workers.isdisjoint({worker})
        assert await pool.execute(None, "word") == "word"

    run(story)


def test_a_worker_that_does_not_start_is_said_and_the_next_may() -> None:
    async def story(pool: Words) -> None:
        fault = await fault_of(pool.execute(None, "word"))
        assert (fault.category, fault.type) == ("initialization_error", "worker_init_failed")
        assert fault.message == "Process exited with status 1; it said: no such module"
        assert await pool.execute(None, "word") == "word"
        assert pool.metrics.worker_errors == 1

    run(story, Children("dies"))


def test_all_who_wait_hear_that_nothing_starts() -> None:
    async def story(pool: Words) -> None:
        faults = await asyncio.gather(*(pool.checkout() for _ in range(50)), return_exceptions=True)
        assert {fault.type for fault in faults if isinstance(fault, Fault)} == {"worker_init_failed"}
        assert len(faults) == 50

    run(story, Children(*["dies"] * 60), pool_size=2)


def test_a_worker_that_never_greets_is_not_waited_for_for_ever() -> None:
    async def story(pool: Words) -> None:
        fault = await fault_of(pool.warm())
        assert fault.message == "No greeting within 0.1 s"

    run(story, Children("mute", start_timeout=0.1))


def test_a_slow_worker_is_out_of_use_until_it_answers() -> None:
    clock = VirtualClock()

    async def story(pool: Words) -> None:
        slow = asyncio.create_task(pool.execute("s1", "sleep 0.2", timeout=0.1))
        await until(lambda: any(worker.channel.outstanding for worker in pool.workers))
        await clock.advance(0.1)
        assert (await fault_of(slow)).message == "Command timed out after 100ms"
        (worker,) = pool.workers
        assert (worker.state.now, worker.state.takes_work) == ("degraded", False)
        assert await pool.execute("s1", "word") == "word"
        assert (worker.state.now, worker.channel.late) == ("ready", 1)
        assert [move.reason for move in worker.state.moves][2:4] == ["health_restored", "timeout"]
        assert pool.metrics.starts == 1

    run(story, clock=clock)


def test_a_stuck_worker_is_replaced_after_three_health_checks() -> None:
    clock = VirtualClock()

    async def story(pool: Words) -> None:
        stuck = asyncio.create_task(pool.execute(None, "sleep 3600", timeout=0.1))
        await until(lambda: any(worker.channel.outstanding for worker in pool.workers))
        await clock.advance(0.1)
        await fault_of(stuck)
        (worker,) = pool.workers
        next_one = asyncio.create_task(pool.execute(None, "word"))
        for _ in range(3):
            assert worker.state.now == "degraded"
            await clock.advance(1)  # the health check's time
            await clock.advance(5)  # the time to the next
        assert worker.state.leaves
        assert worker.health_failures == 3
        await clock.advance(1)  # from the end of stdin to SIGTERM
        assert await next_one == "word"
        assert worker not in pool.workers
        assert pool.metrics.worker_errors == 1

    run(story, Children(), clock=clock)


def test_without_a_health_check_a_stuck_worker_is_replaced_at_once() -> None:
    async def story(pool: Words) -> None:
        await fault_of(pool.execute(None, "sleep 3600", timeout=0.05))
        assert await pool.execute(None, "word") == "word"
        assert pool.metrics.replaced == 1

    run(story, Children(probes=False, grace=0.05))


def test_a_worker_that_fails_three_times_in_a_row_is_replaced() -> None:
    async def story(pool: Words) -> None:
        worker = await pool.checkout()
        pool.checkin(worker)
        for outcome in ("error", "error", "ok", "error", "error"):
            assert await pool.checkout() is worker
            pool.checkin(worker, outcome)
        assert await pool.checkout() is worker
        pool.checkin(worker, "error")
        await until(lambda: pool.metrics.starts == 2)
        assert worker not in pool.workers

    run(story)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("other", "Expected ID 2, got 999"),
        ("noise", "no id in"),
        ("text", "Unreadable output"),
        ("half", "inside a frame"),
    ],
)
def test_who_breaks_the_protocol_is_replaced(words: str, says: str) -> None:
    async def story(pool: Words) -> None:
        assert says in (await fault_of(pool.execute(None, words))).message
        assert await pool.execute(None, "word") == "word"
        assert pool.metrics.starts == 2

    run(story)


def test_a_second_answer_costs_the_worker_and_no_request() -> None:
    async def story(pool: Words) -> None:
        assert await pool.execute(None, "twice") == "twice"
        assert await pool.execute(None, "word") == "word"
        await until(lambda: pool.metrics.starts == 2)
        assert pool.metrics.failed_operations == 0

    run(story)


def test_what_cannot_be_said_is_not_the_workers_fault() -> None:
    async def story(pool: Words) -> None:
        for _ in range(5):
            assert (await fault_of(pool.execute(None, ""))).type == "encode_error"
        assert pool.metrics.starts == 1
        assert {worker.failures for worker in pool.workers} == {0}

    run(story)


@pytest.mark.parametrize("dialect", ["bridge-v1", "bridge-v2", "bridge-seed"])
def test_health_of_all(dialect: str) -> None:
    clock = VirtualClock()
    launcher = Children()

    async def story(pool: Words) -> None:
        await pool.warm()
        well = await pool.health_check()
        launcher.sick = True
        check = asyncio.create_task(pool.health_check())
        await clock.advance(1)
        ill = await check
        launcher.sick = False
        if dialect == "bridge-v1":
            assert (well.healthy_workers, well.unhealthy_workers, well.total_workers) == (2, 0, 2)
            assert (ill.healthy_workers, ill.unhealthy_workers, ill.total_workers) == (0, 2, 2)
        else:
            assert (well.status, ill.status) == ("healthy", "unhealthy")
        assert well.to_wire(dialect)
        assert {worker.state.now for worker in pool.workers} == {"degraded"}

    run(story, launcher, clock=clock, dialect=dialect, pool_size=2)


def test_health_is_checked_by_itself_and_who_recovers_works_again() -> None:
    clock = VirtualClock()
    launcher = Children()

    async def story(pool: Words) -> None:
        await pool.warm()
        (worker,) = pool.workers
        await clock.advance(30)
        await until(lambda: worker.state.now == "ready")
        assert worker.state.moves[0].reason == "health_check_passed"
        assert pool.metrics.last_health_check is not None
        process = worker.channel.process
        os.killpg(process.pid, signal.SIGSTOP)
        await clock.advance(30)
        await clock.advance(1)
        assert (worker.state.now, worker.health_failures) == ("degraded", 1)
        os.killpg(process.pid, signal.SIGCONT)
        await until(lambda: not worker.channel.outstanding)
        await clock.advance(5)
        await until(lambda: worker.state.now == "ready")
        assert (worker.state.moves[0].reason, worker.health_failures) == ("health_restored", 0)

    run(story, launcher, clock=clock)


def test_sessions_are_known_counted_and_ended() -> None:
    clock = VirtualClock(10.0)

    async def story(pool: Words) -> None:
        pool.track_session("s1")
        pool.track_session("s1")
        await pool.execute("s2", "word")
        await fault_of(pool.execute("s2", ""))
        clock._now = 12.5
        infos = pool.sessions.infos()
        assert {name: info.operations for name, info in infos.items()} == {"s1": 0, "s2": 2}
        assert infos["s1"].started_at == 10_000
        pool.end_session("s1")
        assert list(pool.sessions.infos()) == ["s2"]
        with pytest.raises(Fault) as caught:
            pool.end_session("s1")
        assert caught.value.failure("bridge-v1") == "session_not_found"
        clock._now = 14.5
        pool.end_session("s2")
        metrics = pool.metrics.model()
        assert (metrics.total_sessions, metrics.average_session_duration_ms) == (2, 3500)
        assert (metrics.total_operations, metrics.successful_operations, metrics.failed_operations) == (2, 1, 1)

    run(story, clock=clock)


def test_the_worker_hears_of_the_end_after_all_that_was_asked_before() -> None:
    async def story(pool: Words) -> None:
        worker = await pool.checkout("s1")
        waiting = asyncio.create_task(pool.execute("s1", "before"))
        await asyncio.sleep(0)
        asked: list[str] = []
        ask = worker.ask

        def heard(request: str, timeout: float) -> asyncio.Future[str]:
            asked.append(request)
            return ask(request, timeout)

        worker.ask = heard  # type: ignore[method-assign]
        pool.end_session("s1")
        after = asyncio.create_task(pool.execute("s1", "after"))
        await asyncio.sleep(0)
        pool.checkin(worker)
        await asyncio.gather(waiting, after)
        await until(lambda: len(asked) == 3)
        assert asked == ["before", "forget s1", "after"]

    run(story)


def test_nobody_forgets_on_a_worker_that_is_gone() -> None:
    async def story(pool: Words) -> None:
        worker = await pool.checkout("s1")
        pool.end_session("s1")
        await asyncio.sleep(0)
        worker.channel.process.kill()
        await until(lambda: pool.metrics.starts == 2)
        assert pool.waiting == 0
        pool.checkin(worker)

    run(story)


def test_stale_sessions_are_swept_and_used_ones_are_not() -> None:
    clock = VirtualClock()

    async def story(pool: Words) -> None:
        await pool.execute("old", "word")
        worker = await pool.checkout("used")
        await clock.advance(5)
        await pool.execute("young", "word")
        await clock.advance(5)
        assert set(pool.sessions.infos()) == {"used", "young"}
        assert pool.metrics.stale_sessions_cleaned == 1
        pool.checkin(worker)
        await clock.advance(20)
        assert len(pool.sessions) == 0
        assert pool.metrics.stale_sessions_cleaned == 3

    run(story, clock=clock, pool_size=2, session_stale_after=10_000, session_cleanup_interval=10_000)


@pytest.mark.parametrize("dialect", ["bridge-v1", "bridge-v2", "bridge-seed"])
def test_status_in_every_dialect(dialect: str) -> None:
    async def story(pool: Words) -> None:
        worker = await pool.checkout("s1")
        other = await pool.checkout("s2")
        status = type(pool.status()).from_wire(pool.status().to_wire(dialect), dialect)
        assert (status.pool_size, status.max_overflow, status.active_sessions) == (1, 1, 2)
        if dialect == "bridge-v2":
            assert [info.session_id for info in status.sessions] == ["s1", "s2"]  # type: ignore[union-attr]
        else:
            counts = status.pool_status
            assert (counts.ready, counts.busy, counts.overflow) == (0, 2, 1)  # type: ignore[union-attr]
        assert worker.info(dialect).to_wire(dialect)
        pool.checkin(worker)
        pool.checkin(other)

    run(story, dialect=dialect, pool_size=1, overflow=1)


def test_closing_lets_the_owners_finish_and_turns_the_others_away() -> None:
    async def story(pool: Words) -> None:
        slow = asyncio.create_task(pool.execute(None, "sleep 0.1"))
        await until(lambda: any(worker.channel.outstanding for worker in pool.workers))
        waiting = asyncio.create_task(pool.execute(None, "word"))
        await asyncio.sleep(0)
        await pool.close()
        assert await slow == "sleep 0.1"
        assert (await fault_of(waiting)).type == "pool_exit"
        await pool.close()

    run(story)


def test_closing_does_not_wait_for_ever() -> None:
    async def story(pool: Words) -> None:
        await pool.checkout()
        await pool.close(timeout=0.05)
        assert pool.total == 0

    run(story, Children("stubborn", grace=0.05))


def test_a_window_of_requests_on_one_worker() -> None:
    async def story(pool: Words) -> None:
        async with pool.lease() as worker:
            answers = [worker.ask(f"value {number}", 20) for number in range(1000)]
            assert await asyncio.gather(*answers) == [f"value {number}" for number in range(1000)]

    run(story)


def test_what_a_worker_wrote_during_one_request() -> None:
    async def story(pool: Words) -> None:
        async with pool.lease() as worker:
            await worker.ask("flood 5", 20)
            await until(lambda: worker.said() == "x" * 5)
            mark = worker.channel.process.stderr.total
            await worker.ask("flood 3", 20)
            await until(lambda: worker.said(mark) == "x" * 3)

    run(story)
