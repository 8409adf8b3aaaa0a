"""Each way an answer can go out, on a wire that only writes down what it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from random import Random
from typing import Any

import orjson
import pytest
from samewire.mock.v1.fault_wire import Fault

from mock.engine.answer import JSON, TEXT, Answer
from mock.engine.api import Apis
from mock.engine.clock import Clock
from mock.engine.faults.delivery import deliver
from mock.engine.faults.pace import Pace, spread
from mock.engine.faults.strike import Striker

BODY = b"0123456789"
HEAD = b"HEAD"


class Paper:
    """`told`: calls and bytes, with the seconds since the beginning."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = clock.now()
        self.timed: list[tuple[float, Any]] = []

    @property
    def told(self) -> list[Any]:
        return [what for _, what in self.timed]

    def _note(self, what: Any) -> None:
        self.timed.append((round(self._clock.now() - self._since, 6), what))

    async def head(self, pace: Pace | None = None, *, part: bool = False) -> None:
        if part:
            self._note("part of the head")
        else:
            await spread(HEAD, pace, self.data)

    async def data(self, piece: bytes) -> None:
        if piece:
            self._note(piece)

    async def end(self) -> None:
        self._note("end")

    async def cut(self) -> None:
        self._note("cut")

    async def half_close(self) -> None:
        self._note("half close")

    async def reset(self) -> None:
        self._note("reset")

    async def garbage(self, data: bytes) -> None:
        self._note("garbage")

    def goaway(self) -> None:
        self._note("goaway")


async def _pieces() -> AsyncIterator[bytes]:
    for piece in (b"", b"0123", b"45", b"6789"):
        yield piece


def delivered(
    kind: str | None, answer: Answer | None = None, *, seconds: float = 100, **said: Any
) -> tuple[str | None, Paper]:
    """How it ended, None if it did not within the seconds of a virtual clock."""

    async def story() -> tuple[str | None, Paper]:
        clock = Clock(1000.0)
        answered = answer or Answer(200, JSON, BODY)
        if kind is not None:
            fault = Fault.from_wire(orjson.dumps({"kind": kind} | said))
            answered.strike = Striker(fault, Apis([]), "$").strike("rule-1", clock, Random(1))
        paper = Paper(clock)
        task = asyncio.ensure_future(deliver(answered, paper))
        await clock.advance(seconds)
        ended = None
        if task.done():
            ended = task.result()
        else:
            task.cancel()
            await asyncio.wait([task])
        return ended, paper

    return asyncio.run(story())


def stream() -> Answer:
    return Answer(200, TEXT, chunks=_pieces())


@pytest.mark.parametrize("make", [stream, lambda: None])
@pytest.mark.parametrize("kind", [None, "goaway"])
def test_plainly(kind: str | None, make: Callable[[], Answer | None]) -> None:
    ended, paper = delivered(kind, make())
    bodies = [b"0123", b"45", b"6789"] if make() else [BODY]
    assert (ended, paper.told) == ("complete", [*(["goaway"] if kind else []), HEAD, *bodies, "end"])


@pytest.mark.parametrize(
    ("kind", "last", "ended"),
    [("truncate", "cut", "cut"), ("half_close", "half close", "cut"), ("reset_within_body", "reset", "reset")],
)
@pytest.mark.parametrize(
    ("after", "whole", "streamed"),
    [
        (None, [b"01234"], [b"01"]),
        (0, [], []),
        (1, [b"0"], [b"0"]),
        (4, [b"0123"], [b"0123"]),
        (5, [b"01234"], [b"0123", b"4"]),
        # Of a body whose length was said something stays away; a stream is without its end at least.
        (99, [b"012345678"], [b"0123", b"45", b"6789"]),
    ],
)
def test_a_part(kind: str, last: str, ended: str, after: int | None, whole: list[bytes], streamed: list[bytes]) -> None:
    said = {} if after is None else {"after_bytes": after}
    for answer, body in ((None, whole), (stream(), streamed)):
        got, paper = delivered(kind, answer, **said)
        assert (got, paper.told) == (ended, [HEAD, *body, last])


def test_an_empty_body_promises_what_stays_away() -> None:
    answer = Answer(200, JSON)
    _, paper = delivered("truncate", answer)
    assert paper.told == [HEAD, "cut"]
    assert len(answer.body) == 1


@pytest.mark.parametrize(
    ("kind", "told", "ended"),
    [
        ("reset_before_headers", ["reset"], "reset"),
        ("reset_within_headers", ["part of the head", "reset"], "reset"),
        ("reset_after_headers", [HEAD, "reset"], "reset"),
        ("empty", ["cut"], "cut"),
        ("garbage", ["garbage", "cut"], "cut"),
    ],
)
def test_without_a_body(kind: str, told: list[Any], ended: str) -> None:
    got, paper = delivered(kind)
    assert (got, paper.told) == (ended, told)


def test_delay_and_slow_first_byte() -> None:
    for kind in ("delay", "slow_first_byte"):
        _, paper = delivered(kind, latency={"fixed_s": 5})
        assert paper.timed == [(5, HEAD), (5, BODY), (5, "end")]
    _, paper = delivered("slow_first_byte", latency={"fixed_s": 5}, after_bytes=3)
    assert paper.timed == [(0, HEAD), (0, b"012"), (5, b"3456789"), (5, "end")]
    _, paper = delivered("slow_first_byte", stream(), latency={"fixed_s": 5}, after_bytes=5)
    assert paper.timed == [(0, HEAD), (0, b"0123"), (0, b"4"), (5, b"5"), (5, b"6789"), (5, "end")]
    # Where there is less than that, the wait is before the end.
    _, paper = delivered("slow_first_byte", stream(), latency={"fixed_s": 5}, after_bytes=99)
    assert paper.timed[-2:] == [(0, b"6789"), (5, "end")]


def test_hang() -> None:
    ended, paper = delivered("hang", seconds=1e8)
    assert (ended, paper.told) == (None, [])
    ended, paper = delivered("hang", seconds=1e8, after_bytes=2)
    assert (ended, paper.told) == (None, [HEAD, b"01"])
    ended, paper = delivered("hang", latency={"fixed_s": 5})
    assert (ended, paper.timed) == ("cut", [(5, "cut")])


def test_dribble_and_bandwidth_reach_head_and_body() -> None:
    _, paper = delivered("dribble", bytes=4, latency={"fixed_s": 1})
    assert paper.timed == [(0, HEAD), (1, b"0123"), (2, b"4567"), (3, b"89"), (3, "end")]
    _, paper = delivered("bandwidth", bytes=2)
    assert paper.told[-1] == "end"
    assert [at for at, _ in paper.timed] == [*(at / 2 for at in range(1, 15)), 7]


@pytest.mark.parametrize("kind", [None, "truncate", "dribble"])
def test_streams_are_closed_and_their_errors_come_out(kind: str | None) -> None:
    closed = []

    async def failing() -> AsyncIterator[bytes]:
        try:
            yield b""
            raise RuntimeError("a defect")
        finally:
            closed.append(True)

    with pytest.raises(RuntimeError, match="a defect"):
        delivered(kind, Answer(200, TEXT, chunks=failing()))
    assert closed == [True]


def test_a_client_that_goes_closes_the_stream() -> None:
    closed = []

    async def waiting() -> AsyncIterator[bytes]:
        try:
            yield b"x"
            await asyncio.get_running_loop().create_future()
        finally:
            closed.append(True)

    ended, paper = delivered(None, Answer(200, TEXT, chunks=waiting()))
    assert (ended, paper.told, closed) == (None, [HEAD, b"x"], [True])
