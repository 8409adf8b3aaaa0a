"""A difference as one line for people."""

from __future__ import annotations

from typing import Any

import orjson
from samewire.parity.v1.result_wire import Difference
from samewire_wire import MISSING

_MOST = 160  # characters of a value


def one_line(difference: Difference) -> str:
    """`$.metrics["clock:unique_1"]: expected 11.0, got nothing`."""
    match difference.what:
        case "missing":
            return f"{difference.path}: expected {short(difference.expected)}, got nothing"
        case "unexpected":
            return f"{difference.path}: expected nothing, got {short(difference.got)}"
        case "differs":
            return f"{difference.path}: expected {short(difference.expected)}, got {short(difference.got)}"
        case what:
            return f"{difference.path}: {what}"


def short(value: Any) -> str:
    if value is MISSING:
        return "nothing"
    try:
        text = orjson.dumps(value).decode()
    except TypeError:  # whole numbers beyond 64 bits
        text = str(value)
    return text if len(text) <= _MOST else f"{text[:_MOST]}… ({len(text)} characters)"
