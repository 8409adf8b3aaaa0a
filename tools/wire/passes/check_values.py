"""Whether the default of a field is JSON that the field could hold."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from tools.wire.descriptors.tree import EnumDecl, FieldDecl, FileDecl, MessageDecl
from tools.wire.ir import Bytes, Cardinality, Json, Kind, Numbers, Presence, Scalar
from tools.wire.passes import enums, fields, limits, messages
from tools.wire.passes.context import Context
from tools.wire.passes.fields import Facts, facts, parse_default

_MANY = (Kind.TAGGED, Kind.SHAPE)
_STRINGS = frozenset(
    f"google.protobuf.{name}" for name in ("Timestamp", "Duration", "FieldMask", "StringValue", "BytesValue")
)


def check_default(field: FieldDecl, file: FileDecl, found: Facts, dialect: str, context: Context) -> None:
    """Adds a finding when `found.default` can't be meant in `dialect`."""
    at, where = field.source, field.full_name
    text = found.default
    assert text is not None
    try:
        value = parse_default(text)
    except (ValueError, RecursionError):
        context.findings.add(
            at, where, f"the default {text} is no JSON", 'write JSON text: default: "1", default: "\\"text\\""'
        )
        return
    presence = found.presence
    if presence is None:
        context.findings.add(
            at,
            where,
            "`default` without `presence` changes nothing: missing reads as ProtoJSON has it",
            "add presence: PRESENCE_OMIT or PRESENCE_ALWAYS",
        )
    elif presence in (Presence.NULL, Presence.OMIT_OR_NULL):
        if value is not None:
            context.findings.add(
                at,
                where,
                f"the default {text} contradicts PRESENCE_{presence.name}: only null can stand for missing there",
                'use default: "null", or PRESENCE_OMIT',
            )
    elif value is None and field.message != "google.protobuf.Value":
        context.findings.add(
            at,
            where,
            f"the default null contradicts PRESENCE_{presence.name}, which refuses null",
            "use PRESENCE_NULL or PRESENCE_OMIT_OR_NULL",
        )
    else:
        try:
            fault = _Reader(context).field(value, field, found, dialect)
        except RecursionError:  # a message whose JSON is that of itself: a finding of its own
            return
        if fault:
            context.findings.add(at, where, f"the default {text} does not fit: {fault}", "correct it")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Each method says what is wrong with a value, "" when nothing is. Depth is bounded by that of the value."""

    context: Context

    def field(self, value: Json, field: FieldDecl, found: Facts, dialect: str) -> str:
        if field.cardinality is Cardinality.SINGULAR:
            return self._single(value, field, found, dialect)
        if field.cardinality is Cardinality.MAP:
            if not isinstance(value, dict):
                return f"expected an object, got {_kind(value)}"
            items = list(value.values())
        elif isinstance(value, list):
            items = value
        else:
            return f"expected a list, got {_kind(value)}"
        limit = found.limit
        if limit and limit.min_items is not None and len(items) < limit.min_items:
            return f"{len(items)} items are fewer than min_items {limit.min_items}"
        if limit and limit.max_items is not None and len(items) > limit.max_items:
            return f"{len(items)} items are more than max_items {limit.max_items}"
        return next((fault for item in items if (fault := self._single(item, field, found, dialect))), "")

    def _single(self, value: Json, field: FieldDecl, found: Facts, dialect: str) -> str:
        if field.message:
            return self._message(value, self.context.tree.messages[field.message], dialect)
        if field.enum:
            return self._enum(value, self.context.tree.enums[field.enum], dialect)
        assert field.type is not None
        fault = _scalar(value, field.type, found)
        if not fault and found.limit:
            fault = limits.breach(value, found.limit)
        return fault

    def _enum(self, value: Json, enum: EnumDecl, dialect: str) -> str:
        inside = self.context.dialects.inside(enum.file, dialect)
        if inside is None or enum.full_name == "google.protobuf.NullValue":
            return ""
        if not isinstance(value, str):
            return f"expected a string of {enum.full_name}, got {_kind(value)}"
        known = [enums.wire_value(each).json for each in enums.values_in(enum, inside)]
        return "" if value in known else f'{enum.full_name} has no "{value}" there ({", ".join(filter(None, known))})'

    def _message(self, value: Json, message: MessageDecl, dialect: str) -> str:
        inside = self.context.dialects.inside(message.file, dialect)
        if inside is None:
            return ""
        kind = messages.kind_of(message)
        if kind is Kind.WELL_KNOWN:
            return _well_known(value, message.full_name)
        above = fields.inherited(message)
        there = {
            each.proto.name: (each, facts(each, above, inside))
            for each in message.fields
            if inside
            in {d.name for d in fields.dialects_having(each, message, self.context.tree, self.context.dialects)}
        }
        if kind is Kind.INLINE:
            return next((self.field(value, *each, inside) for each in there.values()), "")
        if kind in _MANY:
            faults = [self.field(value, *each, inside) for each in there.values()]
            return "" if not all(faults) else f"no arm of {message.full_name} takes it ({faults[0]})"
        return self._object(value, message, there, inside)

    def _object(
        self, value: Json, message: MessageDecl, there: dict[str, tuple[FieldDecl, Facts]], dialect: str
    ) -> str:
        if not isinstance(value, dict):
            return f"expected an object for {message.full_name}, got {_kind(value)}"
        keys = {key: each for each in there.values() for key in fields.keys(each[0], message.file, each[1])}
        for key, item in value.items():
            if key not in keys:
                return f'{message.full_name} has no key "{key}"'
            field, found = keys[key]
            nullable = found.presence in (None, Presence.NULL, Presence.OMIT_OR_NULL)
            if found.literal is not None:
                fault = "" if item == found.literal else f'expected "{found.literal}"'
            else:
                fault = "" if item is None and nullable else self.field(item, field, found, dialect)
            if fault:
                return f"{key}: {fault}"
        for field, found in there.values():
            names = fields.keys(field, message.file, found)
            must = (
                found.presence in (Presence.ALWAYS, Presence.NULL) and found.default is None and found.literal is None
            )
            if (must or found.required) and not any(name in value for name in names):
                return f'the key "{names[0]}" of {message.full_name} is missing'
        return ""


def _scalar(value: Json, scalar: Scalar, found: Facts) -> str:
    if scalar is Scalar.BOOL:
        return "" if isinstance(value, bool) else f"expected true or false, got {_kind(value)}"
    if scalar is Scalar.STRING:
        return "" if isinstance(value, str) else f"expected a string, got {_kind(value)}"
    if scalar is Scalar.BYTES:
        return _base64(value, found.bytes)
    if isinstance(value, str) and found.numbers is not Numbers.PLAIN:
        try:
            value = float(value) if limits.int_range(scalar) is None else int(value)
        except ValueError:
            return "expected a number, got a string"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"expected a number, got {_kind(value)}"
    span = limits.int_range(scalar)
    if span is None:
        return ""
    if isinstance(value, float) and (found.numbers is Numbers.PLAIN or not value.is_integer()):
        return f"expected an integer, got {value}"
    return "" if span[0] <= value <= span[1] else f"{value} is out of range for {scalar}"


def _base64(value: Json, alphabet: Bytes) -> str:
    if not isinstance(value, str):
        return f"expected base64 text, got {_kind(value)}"
    standard = value if alphabet is Bytes.BASE64 else value.replace("-", "+").replace("_", "/")
    if alphabet is Bytes.PROTOJSON:
        standard += "=" * (-len(standard) % 4)
    try:
        base64.b64decode(standard, validate=True)
    except binascii.Error:
        return "it is not base64"
    return ""


def _well_known(value: Json, name: str) -> str:
    """Only the JSON type: the values of well-known types are the reader's business."""
    if name in _STRINGS:
        return "" if isinstance(value, str) else f"expected a string, got {_kind(value)}"
    if name in ("google.protobuf.Struct", "google.protobuf.Any"):
        return "" if isinstance(value, dict) else f"expected an object, got {_kind(value)}"
    if name == "google.protobuf.ListValue":
        return "" if isinstance(value, list) else f"expected a list, got {_kind(value)}"
    if name == "google.protobuf.BoolValue":
        return "" if isinstance(value, bool) else f"expected true or false, got {_kind(value)}"
    return ""


def _kind(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "an object"
