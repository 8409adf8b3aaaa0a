"""Numbers as little-endian bytes, as tinker_public has them. Source: tinker.md section 2.11."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from typing import Literal

Code = Literal["i", "q", "f"]
"""int32, int64, float32."""
SIZE: dict[Code, int] = {"i": 4, "q": 8, "f": 4}


def pack(code: Code, values: Sequence[float]) -> bytes:
    """Raises OverflowError for an integer that does not fit."""
    numbers = array(code, [int(value) for value in values] if code != "f" else values)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def unpack_ints(code: Literal["i", "q"], data: bytes) -> list[int]:
    """Raises ValueError where bytes are left over."""
    return [int(number) for number in _numbers(code, data)]


def unpack_floats(data: bytes) -> list[float]:
    """Raises ValueError where bytes are left over."""
    return list(_numbers("f", data))


def unpack_halves(data: bytes) -> list[float]:
    """bfloat16: the upper half of a float32. Raises ValueError where bytes are left over."""
    if len(data) % 2:
        raise ValueError(f"{len(data)} bytes are no bfloat16 numbers")
    return unpack_floats(b"".join(b"\0\0" + data[at : at + 2] for at in range(0, len(data), 2)))


def _numbers(code: Code, data: bytes) -> array[float]:
    if len(data) % SIZE[code]:
        raise ValueError(f"{len(data)} bytes are no numbers of {SIZE[code]} bytes")
    numbers: array[float] = array(code)
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
