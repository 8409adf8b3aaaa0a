"""What generated writers call: values whose JSON is not the Python value itself, and what can't be written."""

from __future__ import annotations

import math
import struct
from binascii import b2a_base64
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import orjson
from pydantic import MISSING, BaseModel

from samewire_wire import _well_known
from samewire_wire._error import WireError
from samewire_wire._locate import join

if TYPE_CHECKING:
    from samewire_wire._registry import MessageSpec

write_epoch = _well_known.write_epoch
json_value = _well_known.write_value
empty = _well_known.write_empty
any_message = _well_known.write_any
_single = struct.Struct("f")


class Refused(Exception):
    """A writer met a value that the dialect can't say. `at`: the model that holds it."""

    def __init__(self, at: Any, field: str, reason: str) -> None:
        self.at, self.field, self.reason = at, field, reason


class Dispatch(dict[type, Callable[[Any], Any]]):
    """Python type -> writer of a union's arm; subclasses find their base's."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        for base in kind.__mro__:
            if base in self.keys():
                self[kind] = self[base]
                return self[base]
        raise TypeError(f"{kind.__name__} is no arm of the union")


class KeptValues(dict[Any, Any]):
    """Python enum value -> wire string, where strings that the definition does not know are kept."""

    def __missing__(self, value: Any) -> Any:
        return value


class Values(dict[Any, Any]):
    """Where numbers that the definition does not know are kept."""

    def __missing__(self, value: Any) -> int:
        if isinstance(value, int):
            return value
        raise ValueError(f"{value!r} has no string in this dialect")


class ClosedValues(dict[Any, Any]):
    """Where only the declared strings can be sent."""

    def __missing__(self, value: Any) -> NoReturn:
        raise ValueError(f"{value!r} has no string in this dialect")


def by_item(*choices: tuple[type, Callable[[Any], Any]]) -> Callable[[list[Any]], Any]:
    """Tells lists apart by their first item; an empty one goes the first way."""
    table = Dispatch(reversed(choices))  # of two for one type the first counts

    def write(values: list[Any]) -> Any:
        return table[type(values[0])](values) if values else choices[0][1](values)

    return write


def same(value: Any) -> Any:
    return value


def base64(value: bytes) -> str:
    return b2a_base64(value, newline=False).decode()


def base64url(value: bytes) -> str:
    return base64(value).replace("+", "-").replace("/", "_")


def boolean(value: bool) -> str:
    """A key of map<bool, …>."""
    return "true" if value else "false"


def finite(value: float) -> float:
    if value - value != 0:
        raise ValueError("NaN and the infinities can't be written as JSON numbers")
    return value


def finites(values: list[float]) -> list[float]:
    """The sum is not finite when one of them is not; it can also overflow, so then each is looked at."""
    total = sum(values)
    if total - total != 0:
        for value in values:
            finite(value)
    return values


def single(value: float) -> float:
    """The shortest decimal that is the same 32-bit float: 0.10000000149011612 -> 0.1."""
    return shortest(finite(value))


def shortest(value: float) -> float:
    try:
        packed = _single.pack(value)
    except OverflowError:
        raise ValueError(f"{value!r} is beyond a 32-bit float") from None
    for digits in (6, 7, 8, 9):
        short = float(f"{value:.{digits}g}")
        try:
            if _single.pack(short) == packed:
                return short
        except OverflowError:  # rounded up beyond the largest float
            continue
    return value


def named(value: float) -> float | str:
    """ProtoJSON of a double."""
    if value - value == 0:
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def named_single(value: float) -> float | str:
    return shortest(value) if value - value == 0 else named(value)


def nameds(values: list[float]) -> list[Any]:
    total = sum(values)
    return values if total - total == 0 else [named(value) for value in values]


def negative_zero(value: float) -> bool:
    """-0.0 is not the zero that implicit presence leaves out."""
    return value == 0 and math.copysign(1, value) < 0


def missing(model: Any, field: str) -> NoReturn:
    raise Refused(model, field, "is required but not set")


def null(model: Any, field: str) -> NoReturn:
    raise Refused(model, field, "can't be null")


def foreign(model: Any, dialect: str, *fields: str) -> NoReturn:
    """One of `fields` is set, and the dialect does not have it."""
    held = vars(model)
    field = next(
        (each for each in fields if held.get(each) is not MISSING and (held[each] or each in model.model_fields_set)),
        fields[0],
    )
    raise Refused(model, field, f"is set, but the dialect {dialect} does not have it")


def extra(model: Any, written: dict[str, Any]) -> None:
    """Unknown keys that were kept, after the known ones."""
    for key, value in model.__pydantic_extra__.items():
        if type(value) is not bytes:  # what binary reading kept has no JSON
            written.setdefault(key, value)


def extensions(model: Any, written: dict[str, Any]) -> None:
    """ "[pkg.extension]" keys, from what binary reading or JSON reading kept."""
    from samewire_wire import _binary

    _binary.write_extensions(model, written)


def explain(spec: MessageSpec, value: Any, dialect: str | None, error: Exception) -> WireError:
    """Finds where writing failed."""
    dialect = dialect or spec.dialects[0]
    if isinstance(error, WireError):
        return error
    if isinstance(error, LookupError) and not isinstance(error, KeyError | IndexError):
        raise error
    if isinstance(error, Refused):
        path = next((path for path, each in _walk("$", value) if each is error.at), "$")
        owner = error.at.WIRE.full_name
        return WireError(
            spec.full_name,
            path + join(error.field),
            f"{error.reason} (writing {dialect})",
            owner=owner,
            field=error.field,
        )
    return _narrow(spec, value, dialect, error)


def _narrow(spec: MessageSpec, value: Any, dialect: str, error: Exception) -> WireError:
    """The deepest model that can't be written by itself is where the error lies."""
    reason = str(error).removeprefix("Type is not JSON serializable: ")
    reason = reason if isinstance(error, ValueError | TypeError) else f"{type(error).__name__}: {reason}"
    found = ("$", spec.full_name)
    for path, each in _walk("$", value):
        if isinstance(each, BaseModel) and hasattr(each, "WIRE") and each is not value:
            inner: MessageSpec = each.WIRE
            if dialect == "protojson" or dialect in inner.dialects:
                try:
                    orjson.dumps(inner.writer(dialect)(each))
                except Exception:
                    found = (path, inner.full_name)
    return WireError(spec.full_name, found[0], f"{reason} (writing {dialect})", owner=found[1])


def _walk(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Everything in a value with its path; each object once, so a cycle ends."""
    seen: set[int] = set()
    todo = [(path, value)]
    while todo:
        path, value = todo.pop()
        if isinstance(value, BaseModel | dict | list):
            if id(value) in seen:
                continue
            seen.add(id(value))
        yield path, value
        if isinstance(value, BaseModel):
            todo.extend((path + join(key), each) for key, each in vars(value).items())
        elif isinstance(value, dict):
            todo.extend((path + join(str(key)), each) for key, each in value.items())
        elif isinstance(value, list):
            todo.extend((f"{path}[{index}]", each) for index, each in enumerate(value))
