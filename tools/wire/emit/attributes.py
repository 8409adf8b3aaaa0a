"""What a field is in Python: one attribute that can hold its states in all dialects."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tools.wire import ir
from tools.wire.emit.world import NULL_VALUE, UNIONS, VALUE, WELL_KNOWN, WRAPPERS, World
from tools.wire.ir import Cardinality, Kind, Presence, Scalar

_OMITS = frozenset((Presence.OMIT, Presence.OMIT_OR_NULL))
_SCALARS = {
    Scalar.DOUBLE: "float",
    Scalar.FLOAT: "float",
    Scalar.BOOL: "bool",
    Scalar.STRING: "str",
    Scalar.BYTES: "bytes",
    Scalar.INT32: "Int32",
    Scalar.SINT32: "Int32",
    Scalar.SFIXED32: "Int32",
    Scalar.INT64: "Int64",
    Scalar.SINT64: "Int64",
    Scalar.SFIXED64: "Int64",
    Scalar.UINT32: "UInt32",
    Scalar.FIXED32: "UInt32",
    Scalar.UINT64: "UInt64",
    Scalar.FIXED64: "UInt64",
}


class Unset(StrEnum):
    """What an attribute holds when its field was never set."""

    MISSING = "missing"
    NONE = "none"
    ZERO = "zero"
    DEFAULT = "default"  # told by model_fields_set
    REQUIRED = "required"  # can't be unset


@dataclass(frozen=True, slots=True)
class Attribute:
    """`can_be_none`, `can_be_missing`: whether the type has these states. `default`: JSON, for Unset.DEFAULT."""

    unset: Unset
    can_be_none: bool
    can_be_missing: bool
    default: ir.Json
    literal: str | None


def attribute(world: World, message: ir.Message, field: ir.Field) -> Attribute:
    declared = world.dialects(message)
    rules = [field.wire[name] for name in declared if name in field.wire] or [field.wire[ir.PROTOJSON]]
    everywhere = not declared or all(name in field.wire for name in declared)
    presences = {rule.presence for rule in rules}
    literal = next((rule.literal for rule in rules if rule.literal is not None), None)
    none = any(rule.nullable for rule in rules)
    missing = any(rule.presence in _OMITS and not rule.has_default for rule in rules)
    with_default = next((rule for rule in rules if rule.has_default), None)
    if literal is not None:
        return Attribute(Unset.DEFAULT, False, False, literal, literal)
    if with_default is not None:
        # Where another dialect reads null as unset, that has to be told from the default.
        missing = missing or (Presence.EXPLICIT in presences and with_default.default is not None)
        return Attribute(Unset.DEFAULT, none or with_default.default is None, missing, with_default.default, None)
    if missing:
        return Attribute(Unset.MISSING, none, True, None, None)
    if Presence.EXPLICIT in presences:
        if is_value(field):
            return Attribute(Unset.MISSING, False, True, None, None)
        return Attribute(Unset.NONE, True, False, None, None)
    if Presence.IMPLICIT in presences:
        return Attribute(Unset.ZERO, none, False, None, None)
    if not everywhere:
        return Attribute(Unset.MISSING, none, True, None, None)
    return Attribute(Unset.REQUIRED, none, False, None, None)


def is_value(field: ir.Field) -> bool:
    """A single google.protobuf.Value, for which null is a value."""
    return field.message == VALUE and field.cardinality is Cardinality.SINGULAR


def element_type(world: World, field: ir.Field, name: Callable[[str, str], str]) -> str:
    """The annotation of one value. `name(file, py_name)` names a class of a file; file "" means the runtime."""
    if field.enum:
        if field.enum == NULL_VALUE:
            return name("", "Literal") + '["NULL_VALUE"]'
        enum = world.enums[field.enum]
        annotation = name(enum.file, enum.py_name)
        declared = [rule for dialect, rule in enum.wire.items() if dialect != ir.PROTOJSON] or list(enum.wire.values())
        if not enum.closed and any(rule.numbers for rule in declared):
            annotation += " | int"
        if any(rule.unknown is ir.UnknownValue.KEEP for rule in declared):
            annotation += " | str"
        return annotation
    if field.message in WRAPPERS:
        return _scalar(WRAPPERS[field.message], name)
    if field.message in WELL_KNOWN:
        known = WELL_KNOWN[field.message]
        return known.replace("JsonValue", name("", "JsonValue")) if "JsonValue" in known else name("", known)
    if field.message:
        message = world.messages[field.message]
        return name(message.file, message.py_name)
    assert field.type is not None
    return _scalar(field.type, name)


def _scalar(scalar: Scalar, name: Callable[[str, str], str]) -> str:
    python = _SCALARS[scalar]
    return name("", python) if python[0].isupper() else python


def whole_type(world: World, field: ir.Field, name: Callable[[str, str], str]) -> str:
    element = element_type(world, field, name)
    match field.cardinality:
        case Cardinality.REPEATED:
            return f"list[{element}]"
        case Cardinality.MAP:
            assert field.key_type is not None
            return f"dict[{_scalar(field.key_type, name)}, {element}]"
    return element


def zero(world: World, field: ir.Field) -> str:
    """The zero value as a Python expression."""
    if field.cardinality is Cardinality.REPEATED:
        return "[]"
    if field.cardinality is Cardinality.MAP:
        return "{}"
    if field.enum:
        return '"NULL_VALUE"' if field.enum == NULL_VALUE else repr(world.by_number(world.enums[field.enum]).get(0, 0))
    return {"float": "0.0", "bool": "False", "str": "''", "bytes": "b''"}.get(_SCALARS.get(field.type, ""), "0")  # type: ignore[arg-type]


def simple_default(world: World, field: ir.Field, dialect: str, default: ir.Json) -> str | None:
    """A JSON default as a Python expression; None where it takes reading (messages, containers)."""
    if default is None and not is_value(field):
        return "None"
    if field.cardinality is not Cardinality.SINGULAR:
        return {"[]": "[]", "{}": "{}"}.get(str(default))
    if field.enum:
        enum = world.enums[field.enum]
        inside = world.inside(enum, dialect)
        names = {value.wire[inside].json: value.name for value in enum.values if inside in value.wire}
        return (
            repr(world.python_values(enum)[names[default]]) if isinstance(default, str) and default in names else None
        )
    if field.message:
        return None
    if field.type is Scalar.BYTES:
        return repr(base64.urlsafe_b64decode(str(default).replace("+", "-").replace("/", "_")))
    if field.type in (Scalar.DOUBLE, Scalar.FLOAT) and isinstance(default, int | float):
        return repr(float(default))
    if isinstance(default, str) and field.type is not Scalar.STRING:
        return str(int(default))
    return repr(default)


def python_types(world: World, field: ir.Field, name: Callable[[str, str], str]) -> list[tuple[str, str]]:
    """How a union's arm is told in Python: (type, type of the first item or ""), one for each class that it can be."""
    if field.cardinality is Cardinality.MAP:
        return [("dict", "")]
    if field.cardinality is Cardinality.REPEATED:
        return [("list", item) for item, _ in _element_types(world, field, name)]
    return _element_types(world, field, name)


def _element_types(world: World, field: ir.Field, name: Callable[[str, str], str]) -> list[tuple[str, str]]:
    if field.enum:
        return [("str", ""), ("int", "")]
    scalar = WRAPPERS.get(field.message, field.type)
    if scalar is not None:
        python = _SCALARS[scalar]
        return [("float", ""), ("int", "")] if python == "float" else [("int" if python[0].isupper() else python, "")]
    if field.message in WELL_KNOWN:
        known = WELL_KNOWN[field.message]
        bare = {"JsonValue": "object"}.get(known, known.partition("[")[0])
        return [(name("", bare) if bare[0].isupper() else bare, "")]
    message = world.messages[field.message]
    if world.kind(message) in UNIONS | {Kind.INLINE}:
        return [each for arm in world.arms(message) for each in python_types(world, arm, name)]
    return [(name(message.file, message.py_name), "")]
