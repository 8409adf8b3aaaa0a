"""Filters of templates: a name and its arguments give a function from value to value.

A filter leaves NOTHING as it is, so that `default` may come anywhere behind. Raises Unfit for a value that it can't
take.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from mock.engine.stubs.view import NOTHING

Filter = Callable[[Any], Any]
_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,20}\s*")
_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*")
_LOWEST, _HIGHEST = -(1 << 63), (1 << 64) - 1  # integers that JSON writers and protobuf can say
_LONGEST = 4000  # digits of a number in text


class Unfit(Exception):
    """A value that a filter can't take."""


def as_text(value: Any) -> str:
    """Text as it is, all else as JSON."""
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError as error:
        raise Unfit(f"the value can't be written as JSON: {error}") from None


def _default(fallback: Any) -> Filter:
    return lambda value: fallback if value is NOTHING else value


def _passing(apply: Filter) -> Callable[[], Filter]:
    """A filter without arguments that leaves NOTHING alone."""
    filtered: Filter = lambda value: value if value is NOTHING else apply(value)  # noqa: E731
    return lambda: filtered


def _upper(value: Any) -> str:
    return _text(value, "upper").upper()


def _lower(value: Any) -> str:
    return _text(value, "lower").lower()


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise Unfit(f"{name} wants text, got {_shown(value)}")
    return value


def _int(value: Any) -> int:
    found = value
    if isinstance(value, str):
        found = int(value) if _INTEGER.fullmatch(value) else float(value) if _NUMBER.fullmatch(value) else None
    if not isinstance(found, int | float) or not _LOWEST <= found <= _HIGHEST:
        raise Unfit(f"{_shown(value)} is no integer of 64 bits")
    return int(found)


def _float(value: Any) -> float:
    if isinstance(value, str) and len(value) < _LONGEST and _NUMBER.fullmatch(value):
        value = float(value)
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise Unfit(f"{_shown(value)} is no number")
    return float(value)


def _length(value: Any) -> int:
    if not isinstance(value, str | list | dict):
        raise Unfit(f"length wants text, a list or an object, got {_shown(value)}")
    return len(value)


def _base64(value: Any) -> str:
    return base64.b64encode(as_text(value).encode()).decode()


def _date(pattern: str = "%Y-%m-%dT%H:%M:%SZ") -> Filter:
    """Seconds since 1970 as a date in UTC, by the letters of strftime; without a pattern as RFC 3339 has it."""
    if not isinstance(pattern, str):
        raise ValueError("the format must be text")
    datetime.fromtimestamp(0, UTC).strftime(pattern)

    def date(value: Any) -> Any:
        if value is NOTHING:
            return value
        try:
            return datetime.fromtimestamp(_float(value), UTC).strftime(pattern)
        except (ValueError, OverflowError, OSError):
            raise Unfit(f"{_shown(value)} is no time that has a date") from None

    return date


def _shown(value: Any) -> str:
    shown = as_text(value)
    return shown if len(shown) <= 60 else shown[:59] + "…"


FILTERS: dict[str, Callable[..., Filter]] = {
    "default": _default,
    "json": _passing(_json),
    "upper": _passing(_upper),
    "lower": _passing(_lower),
    "int": _passing(_int),
    "float": _passing(_float),
    "string": _passing(as_text),
    "length": _passing(_length),
    "base64": _passing(_base64),
    "date": _date,
}
