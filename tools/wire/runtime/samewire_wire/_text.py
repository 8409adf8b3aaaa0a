"""Text to value: the rules behind the JSON of numbers and bytes. All raise ValueError with what was expected."""

from __future__ import annotations

import binascii
import math
import re
from collections.abc import Callable
from typing import Any

from orjson import OPT_STRICT_INTEGER, dumps
from pydantic_core import PydanticCustomError

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_URL_TO_STANDARD = str.maketrans("-_", "+/")
_NAMED = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
# Half a step above the largest 32-bit float: what rounds to it is still in range.
SINGLE_LIMIT = float((2**25 - 1) * 2**103)


def integer(low: int, high: int) -> Callable[[Any], int]:
    """Integral floats, and strings of integral numbers, between `low` and `high`."""

    def read(value: Any) -> int:
        if isinstance(value, str):
            if _INTEGER.fullmatch(value) and len(value) < 40:
                number = int(value)
            elif _NUMBER.fullmatch(value) and (float(value)).is_integer():
                number = int(float(value))
            else:
                raise ValueError("expected an integer")
        elif isinstance(value, float) and value.is_integer():
            number = int(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            number = value
        else:
            raise ValueError("expected an integer")
        if not low <= number <= high:
            raise ValueError(f"expected an integer between {low} and {high}")
        return number

    return read


def int64_list(values: list[int]) -> list[int]:
    """Refuses a list of integers with one beyond 64 bits, signed."""
    try:
        # Goes through at memory speed when all are below 2**53, and raises else.
        dumps(values, None, OPT_STRICT_INTEGER)
    except TypeError:
        for index, value in enumerate(values):
            if not -(2**63) <= value < 2**63:
                reason = f"expected an integer between {-(2**63)} and {2**63 - 1}, got {value}"
                raise PydanticCustomError("item", reason, {"index": index}) from None
    return values


def number(single: bool, named: bool) -> Callable[[Any], float]:
    """Strings of numbers; NaN and the infinities by name where `named`."""
    limit = SINGLE_LIMIT if single else math.inf

    def read(value: Any) -> float:
        if not isinstance(value, str):
            raise ValueError("expected a finite number" if isinstance(value, float) else "expected a number")
        if named and value in _NAMED:
            return _NAMED[value]
        if not _NUMBER.fullmatch(value):
            raise ValueError("expected a number")
        result = float(value)
        if not abs(result) < limit:
            raise ValueError("expected a number in range")
        return result

    return read


def boolean(value: str) -> bool:
    """The keys of a map<bool, …>."""
    if value not in ("true", "false"):
        raise ValueError('expected "true" or "false"')
    return value == "true"


def base64(text: str) -> bytes:
    """Standard alphabet, padded."""
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError):
        raise ValueError("expected standard base64 with padding") from None


def base64url(text: str) -> bytes:
    """URL-safe alphabet, padded."""
    if "+" in text or "/" in text:
        raise ValueError("expected URL-safe base64 with padding")
    try:
        return binascii.a2b_base64(text.translate(_URL_TO_STANDARD), strict_mode=True)
    except (binascii.Error, ValueError):
        raise ValueError("expected URL-safe base64 with padding") from None


def base64_any(text: str) -> bytes:
    """Either alphabet, padded or not."""
    text = text.translate(_URL_TO_STANDARD).rstrip("=")
    try:
        return binascii.a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)
    except (binascii.Error, ValueError):
        raise ValueError("expected base64") from None


BASE64 = {"base64": base64, "base64url": base64url, "protojson": base64_any}
