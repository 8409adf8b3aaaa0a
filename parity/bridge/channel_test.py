from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from parity.bridge.channel import Channel
from parity.bridge.clock import LoopClock, VirtualClock
from parity.bridge.fault import Fault
from parity.bridge.launcher import Undecodable
from parity.bridge.testing.launcher import Words, command

Talk = Channel[str, str]


def run(story: Callable[[Talk], Awaitable[Any]], *words: str, clock: VirtualClock | None = None) -> Any:
    async def told() -> Any:
        channel = Channel(command(*words, grace=0.2), Words(), clock or LoopClock(), "w1")
        await channel.process.start()
        try:
            async with asyncio.timeout(30):
                return await story(channel)
        finally:
            channel.process.kill()
            await channel.process.wait()

    return asyncio.run(told())


async def fault_of(answer: Awaitable[object]) -> Fault:
    with pytest.raises(Fault) as caught:
        await answer
    return caught.value


def test_a_window_of_requests_each_with_its_own_answer() -> None:
    async def story(channel: Talk) -> None:
        answers = [channel.ask(f"value {number}", 20) for number in range(500)]
        assert channel.outstanding == 500
        assert await asyncio.gather(*answers) == [f"value {number}" for number in range(500)]
        assert channel.outstanding == 0

    run(story)


def test_a_late_answer_is_thrown_away_and_nobody_elses() -> None:
    clock = VirtualClock()

    async def story(channel: Talk) -> None:
        slow = channel.ask("sleep 0.05", 0.1)
        await clock.advance(0.1)
        fault = await fault_of(slow)
        assert (fault.type, fault.message) == ("command_timeout", "Command timed out after 100ms")
        assert fault.context == {"timeout_ms": 100, "worker_id": "w1", "command": "sleep"}
        assert channel.outstanding == 1
        assert await channel.ask("next", 1) == "next"
        assert (channel.late, channel.outstanding, channel.broken) == (1, 0, None)
        assert clock.alarms == 0

    run(story, clock=clock)


def test_who_stops_waiting_disturbs_nobody() -> None:
    async def story(channel: Talk) -> None:
        given_up = channel.ask("sleep 0.02", 20)
        given_up.cancel()
        assert await channel.ask("next", 20) == "next"
        assert channel.outstanding == 0

    run(story)


def test_a_second_answer_blames_its_own_id_alone() -> None:
    async def story(channel: Talk) -> None:
        twice, after = channel.ask("twice", 20), channel.ask("after", 20)
        assert await twice == "twice"
        assert await after == "after"
        assert channel.broken is not None
        assert (channel.broken.type, channel.broken.message) == ("response_mismatch", "ID 1 was answered twice")
        assert channel.broken.context == {"got": 1, "worker_id": "w1"}

    run(story)


def test_an_answer_for_nobody_fails_those_under_way() -> None:
    async def story(channel: Talk) -> None:
        other, after = channel.ask("other", 20), channel.ask("sleep 0.01", 20)
        fault = await fault_of(other)
        assert (fault.type, fault.message) == ("response_mismatch", "Expected ID 1, 2, got 999")
        assert fault.context["command"] == "other"
        assert (await fault_of(after)).context["command"] == "sleep"
        assert await channel.ask("still there", 20) == "still there"

    run(story)


def test_a_body_that_is_no_answer() -> None:
    async def story(channel: Talk) -> None:
        fault = await fault_of(channel.ask("noise", 20))
        assert (fault.type, fault.message) == ("decode_error", "no id in b'!'")
        assert channel.broken is not None
        assert await channel.ask("still there", 20) == "still there"

    run(story)


def test_an_answer_with_the_right_id_and_nothing_else_right_fails_it_alone() -> None:
    class Strict(Words):
        def decode(self, body: bytes) -> tuple[int | None, str]:
            number, words = super().decode(body)
            if words == "bad":
                raise Undecodable("Malformed response structure", number)
            return number, words

    async def story(channel: Talk) -> None:
        channel._codec = Strict()
        bad, good = channel.ask("bad", 20), channel.ask("good", 20)
        assert (await fault_of(bad)).message == "Malformed response structure"
        assert await good == "good"
        assert channel.broken is None

    run(story)


@pytest.mark.parametrize(("words", "type_"), [("crash 3", "port_exited"), ("text", "decode_error")])
def test_the_end_of_the_process_fails_all(words: str, type_: str) -> None:
    async def story(channel: Talk) -> None:
        answers = [channel.ask("good", 20), channel.ask(words, 20), channel.ask("sleep 1", 20)]
        assert await answers[0] == "good"
        for name, answer in zip([words.split()[0], "sleep"], answers[1:], strict=True):
            fault = await fault_of(answer)
            assert (fault.type, fault.context["command"], fault.context["worker_id"]) == (type_, name, "w1")
        assert (await channel.over).type == type_
        assert channel.outstanding == 0
        with pytest.raises(Fault):
            await channel.ask("too late", 20)

    run(story)


def test_what_cannot_be_said_is_refused_and_uses_no_id() -> None:
    async def story(channel: Talk) -> None:
        with pytest.raises(Fault, match="no words") as caught:
            await channel.ask("", 20)
        assert caught.value.type == "encode_error"
        assert await channel.ask("first", 20) == "first"

    run(story)


def test_a_greeting_is_heard_before_or_after_one_listens() -> None:
    async def story(channel: Talk) -> None:
        assert await channel.unasked(20) == "hello"
        assert await channel.ask("word", 20) == "word"
        assert channel.broken is None

    async def patient(channel: Talk) -> None:
        assert await channel.ask("word", 20) == "word"
        assert await channel.unasked(20) == "hello"

    run(story, "greets")
    run(patient, "greets")


def test_who_says_more_than_its_greeting_is_doubted() -> None:
    async def story(channel: Talk) -> None:
        assert await channel.ask("word", 20) == "word"
        assert channel.broken is not None
        assert "nobody asked" in channel.broken.message

    run(story, "chatty")


@pytest.mark.parametrize(("words", "type_"), [("mute", "command_timeout"), ("dies", "port_exited")])
def test_who_never_greets(words: str, type_: str) -> None:
    async def story(channel: Talk) -> None:
        assert (await fault_of(channel.unasked(0.3 if words == "mute" else 20))).type == type_

    run(story, words)
