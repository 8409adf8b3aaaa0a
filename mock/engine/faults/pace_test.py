"""Bytes at a pace, on a virtual clock."""

import asyncio
from itertools import pairwise

import pytest

from mock.engine.clock import Clock
from mock.engine.faults.pace import Bandwidth, Dribble, Pace, spread

DATA = bytes(range(250)) * 4


def sent(make: object, data: bytes = DATA, pause_s: float = 0) -> list[tuple[float, bytes]]:
    """Pieces with the seconds at which they went; `pause_s`: how long nothing is sent after the first half."""

    async def story() -> list[tuple[float, bytes]]:
        clock = Clock(1000.0)
        pace: Pace | None = make(clock)  # type: ignore[operator]
        found: list[tuple[float, bytes]] = []

        async def send(piece: bytes) -> None:
            found.append((clock.now() - 1000, piece))

        async def both() -> None:
            await spread(data[: len(data) // 2], pace, send)
            await clock.sleep(pause_s)
            await spread(data[len(data) // 2 :], pace, send)

        task = asyncio.ensure_future(both())
        await clock.advance(10_000)
        await task
        return found

    return asyncio.run(story())


def test_without_a_pace_at_once() -> None:
    assert sent(lambda clock: None, b"abcd") == [(0, b"ab"), (0, b"cd")]
    assert sent(lambda clock: None, b"") == []


def test_dribble_is_pieces_and_pauses() -> None:
    pauses = iter(range(1, 100))
    found = sent(lambda clock: Dribble(clock, 30, lambda: next(pauses)), DATA[:200])
    assert [len(piece) for _, piece in found] == [30, 30, 30, 10] * 2
    assert [round(after - before) for (before, _), (after, _) in pairwise(found)] == [1, 2, 3, 4, 5, 6, 7]
    assert b"".join(piece for _, piece in found) == DATA[:200]


@pytest.mark.parametrize("rate", [1, 7, 100, 10_000, 1_000_000])
@pytest.mark.parametrize("pause_s", [0, 3])
def test_no_byte_goes_before_its_time(rate: int, pause_s: float) -> None:
    found = sent(lambda clock: Bandwidth(clock, rate), pause_s=pause_s)
    assert b"".join(piece for _, piece in found) == DATA
    count = 0
    for at, piece in found:
        count += len(piece)
        # What was not used in a pause is not made up for.
        least = count / rate + (pause_s if count > len(DATA) // 2 else 0)
        assert at == pytest.approx(least, abs=1e-6)
    most = max(len(piece) for _, piece in found)
    assert most <= max(rate / 20, 1)
