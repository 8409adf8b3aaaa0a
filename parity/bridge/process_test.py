from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from parity.bridge.clock import LoopClock
from parity.bridge.fault import Fault
from parity.bridge.launcher import Command
from parity.bridge.process import Process, ending
from parity.bridge.testing.launcher import command


class Listener:
    """A process, and what it said and how it ended."""

    def __init__(self, what: Command) -> None:
        self.bodies: list[bytes] = []
        self.faults: list[Fault] = []
        self.process = Process(what, LoopClock(), self.bodies.append, self.faults.append)

    async def hears(self, count: int) -> list[bytes]:
        async with asyncio.timeout(20):
            while len(self.bodies) < count:
                await asyncio.sleep(0.001)
        return self.bodies


def run(story: Callable[[Listener], Awaitable[None]], *words: str, **settings: Any) -> Listener:
    """Starts the child, lets the story be told, and sees that the child is gone afterwards."""

    async def told() -> Listener:
        listener = Listener(command(*words, **settings))
        await listener.process.start()
        try:
            async with asyncio.timeout(30):
                await story(listener)
                await listener.process.stop()
        finally:
            listener.process.kill()
            await listener.process.wait()
        assert not alive(listener.process.pid)
        assert len(listener.faults) == 1
        return listener

    return asyncio.run(told())


def alive(pid: int) -> bool:
    """A zombie is alive too: its entry in the process table is."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def gone(pid: int) -> None:
    async with asyncio.timeout(20):
        while alive(pid):
            await asyncio.sleep(0.005)


def test_bodies_go_there_and_back_in_order() -> None:
    async def story(it: Listener) -> None:
        for number in range(1, 101):
            it.process.send(b"%d word" % number)
        assert await it.hears(100) == [b"%d word" % number for number in range(1, 101)]

    listener = run(story)
    assert listener.process.status == 0
    assert str(listener.faults[0]) == "Process exited with status 0"


def test_large_bodies_pass_while_the_other_side_writes_too() -> None:
    big = b"1 " + b"x" * 3_000_000

    async def story(it: Listener) -> None:
        for _ in range(3):
            it.process.send(big)
        assert not it.process.writable.is_set() or await it.hears(0) == []
        assert await it.hears(3) == [big] * 3
        await asyncio.wait_for(it.process.writable.wait(), 5)

    run(story)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("text", '"prin": is something printed there'),
        ("long", "4,294,967,295 bytes"),
        ("half", "3 of the 7 bytes of its body"),
    ],
)
def test_what_is_no_frame_ends_the_process_and_is_said(words: str, says: str) -> None:
    async def story(it: Listener) -> None:
        it.process.send(b"1 before")
        await it.hears(1)
        it.process.send(b"2 " + words.encode())
        await it.process.wait()

    listener = run(story)
    assert listener.bodies == [b"1 before"]
    assert listener.faults[0].type == "decode_error"
    assert says in str(listener.faults[0])


def test_a_body_above_the_limit() -> None:
    async def story(it: Listener) -> None:
        it.process.send(b"1 " + b"x" * 100)
        await it.process.wait()

    assert "above the limit of 64" in str(run(story, limit=64).faults[0])


def test_a_crash_tells_its_status_and_the_end_of_its_stderr() -> None:
    async def story(it: Listener) -> None:
        it.process.send(b"1 before")
        it.process.send(b"2 crash 7")
        await it.process.wait()

    listener = run(story)
    assert listener.bodies == [b"1 before"]
    assert (listener.faults[0].type, listener.faults[0].context["status"]) == ("port_exited", 7)
    assert listener.process.stderr.since() == "about to crash\n"


def test_a_flood_on_stderr_is_bounded_and_does_not_block() -> None:
    async def story(it: Listener) -> None:
        it.process.send(b"1 flood 5000000")
        await it.hears(1)

    listener = run(story, stderr=1000)
    assert listener.process.stderr.total == 5_000_000
    assert listener.process.stderr.since() == "[4,999,000 bytes before this are gone]\n" + "x" * 1000


def test_who_closes_stdout_and_stays_is_killed() -> None:
    async def story(it: Listener) -> None:
        it.process.send(b"1 close")
        await it.process.wait()

    assert run(story, grace=0.05).process.status == -signal.SIGKILL


def test_the_end_of_stdin_is_enough_for_the_polite() -> None:
    async def story(it: Listener) -> None:
        it.process.send(b"1 last words")

    listener = run(story)
    assert listener.bodies == [b"1 last words"]
    assert listener.process.status == 0


def test_one_that_is_busy_gets_sigterm() -> None:
    async def story(it: Listener) -> None:
        it.process.send(b"1 before")
        await it.hears(1)
        it.process.send(b"2 sleep 3600")

    assert run(story, grace=0.1).process.status == -signal.SIGTERM


def test_sigterm_leaves_time_to_tidy_up() -> None:
    async def story(it: Listener) -> None:
        it.process.send(b"1 before")
        await it.hears(1)

    assert run(story, "tidy", grace=1.0).process.status == 5


def test_one_that_ignores_sigterm_gets_sigkill() -> None:
    async def story(it: Listener) -> None:
        it.process.send(b"1 before")
        await it.hears(1)

    listener = run(story, "stubborn", grace=0.1)
    assert listener.process.status == -signal.SIGKILL
    assert str(listener.faults[0]) == "Process exited with signal SIGKILL"


@pytest.mark.parametrize("end", ["stop", "crash", "kill"])
def test_nothing_that_it_started_outlives_it(end: str) -> None:
    orphans = []

    async def story(it: Listener) -> None:
        it.process.send(b"1 orphan")
        orphans.append(int((await it.hears(1))[0].split()[1]))
        assert alive(orphans[0])
        if end == "crash":
            it.process.send(b"2 crash 1")
            await it.process.wait()
        elif end == "kill":
            it.process.kill()
        await it.process.stop()
        await gone(orphans[0])

    run(story, grace=0.5)
    assert len(orphans) == 1


def test_one_that_reads_nothing_holds_up_the_writer_and_not_the_loop() -> None:
    async def story(it: Listener) -> None:
        it.process.send(b"1 before")
        await it.hears(1)
        it.process.send(b"2 sleep 3600")
        it.process.send(b"3 " + b"x" * 5_000_000)
        await asyncio.sleep(0)
        assert not it.process.writable.is_set()

    run(story, grace=0.1)


@pytest.mark.parametrize("argv", [("no/such/program",), ("/",), ("a\0b",)])
def test_what_cannot_be_started_is_one_clear_fault(argv: tuple[str, ...]) -> None:
    async def story() -> None:
        with pytest.raises(Fault, match="cannot start") as caught:
            await Listener(Command(argv)).process.start()
        assert caught.value.type == "worker_init_failed"

    asyncio.run(story())


def test_endings_in_words() -> None:
    assert [ending(status) for status in (0, 3, -9, -15, -250)] == [
        "status 0",
        "status 3",
        "signal SIGKILL",
        "signal SIGTERM",
        "signal 250",
    ]
