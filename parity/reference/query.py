"""Query strings. Source: seed 000 sections 2.1 and 3.7 (test_qs.py)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import urlencode

Arrays = Literal["comma", "repeat", "indices", "brackets"]
Objects = Literal["dots", "brackets"]


class NestedError(ValueError):
    """A list that cannot be written so: the reference has no indices, and commas hold no lists and objects."""


def format_(params: Mapping[str, Any], arrays: Arrays = "repeat", objects: Objects = "brackets") -> str:
    """Null and "" leave their key out. Raises NestedError."""
    return urlencode([pair for key, value in params.items() for pair in _pairs(key, value, arrays, objects)])


def _pairs(key: str, value: Any, arrays: Arrays, objects: Objects) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for part, item in value.items():
            yield from _pairs(f"{key}.{part}" if objects == "dots" else f"{key}[{part}]", item, arrays, objects)
    elif isinstance(value, list | tuple) and arrays == "comma":
        if any(isinstance(item, Mapping | list | tuple) for item in value):
            raise NestedError(f"{key}: a list that is written with commas holds no lists or objects")
        yield key, ",".join(_text(item) for item in value if item is not None)
    elif isinstance(value, list | tuple):
        if arrays not in ("repeat", "brackets"):
            raise NestedError(f"{key}: there is no array format {arrays!r}; there are comma, repeat and brackets")
        for item in value:
            yield from _pairs(key if arrays == "repeat" else f"{key}[]", item, arrays, objects)
    elif text := _text(value):
        yield key, text


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
