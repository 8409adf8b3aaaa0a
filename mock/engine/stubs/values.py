"""JSON values against each other: equal, part of, and where they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from mock.engine.stubs.json_path import join

Test = Callable[[Any], bool]
_SHOWN = 200  # characters of a value in a difference
_NUMBERS = (int, float)


def equals(wanted: Any) -> Test:
    """1 and 1.0 are equal, true and 1 are not; key order is not looked at."""
    if isinstance(wanted, bool) or wanted is None:
        return lambda value: value is wanted
    if isinstance(wanted, str):
        return lambda value: value == wanted
    if isinstance(wanted, _NUMBERS):
        return lambda value: value == wanted and value.__class__ is not bool
    if _unmistakable(wanted):
        return lambda value: value == wanted
    return lambda value: same(wanted, value)


def subset(wanted: Any) -> Test:
    """Objects: these keys with these values and others too, recursively. Lists: as long, item by item."""
    if not isinstance(wanted, dict | list):
        return equals(wanted)
    return lambda value: part(wanted, value)


def same(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, dict):
        return (
            value.__class__ is dict
            and len(value) == len(wanted)
            and all(key in value and same(each, value[key]) for key, each in wanted.items())
        )
    if isinstance(wanted, list):
        return value.__class__ is list and len(value) == len(wanted) and all(map(same, wanted, value))
    return bool(value == wanted) and (value.__class__ is bool) == (wanted.__class__ is bool)


def part(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, dict):
        return value.__class__ is dict and all(key in value and part(each, value[key]) for key, each in wanted.items())
    if isinstance(wanted, list):
        return value.__class__ is list and len(value) == len(wanted) and all(map(part, wanted, value))
    return same(wanted, value)


def _unmistakable(value: Any) -> bool:
    """Whether Python's == says what JSON's equality is: it takes true for 1 and false for 0."""
    if isinstance(value, dict):
        return all(map(_unmistakable, value.values()))
    if isinstance(value, list):
        return all(map(_unmistakable, value))
    return isinstance(value, str) or value is None or (not isinstance(value, bool) and value not in (0, 1))


def leaves(value: Any, steps: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every scalar within, with the steps that lead to it."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, (*steps, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from leaves(each, (*steps, index))
    else:
        yield steps, value


def apart(wanted: Any, value: Any, path: str, exact: bool) -> Iterator[tuple[str, str, str]]:
    """(path, wanted, got) of all places where `value` is not what is wanted; `exact`: no keys but these."""
    if isinstance(wanted, dict) and isinstance(value, dict):
        for key, each in wanted.items():
            if key in value:
                yield from apart(each, value[key], join(path, key), exact)
            else:
                yield join(path, key), shown(each), "nothing"
        if exact:
            for key in value:
                if key not in wanted:
                    yield join(path, key), "nothing", shown(value[key])
    elif isinstance(wanted, list) and isinstance(value, list):
        if len(wanted) != len(value):
            yield path, f"{_items(wanted)}: {shown(wanted)}", f"{_items(value)}: {shown(value)}"
        else:
            for index, each in enumerate(wanted):
                yield from apart(each, value[index], join(path, index), exact)
    elif not same(wanted, value):
        yield path, shown(wanted), shown(value)


def shown(value: Any) -> str:
    """Short JSON."""
    text = as_text(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def as_text(value: Any) -> str:
    """Compact JSON, as regular expressions and `contains` see a value that is no string."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # it nests deeper than can be written
        return repr(value)


def _items(value: list[Any]) -> str:
    return f"{len(value)} item" + "s" * (len(value) != 1)
