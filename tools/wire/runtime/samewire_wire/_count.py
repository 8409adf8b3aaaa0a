"""What generated key counters call."""

from __future__ import annotations

import math
from typing import Any

from samewire_wire._text_checks import count_json as json
from samewire_wire._write import Dispatch

__all__ = ["NAN", "Dispatch", "extra", "fields", "json", "none", "unknown"]

# Equal to no count, so the reader looks at the text itself.
NAN = math.nan


def unknown(value: Any) -> float:
    return NAN


def none(value: Any) -> int:
    return 0


def fields(model: Any) -> int:
    """Of a message that holds no keys but its own."""
    return len(model.__pydantic_fields_set__)


def extra(model: Any) -> float:
    """Unknown keys that were kept; extensions have already left their JSON form."""
    kept = model.__pydantic_extra__
    return NAN if any(type(value) is bytes for value in kept.values()) else json(kept)
