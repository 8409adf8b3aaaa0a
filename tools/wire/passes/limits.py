"""Whether the bounds of a field can be meant: they fit its type, and each of them bounds something."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from tools.wire.descriptors.tree import FieldDecl
from tools.wire.ir import Cardinality, Json, Limit, Scalar
from tools.wire.passes import fields

_BITS = {
    **dict.fromkeys((Scalar.INT32, Scalar.SINT32, Scalar.SFIXED32), (-(2**31), 2**31 - 1)),
    **dict.fromkeys((Scalar.INT64, Scalar.SINT64, Scalar.SFIXED64), (-(2**63), 2**63 - 1)),
    **dict.fromkeys((Scalar.UINT32, Scalar.FIXED32), (0, 2**32 - 1)),
    **dict.fromkeys((Scalar.UINT64, Scalar.FIXED64), (0, 2**64 - 1)),
}
_STRINGS = ("google.protobuf.StringValue", "google.protobuf.BytesValue")


def int_range(scalar: Scalar | None) -> tuple[int, int] | None:
    """Lowest and highest value of an integer type; None for the others."""
    return _BITS.get(scalar) if scalar is not None else None


def faults(limit: Limit, field: FieldDecl) -> Iterator[tuple[str, str]]:
    """(what is wrong, way out) of each fault."""
    if limit == Limit():
        yield "`limit` is empty, which changes nothing", "remove it"
    yield from _misfits(limit, field)
    for low, high in (("min", "max"), ("min_length", "max_length"), ("min_items", "max_items")):
        least, most = getattr(limit, low), getattr(limit, high)
        if least is not None and most is not None and least > most:
            yield f"`limit` leaves no value: {low} {least:g} is more than {high} {most:g}", "swap the two"
        if least == 0 and low != "min":
            yield f"`limit.{low}` of 0 changes nothing", "remove it"
    for name in ("min", "max"):
        bound = getattr(limit, name)
        if bound is not None and not math.isfinite(bound):
            yield f"`limit.{name}` is not finite", "give a number, or remove it"
    bits = int_range(field.type)
    if bits and limit.min is not None and limit.min <= bits[0]:
        yield f"`limit.min` of {limit.min:g} changes nothing: {field.type} has no smaller value", "remove it"
    if bits and limit.max is not None and limit.max >= bits[1]:
        yield f"`limit.max` of {limit.max:g} changes nothing: {field.type} has no larger value", "remove it"
    if limit.pattern is not None:
        yield from _pattern(limit.pattern)


def _misfits(limit: Limit, field: FieldDecl) -> Iterator[tuple[str, str]]:
    text = field.type in (Scalar.STRING, Scalar.BYTES) or field.message in _STRINGS
    fits = {
        "min": fields.is_numeric(field),
        "max": fields.is_numeric(field),
        "min_length": text,
        "max_length": text,
        "pattern": text and not fields.is_bytes(field),
        "min_items": field.cardinality is not Cardinality.SINGULAR,
        "max_items": field.cardinality is not Cardinality.SINGULAR,
    }
    meant = {
        "min": "numbers",
        "max": "numbers",
        "pattern": "strings",
        "min_items": "lists and maps",
        "max_items": "lists and maps",
    }
    for name, good in fits.items():
        if getattr(limit, name) is not None and not good:
            yield f"`limit.{name}` is for {meant.get(name, 'strings and bytes')}", "remove it"


def _pattern(pattern: str) -> Iterator[tuple[str, str]]:
    if re.search(r"(?<!\\)\(\?(=|!|<=|<!)", pattern):
        yield "`limit.pattern` uses look-around, which not every language has", "say it without"
        return
    try:
        re.compile(pattern)
    except re.error as error:
        yield f"`limit.pattern` is no regular expression: {error}", "correct it"


def breach(value: Json, limit: Limit) -> str:
    """What a single value (not a list) breaks, in words; "" when it is within the bounds."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if limit.min is not None and value < limit.min:
            return f"{value} is less than min {limit.min:g}"
        if limit.max is not None and value > limit.max:
            return f"{value} is more than max {limit.max:g}"
    if isinstance(value, str):
        if limit.min_length is not None and len(value) < limit.min_length:
            return f"{len(value)} characters are fewer than min_length {limit.min_length}"
        if limit.max_length is not None and len(value) > limit.max_length:
            return f"{len(value)} characters are more than max_length {limit.max_length}"
        if limit.pattern is not None and not re.search(limit.pattern, value):
            return f'"{value}" does not match the pattern'
    return ""
