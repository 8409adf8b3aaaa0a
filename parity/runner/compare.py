"""Values compared as docs/cases.md says, field by field."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from samewire.parity.v1.result_wire import Difference

TOLERANCE = 1e-9
MOST = 20
"""Differences that are told of one answer."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


class MarkError(ValueError):
    """An expected value holds a mark that is none, e.g. {"$typ": "string"}."""


def differences(expected: Any, got: Any, tolerance: float | None = None, path: str = "$") -> list[Difference]:
    """How `got` differs from `expected`, at most MOST; empty where it does not. Raises MarkError."""
    found: list[Difference] = []
    for difference in _compare(expected, got, TOLERANCE if tolerance is None else tolerance, path):
        found.append(difference)
        if len(found) == MOST:
            break
    return found


def _compare(expected: Any, got: Any, tolerance: float, path: str) -> Iterator[Difference]:
    if isinstance(expected, dict):
        if any(key.startswith("$") for key in expected):
            yield from _mark(expected, got, tolerance, path)
        elif isinstance(got, dict):
            yield from _objects(expected, got, tolerance, path, whole=True)
        else:
            yield _differs(path, expected, got)
    elif isinstance(expected, list):
        if isinstance(got, list):
            yield from _lists(expected, got, tolerance, path)
        else:
            yield _differs(path, expected, got)
    elif not _same(expected, got, tolerance):
        yield _differs(path, expected, got)


def _same(expected: Any, got: Any, tolerance: float) -> bool:
    if isinstance(expected, bool) or isinstance(got, bool) or expected is None or got is None:
        return expected is got
    if isinstance(expected, int | float) and isinstance(got, int | float):
        if _whole(expected) and _whole(got):
            return expected == got
        return math.isclose(expected, got, rel_tol=tolerance, abs_tol=tolerance * 1e-3)
    return type(expected) is type(got) and bool(expected == got)


def _whole(number: float) -> bool:
    return isinstance(number, int) or number.is_integer()


def _objects(
    expected: dict[str, Any], got: dict[str, Any], tolerance: float, path: str, *, whole: bool
) -> Iterator[Difference]:
    for key, value in expected.items():
        at = step(path, key)
        absent = isinstance(value, dict) and value.get("$absent") is True
        if key not in got:
            if not absent:
                yield Difference(path=at, expected=value, what="missing")
        elif absent:
            yield Difference(path=at, got=got[key], what="unexpected")
        else:
            yield from _compare(value, got[key], tolerance, at)
    if whole:
        for key in got.keys() - expected.keys():
            yield Difference(path=step(path, key), got=got[key], what="unexpected")


def _lists(expected: list[Any], got: list[Any], tolerance: float, path: str) -> Iterator[Difference]:
    for index, (one, other) in enumerate(zip(expected, got, strict=False)):
        yield from _compare(one, other, tolerance, f"{path}[{index}]")
    for index in range(len(got), len(expected)):
        yield Difference(path=f"{path}[{index}]", expected=expected[index], what="missing")
    for index in range(len(expected), len(got)):
        yield Difference(path=f"{path}[{index}]", got=got[index], what="unexpected")


def _mark(mark: dict[str, Any], got: Any, tolerance: float, path: str) -> Iterator[Difference]:
    match mark:
        case {"$any": True, **rest} if not rest:
            good = True
        case {"$re": str(pattern), **rest} if not rest:
            good = isinstance(got, str) and re.search(pattern, got) is not None
        case {"$type": str(name), **rest} if not rest and name in _TYPES:
            good = isinstance(got, _TYPES[name]) and (name == "boolean") == isinstance(got, bool)
        case {"$len": int(length), **rest} if not rest:
            good = isinstance(got, list | str) and len(got) == length
        case {"$near": int() | float() as near, "within": int() | float() as within, **rest} if not rest:
            good = isinstance(got, int | float) and not isinstance(got, bool) and abs(got - near) <= within
        case {"$has": dict(part), **rest} if not rest:
            if isinstance(got, dict):
                yield from _objects(part, got, tolerance, path, whole=False)
                return
            good = False
        case {"$absent": True, **rest} if not rest:
            good = False
        case _:
            raise MarkError(f"{path}: {mark} is no mark of docs/cases.md")
    if not good:
        yield _differs(path, mark, got)


def subset(expected: Any, got: Any, tolerance: float | None = None, path: str = "$") -> list[Difference]:
    """As `differences`, but objects of `got` may hold more, at every depth."""
    return differences(_open(expected), got, tolerance, path)


def _open(expected: Any) -> Any:
    if isinstance(expected, dict):
        if any(key.startswith("$") for key in expected):
            return expected
        return {"$has": {key: _open(value) for key, value in expected.items()}}
    if isinstance(expected, list):
        return [_open(value) for value in expected]
    return expected


def step(path: str, key: str) -> str:
    """`path` and one key further: $.a, or $["a b"] where the key is no name."""
    if _NAME.fullmatch(key):
        return f"{path}.{key}"
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'{path}["{quoted}"]'


def _differs(path: str, expected: Any, got: Any) -> Difference:
    return Difference(path=path, expected=expected, got=got, what="differs")
