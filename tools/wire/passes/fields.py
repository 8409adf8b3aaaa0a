"""How each field is read and written, worked out per dialect.

Precedence: `per` of the field > the field > `defaults` of the message > `defaults` of the file > ProtoJSON. Inherited
presence leaves the arms of a oneof alone: an arm is either there or not.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TypeVar

from google.protobuf import text_encoding

from tools.wire import ir
from tools.wire.descriptors.tree import FieldDecl, FileDecl, MessageDecl, Tree
from tools.wire.ir import (
    Bytes,
    Dialect,
    Json,
    Limit,
    Numbers,
    Presence,
    Scalar,
    Time,
    WhenUnset,
    WireField,
)
from tools.wire.options.rules import Defaults, FieldRule
from tools.wire.passes.dialects import CANONICAL, Dialects

NUMERIC = frozenset(Scalar) - {Scalar.BOOL, Scalar.STRING, Scalar.BYTES}
NUMBER_WRAPPERS = frozenset(
    f"google.protobuf.{name}Value" for name in ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32")
)
_NOTHING = FieldRule()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Facts:
    """One field's facts in one dialect, after precedence; `presence` is where it is stated, else None."""

    presence: Presence | None
    json: str | None
    also: tuple[str, ...]
    literal: str | None
    default: str | None
    numbers: Numbers
    bytes: Bytes
    time: Time
    limit: Limit | None
    required: bool


def facts(field: FieldDecl, inherited: tuple[Defaults, ...], dialect: str) -> Facts:
    """`inherited`: the defaults of message and file, strongest first."""
    rule = field.rule or _NOTHING
    per = next((each for each in rule.per if dialect in each.dialects), _NOTHING)
    from_above = () if field.oneof else inherited
    presence = _first(per.presence, rule.presence, *(each.presence for each in from_above))
    return Facts(
        presence=None if presence is Presence.IMPLICIT else presence,
        json=_first(per.json, rule.json),
        also=per.also or rule.also,
        literal=_first(per.literal, rule.literal),
        default=_first(per.default, rule.default),
        numbers=_first(per.numbers, rule.numbers, *(each.numbers for each in inherited)) or Numbers.PROTOJSON,
        bytes=_first(per.bytes, rule.bytes, *(each.bytes for each in inherited)) or Bytes.PROTOJSON,
        time=_first(per.time, rule.time, *(each.time for each in inherited)) or Time.PROTOJSON,
        limit=_first(per.limit, rule.limit),
        required=bool(_first(per.required, rule.required)),
    )


def _first(*values: T | None) -> T | None:
    return next((value for value in values if value is not None), None)


def inherited(message: MessageDecl) -> tuple[Defaults, ...]:
    """The defaults that fields of a message inherit, strongest first."""
    rules = (message.rule, message.file.rules.rule)
    return tuple(rule.defaults for rule in rules if rule)


def wire_field(field: FieldDecl, key_as_is: bool, found: Facts, dialect: Dialect) -> WireField:
    """`key_as_is`: the name of the .proto is the key (NAMES_PROTO). `found.default` must be JSON (`parse_default`)."""
    key, *also = _keys(field, key_as_is, found)
    presence = found.presence or _protojson_presence(field)
    if found.literal is not None:
        presence = Presence.ALWAYS
    nullable = presence in (Presence.NULL, Presence.OMIT_OR_NULL)
    write_null = nullable and (dialect.write_null or presence is Presence.NULL)
    has_default = found.default is not None and found.literal is None
    default = json.loads(found.default) if found.default is not None and has_default else None
    must = presence in (Presence.ALWAYS, Presence.NULL) and not has_default
    return WireField(
        key=key,
        also=tuple(also),
        presence=presence,
        required=found.required if found.literal is not None else must,
        nullable=nullable,
        has_default=has_default,
        default=default,
        literal=found.literal,
        when_unset=_when_unset(dialect, nullable, write_null, has_default, default),
        write_null=write_null,
        write_literal=found.literal is not None and (dialect.write_literals or found.required),
        numbers=found.numbers if is_numeric(field) else Numbers.PROTOJSON,
        bytes=found.bytes if is_bytes(field) else Bytes.PROTOJSON,
        time=found.time if field.message == "google.protobuf.Timestamp" else Time.PROTOJSON,
        limit=found.limit,
    )


def protojson_field(field: FieldDecl) -> WireField:
    """Canonical ProtoJSON: no annotation counts."""
    nothing = Facts(None, None, (), None, None, Numbers.PROTOJSON, Bytes.PROTOJSON, Time.PROTOJSON, None, False)
    return wire_field(field, False, nothing, CANONICAL)


def keys(field: FieldDecl, file: FileDecl, found: Facts) -> tuple[str, ...]:
    """The keys of a field: the one that is written first, then the others that a reader takes."""
    return _keys(field, _key_as_is(file), found)


def _keys(field: FieldDecl, as_is: bool, found: Facts) -> tuple[str, ...]:
    """ProtoJSON: json_name, and the .proto name for readers; an extension is its full name in brackets."""
    proto = field.proto
    if proto.extendee:
        return (f"[{field.full_name}]",)
    if found.json is not None:
        return (found.json, *found.also)
    if as_is or proto.name == proto.json_name:
        return (proto.name, *found.also)
    return (proto.json_name, proto.name, *found.also)


def _key_as_is(file: FileDecl) -> bool:
    return bool(file.rules.rule and file.rules.rule.proto_names)


def _protojson_presence(field: FieldDecl) -> Presence:
    return Presence.EXPLICIT if field.has_presence else Presence.IMPLICIT


def _when_unset(dialect: Dialect, nullable: bool, write_null: bool, has_default: bool, default: Json) -> WhenUnset:
    """What to write for a field that is not set, with the dialect's rule for null already taken into account."""
    if dialect.unset is WhenUnset.NULL and nullable:
        return WhenUnset.NULL if write_null else WhenUnset.OMIT
    if dialect.unset is WhenUnset.OMIT or not has_default:
        return WhenUnset.OMIT
    return WhenUnset.DEFAULT if default is not None or write_null else WhenUnset.OMIT


def is_numeric(field: FieldDecl) -> bool:
    """Whether `numbers` speaks of the field: its values are numbers, bare or wrapped."""
    return field.type in NUMERIC or field.message in NUMBER_WRAPPERS


def is_bytes(field: FieldDecl) -> bool:
    """Whether `bytes` speaks of the field."""
    return field.type is Scalar.BYTES or field.message == "google.protobuf.BytesValue"


def parse_default(text: str) -> Json:
    """JSON text as a value. ValueError when it is none; NaN and the infinities are none."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    value: Json = json.loads(text, parse_constant=refuse)
    return value


def proto_default(field: FieldDecl) -> Json:
    """The default of proto2 and editions as ProtoJSON; None without one."""
    proto = field.proto
    if not proto.HasField("default_value"):
        return None
    text = proto.default_value
    if field.type is Scalar.BOOL:
        return text == "true"
    if field.type is Scalar.BYTES:
        return base64.b64encode(text_encoding.CUnescape(text)).decode()
    if field.type in (Scalar.DOUBLE, Scalar.FLOAT):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(text) or float(text)
    return int(text) if field.type in NUMERIC else text


def ir_field(
    field: FieldDecl, py_name: str, file: FileDecl, above: tuple[Defaults, ...], dialects: tuple[Dialect, ...]
) -> ir.Field:
    """The field with one WireField for each of `dialects` (those that have it) and for ProtoJSON."""
    as_is = _key_as_is(file)
    wire = {dialect.name: wire_field(field, as_is, facts(field, above, dialect.name), dialect) for dialect in dialects}
    wire[ir.PROTOJSON] = protojson_field(field)
    return ir.Field(
        name=field.proto.name,
        py_name=py_name,
        json_name=field.proto.json_name,
        number=field.proto.number,
        cardinality=field.cardinality,
        type=field.type,
        message=field.message,
        enum=field.enum,
        key_type=field.key_type,
        has_presence=field.has_presence,
        required=field.required,
        packed=field.packed,
        delimited=field.delimited,
        oneof=field.oneof,
        proto_default=proto_default(field),
        doc=field.doc,
        source=field.source,
        wire=wire,
    )


def dialects_having(field: FieldDecl, message: MessageDecl, tree: Tree, dialects: Dialects) -> tuple[Dialect, ...]:
    """The dialects that have a field: those of its message, less what `only` of the field or of its type takes away."""
    only = field.rule.only if field.rule else ()
    held = tree.messages.get(field.message)
    result = []
    for dialect in dialects.having(message):
        if only and dialect.name not in only:
            continue
        if held is not None:
            inside = dialects.inside(held.file, dialect.name)
            if inside is None or inside not in {each.name for each in dialects.having(held)}:
                continue
        result.append(dialect)
    return tuple(result)
