"""Bytes that are almost right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

_NUMBERS = (
    b"0",
    b"-1",
    b"1",
    b"255",
    b"65536",
    b"2147483648",
    b"4294967296",
    b"9223372036854775808",
    b"18446744073709551616",
    b"1e999",
    b"-0",
    b"NaN",
    b"00",
    b"9" * 400,
    b"0x10",
    b"1_0",
)
_MOST = 200_000  # bytes that an input may grow to


class Mutator:
    """`mutator(random, data)`: a few random changes. `words`: what is put in; `others`: what is spliced with."""

    def __init__(self, words: Sequence[bytes] = (), others: Sequence[bytes] = ()) -> None:
        self._words = (*words, *_NUMBERS)
        self._others = others
        self._changes: tuple[Callable[[Random, bytearray], None], ...] = (
            _flip,
            _flip,
            _set,
            _delete,
            _repeat,
            _swap,
            _grow,
            self._insert,
            self._insert,
            self._replace,
            self._splice,
        )

    def __call__(self, random: Random, data: bytes) -> bytes:
        changed = bytearray(data)
        for _ in range(random.choice((1, 1, 1, 2, 3, 5, 10))):
            random.choice(self._changes)(random, changed)
        return bytes(changed[:_MOST])

    def _insert(self, random: Random, data: bytearray) -> None:
        at = random.randint(0, len(data))
        data[at:at] = random.choice(self._words)

    def _replace(self, random: Random, data: bytearray) -> None:
        at = random.randint(0, len(data))
        word = random.choice(self._words)
        data[at : at + random.randint(0, len(word) + 2)] = word

    def _splice(self, random: Random, data: bytearray) -> None:
        if self._others:
            other = random.choice(self._others)
            data[random.randint(0, len(data)) :] = other[random.randint(0, len(other)) :]


def _span(random: Random, data: bytearray) -> tuple[int, int]:
    start = random.randint(0, len(data))
    return start, min(len(data), start + random.choice((1, 1, 2, 4, 16, 100)))


def _flip(random: Random, data: bytearray) -> None:
    if data:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _set(random: Random, data: bytearray) -> None:
    if data:
        data[random.randrange(len(data))] = random.choice((0, 9, 10, 13, 32, 34, 37, 58, 92, 127, 128, 255))


def _delete(random: Random, data: bytearray) -> None:
    start, end = _span(random, data)
    del data[start:end]


def _repeat(random: Random, data: bytearray) -> None:
    start, end = _span(random, data)
    data[end:end] = data[start:end] * random.choice((1, 1, 2, 3, 50))


def _swap(random: Random, data: bytearray) -> None:
    start, end = _span(random, data)
    data[start:end] = data[start:end][::-1]


def _grow(random: Random, data: bytearray) -> None:
    """Rarely: much of the same."""
    if random.random() < 0.05:
        start, end = _span(random, data)
        data[end:end] = data[start:end] * random.choice((1000, 5000))


def cut(random: Random, data: bytes) -> list[bytes]:
    """As a socket may deliver it: whole, in a few reads, or byte by byte."""
    if len(data) < 2 or random.random() < 0.5:
        return [data]
    if len(data) < 400 and random.random() < 0.1:
        return [data[at : at + 1] for at in range(len(data))]
    places = sorted({random.randrange(1, len(data)) for _ in range(random.randint(1, 6))})
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]
