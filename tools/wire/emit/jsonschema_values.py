"""JSON Schema of single values: scalars, enums and the well-known types, with their bounds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tools.wire import ir
from tools.wire.ir import Bytes, Numbers, Scalar, Time, UnknownValue, WireField

_BITS = {
    **dict.fromkeys((Scalar.INT32, Scalar.SINT32, Scalar.SFIXED32), (-(2**31), 2**31 - 1)),
    **dict.fromkeys((Scalar.INT64, Scalar.SINT64, Scalar.SFIXED64), (-(2**63), 2**63 - 1)),
    **dict.fromkeys((Scalar.UINT32, Scalar.FIXED32), (0, 2**32 - 1)),
    **dict.fromkeys((Scalar.UINT64, Scalar.FIXED64), (0, 2**64 - 1)),
}
# The largest double that is rounded to a float and not to infinity.
_FLOAT_MAX = 3.4028235677973362e38
_NUMBER_TEXT = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_NOT_FINITE = ["NaN", "Infinity", "-Infinity"]
_ALPHABETS = {Bytes.BASE64: "A-Za-z0-9+/", Bytes.BASE64URL: "A-Za-z0-9_-", Bytes.PROTOJSON: "A-Za-z0-9+/_-"}
_DATE = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
_ZONE = "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
_WRAPPERS = {
    f"google.protobuf.{name}Value": scalar
    for name, scalar in (
        ("Double", Scalar.DOUBLE),
        ("Float", Scalar.FLOAT),
        ("Int64", Scalar.INT64),
        ("UInt64", Scalar.UINT64),
        ("Int32", Scalar.INT32),
        ("UInt32", Scalar.UINT32),
        ("Bool", Scalar.BOOL),
        ("String", Scalar.STRING),
        ("Bytes", Scalar.BYTES),
    )
}


def said(bounds: dict[str, Any]) -> dict[str, Any]:
    """Without the keys that say nothing."""
    return {key: value for key, value in bounds.items() if value is not None}


def scalar(kind: Scalar, wire: WireField | None) -> dict[str, Any]:
    """A scalar as `wire` has it; canonical ProtoJSON without."""
    limit = (wire.limit if wire else None) or ir.Limit()
    match kind:
        case Scalar.BOOL:
            return {"type": "boolean"}
        case Scalar.STRING:
            bounds = {"minLength": limit.min_length, "maxLength": limit.max_length, "pattern": limit.pattern}
            return {"type": "string"} | said(bounds)
        case Scalar.BYTES:
            return _bytes(wire.bytes if wire else Bytes.PROTOJSON, limit)
        case _:
            return _number(kind, wire.numbers if wire else Numbers.PROTOJSON, limit)


def _number(kind: Scalar, numbers: Numbers, limit: ir.Limit) -> dict[str, Any]:
    low, high = _BITS.get(kind) or ((-_FLOAT_MAX, _FLOAT_MAX) if kind is Scalar.FLOAT else (None, None))
    least = _bound(low, limit.min, max)
    most = _bound(high, limit.max, min)
    number = {"type": "integer" if kind in _BITS else "number"} | said({"minimum": least, "maximum": most})
    if numbers is Numbers.PLAIN:
        return number
    forms: list[dict[str, Any]] = [number, {"type": "string", "pattern": _NUMBER_TEXT}]
    if kind not in _BITS and numbers is Numbers.PROTOJSON:
        forms.append({"enum": _NOT_FINITE})
    return {"anyOf": forms}


def _bound(own: float | None, limit: float | None, narrower: Callable[[float, float], float]) -> float | None:
    """The narrower of the type's bound and that of the rule; whole numbers as such, as far as doubles are exact."""
    if limit is None:
        return own
    chosen = limit if own is None else narrower(own, limit)
    return int(chosen) if abs(chosen) < 2**53 and float(chosen).is_integer() else chosen


def _bytes(alphabet: Bytes, limit: ir.Limit) -> dict[str, Any]:
    one = _ALPHABETS[alphabet]
    if alphabet is Bytes.PROTOJSON:
        pattern = f"^([{one}]{{4}})*([{one}]{{2}}(==)?|[{one}]{{3}}=?)?$"
        return {"type": "string", "contentEncoding": "base64", "pattern": pattern}
    least, most = (None if each is None else (each + 2) // 3 * 4 for each in (limit.min_length, limit.max_length))
    pattern = f"^([{one}]{{4}})*([{one}]{{2}}==|[{one}]{{3}}=)?$"
    encoding = "base64" if alphabet is Bytes.BASE64 else "base64url"
    result = {"type": "string", "contentEncoding": encoding, "pattern": pattern}
    return result | said({"minLength": least, "maxLength": most})


def map_key(kind: Scalar | None) -> dict[str, Any]:
    """What the keys of a map look like; nothing for strings."""
    if kind is Scalar.BOOL:
        return {"propertyNames": {"enum": ["true", "false"]}}
    if kind in _BITS:
        return {"propertyNames": {"pattern": "^-?(0|[1-9][0-9]*)$"}}
    return {}


def enum(enum: ir.Enum, dialect: str) -> dict[str, Any]:
    """An enum in a dialect: its strings, in any casing where that is the rule, and numbers where they are read."""
    if enum.full_name == "google.protobuf.NullValue":
        return {"enum": [None, "NULL_VALUE", 0]}
    rule = enum.wire[dialect]
    there = [value.wire[dialect] for value in enum.values if dialect in value.wire]
    words = list(dict.fromkeys(word for value in there for word in (value.json, *value.also) if word))
    if rule.unknown is not UnknownValue.REJECT:
        strings: dict[str, Any] = {"type": "string", "examples": words}
    elif rule.ignore_case:
        strings = {"type": "string", "pattern": f"^({'|'.join(map(_any_case, words))})$", "examples": words}
    else:
        strings = {"enum": words}
    low, high = _BITS[Scalar.INT32]
    return {"anyOf": [strings, {"type": "integer", "minimum": low, "maximum": high}]} if rule.numbers else strings


def _any_case(word: str) -> str:
    """A pattern for a word in any casing: ECMA 262 patterns in JSON Schema have no flags."""
    return "".join(
        f"[{c.upper()}{c.lower()}]" if c.upper() != c.lower() else re.sub(r"[.*+?^${}()|\[\]\\]", r"\\\g<0>", c)
        for c in word
    )


def well_known(name: str, wire: WireField | None) -> dict[str, Any]:
    """A well-known type as `wire` has it; canonical ProtoJSON without."""
    if name in _WRAPPERS:
        return scalar(_WRAPPERS[name], wire)
    match name.removeprefix("google.protobuf."):
        case "Timestamp":
            return _timestamp(wire.time if wire else Time.PROTOJSON)
        case "Duration":
            return {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?s$"}
        case "FieldMask":
            return {"type": "string", "pattern": r"^([A-Za-z0-9.]+(,[A-Za-z0-9.]+)*)?$"}
        case "Struct":
            return {"type": "object"}
        case "ListValue":
            return {"type": "array"}
        case "Any":
            return {"type": "object", "properties": {"@type": {"type": "string"}}}
        case _:
            return {}


def _timestamp(time: Time) -> dict[str, Any]:
    strict = {"type": "string", "format": "date-time", "pattern": f"^{_DATE}T{_TIME}{_ZONE}$"}
    if time is Time.PROTOJSON:
        return strict
    return {"anyOf": [{"type": "string", "pattern": "^[0-9]{4}-?(0[1-9]|1[0-2]|W)"}, {"type": "number"}]}
