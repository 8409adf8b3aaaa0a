"""Modules that make JSON values of every message: one walk over the IR, in the words of a vocabulary.

`strategies` and `bulk` differ only in how they say "an integer from 1 to 9"; what a message is made of is said once,
here. A module has one definition per message and dialect, `SampleRequest_0` for the first dialect; `VALUES` has all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tools.wire import ir

PREFIX = "google.protobuf."
WRAPPERS = {
    PREFIX + "DoubleValue": ir.Scalar.DOUBLE,
    PREFIX + "FloatValue": ir.Scalar.FLOAT,
    PREFIX + "Int64Value": ir.Scalar.INT64,
    PREFIX + "UInt64Value": ir.Scalar.UINT64,
    PREFIX + "Int32Value": ir.Scalar.INT32,
    PREFIX + "UInt32Value": ir.Scalar.UINT32,
    PREFIX + "BoolValue": ir.Scalar.BOOL,
    PREFIX + "StringValue": ir.Scalar.STRING,
    PREFIX + "BytesValue": ir.Scalar.BYTES,
}
FLOATS = (ir.Scalar.FLOAT, ir.Scalar.DOUBLE)
_BITS = {ir.Scalar.INT32: 32, ir.Scalar.SINT32: 32, ir.Scalar.SFIXED32: 32} | {
    ir.Scalar.UINT32: -32,
    ir.Scalar.FIXED32: -32,
    ir.Scalar.UINT64: -64,
    ir.Scalar.FIXED64: -64,
}


@dataclass(frozen=True, slots=True)
class Member:
    """A key of an object. `value`: an expression. `absent`, `null`: whether it may be missing or null."""

    key: str
    value: str
    absent: bool
    null: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """Members of which at most one is there; exactly one when `required`."""

    members: tuple[Member, ...]
    required: bool


class Vocabulary(Protocol):
    """How a kind of module says things: every method gives an expression, `define` whole lines."""

    suffix: str
    """Of the module's name: "bulk" in tinker/v1/training_bulk.py."""

    header: str
    """What stands before the definitions."""

    def integer(self, low: int, high: int, quoted: bool) -> str:
        """A whole number, as text where 64 bits are written as a string."""

    def floating(self, low: float | None, high: float | None, single: bool) -> str:
        """A finite number; `single`: one that 32 bits hold."""

    def boolean(self) -> str:
        """True or false."""

    def text(self, name: str, limit: ir.Limit) -> str:
        """A string inside the limits; `name`: the field's full name, a seed."""

    def base64(self, limit: ir.Limit, url_safe: bool) -> str:
        """Bytes as base64 with padding."""

    def timestamp(self, seconds: bool) -> str:
        """A time as RFC 3339, or as seconds since 1970."""

    def duration(self) -> str:
        """A span such as "1.500s"."""

    def json(self, kind: str) -> str:
        """Any JSON: kind "Struct", "Value" or "ListValue"."""

    def constant(self, value: ir.Json) -> str:
        """One value."""

    def one_of(self, values: Sequence[str]) -> str:
        """One of some strings."""

    def any_of(self, expressions: Sequence[str]) -> str:
        """What one of some expressions makes."""

    def or_null(self, expression: str) -> str:
        """The expression or null."""

    def list_of(self, expression: str, low: int, high: int, deep: bool) -> str:
        """A list of low to high elements; `deep`: the element may hold the list again."""

    def map_of(self, keys: Sequence[str], expression: str, low: int, deep: bool) -> str:
        """An object with at least `low` of the keys."""

    def reference(self, name: str, deep: bool) -> str:
        """What the definition `name` makes; `deep`: it may hold the place that refers to it."""

    def define(self, name: str, doc: str, expression: str) -> list[str]:
        """The definition of a message that is not an object."""

    def define_object(self, name: str, doc: str, parts: Sequence[Member | Choice]) -> list[str]:
        """The definition of an object."""


def emit(schema: ir.Schema, words: Vocabulary) -> dict[str, str]:
    """The modules by path, for the generated files that hold messages."""
    writer = _Writer(schema, words)
    found = {file.name: writer.module(file) for file in schema.files if file.generate}
    return {_path(name, words.suffix): text for name, text in found.items() if text}


def _path(file: str, suffix: str) -> str:
    return f"{file.removesuffix('.proto').replace('-', '_')}_{suffix}.py"


class _Writer:
    def __init__(self, schema: ir.Schema, words: Vocabulary) -> None:
        self.words = words
        self.schema = schema
        self.messages = {message.full_name: message for message in schema.messages}
        self.enums = {enum.full_name: enum for enum in schema.enums}
        self.files = {file.name: file for file in schema.files}

    def module(self, file: ir.File) -> str:
        """The text of one file's module, or nothing where it has no messages."""
        mine = [message for message in self.schema.messages if message.file == file.name and not message.map_entry]
        if not mine:
            return ""
        self.here = file.name
        self.imports: dict[str, str] = {}
        body: list[str] = []
        entries: list[str] = []
        for message in mine:
            for dialect in message.wire:
                name = self._name(message, dialect)
                doc = f"{message.full_name} in {dialect}."
                body += ["", "", *self._message(message, dialect, name, doc)]
                entries.append(f'    ("{message.full_name}", "{dialect}"): {name},')
        head = f'"""Values of the messages of {file.name}.\n\nGenerated by Samewire; do not edit.\n"""\n# ruff: noqa\n'
        imports = [f"import {module} as {name}" for module, name in sorted(self.imports.items())]
        lines = [head + self.words.header.rstrip("\n"), *imports, *body, "", "", "VALUES = {", *entries, "}"]
        return "\n".join(lines) + "\n"

    def _name(self, message: ir.Message, dialect: str) -> str:
        return f"{message.py_name}_{list(message.wire).index(dialect)}"

    def _message(self, message: ir.Message, dialect: str, name: str, doc: str) -> list[str]:
        wire = message.wire[dialect]
        fields = {of.name: of for of in message.fields}
        owner = message.full_name
        if wire.kind is ir.Kind.INLINE:
            only = fields[wire.fields[0]]
            value = self._field(only, owner, dialect)
            return self.words.define(name, doc, self.words.or_null(value) if only.wire[dialect].nullable else value)
        if wire.kind in (ir.Kind.TAGGED, ir.Kind.SHAPE):
            arms = dict.fromkeys(arm.field for arm in wire.arms)
            return self.words.define(
                name, doc, self.words.any_of([self._element(fields[arm], owner, dialect) for arm in arms])
            )
        parts: list[Member | Choice] = []
        seen: set[str] = set()
        for field_name in wire.fields:
            of = fields[field_name]
            if not of.oneof:
                member = self._member(of, owner, dialect)
                if member:
                    parts.append(member)
            elif of.oneof not in seen:
                seen.add(of.oneof)
                group = next(oneof for oneof in message.oneofs if oneof.name == of.oneof)
                arms_of = [fields[arm] for arm in group.fields if arm in wire.fields]
                members = tuple(
                    Member(arm.wire[dialect].key, self._element(arm, owner, dialect), absent=False, null=False)
                    for arm in arms_of
                )
                parts.append(Choice(members, group.required and dialect != ir.PROTOJSON))
        return self.words.define_object(name, doc, parts)

    def _member(self, of: ir.Field, owner: str, dialect: str) -> Member | None:
        rule = of.wire[dialect]
        if rule.literal is not None:
            if not rule.write_literal:
                return None
            return Member(rule.key, self.words.constant(rule.literal), absent=False, null=False)
        return Member(
            rule.key,
            self._field(of, owner, dialect),
            absent=not (rule.required or of.required),
            null=rule.nullable and rule.write_null,
        )

    def _field(self, of: ir.Field, owner: str, dialect: str) -> str:
        limit = of.wire[dialect].limit or ir.Limit()
        element = self._element(of, owner, dialect)
        deep = self._recursive(of)
        low = limit.min_items or 0
        if of.cardinality is ir.Cardinality.REPEATED:
            high = min(limit.max_items if limit.max_items is not None else 7, max(low, 7))
            return self.words.list_of(element, low, high, deep)
        if of.cardinality is ir.Cardinality.MAP:
            return self.words.map_of(_keys(of.key_type, max(low, 3)), element, low, deep)
        return element

    def _recursive(self, of: ir.Field) -> bool:
        return bool(of.message) and of.message in self.messages and self.messages[of.message].recursive

    def _element(self, of: ir.Field, owner: str, dialect: str) -> str:
        rule = of.wire[dialect]
        limit = rule.limit or ir.Limit()
        scalar = of.type or WRAPPERS.get(of.message)
        if of.enum == PREFIX + "NullValue":
            return self.words.constant(None)
        if of.enum:
            return self.words.one_of(self._enum(of.enum, dialect))
        if scalar is None:
            return self._held(of, dialect)
        if scalar is ir.Scalar.BOOL:
            return self.words.boolean()
        if scalar is ir.Scalar.STRING:
            return self.words.text(f"{owner}.{of.name}", limit)
        if scalar is ir.Scalar.BYTES:
            return self.words.base64(limit, rule.bytes is ir.Bytes.BASE64URL)
        if scalar in FLOATS:
            return self.words.floating(limit.min, limit.max, scalar is ir.Scalar.FLOAT)
        low, high = _range(scalar, limit)
        wide = abs(_BITS.get(scalar, 64)) == 64
        return self.words.integer(low, high, quoted=wide and rule.numbers is ir.Numbers.PROTOJSON)

    def _enum(self, name: str, dialect: str) -> list[str]:
        enum = self.enums[name]
        dialect = next(each for each in (dialect, ir.DEFAULT, ir.PROTOJSON) if each in enum.wire)
        spelled = [value.wire[dialect].json for value in enum.values if dialect in value.wire]
        return list(dict.fromkeys(text for text in spelled if text))

    def _held(self, of: ir.Field, dialect: str) -> str:
        short = of.message.removeprefix(PREFIX)
        if short == "Timestamp":
            return self.words.timestamp(of.wire[dialect].time is ir.Time.EPOCH_SECONDS)
        if short == "Duration":
            return self.words.duration()
        if short in ("Struct", "Value", "ListValue"):
            return self.words.json(short)
        if short == "FieldMask":
            return self.words.constant("first.secondPart,third")
        if short == "Any":
            return self.words.constant({"@type": f"type.googleapis.com/{PREFIX}Duration", "value": "1.500s"})
        message = self.messages[of.message]
        if not self.files[message.file].generate:
            return self.words.constant({})
        inner = next(each for each in (dialect, ir.DEFAULT, ir.PROTOJSON) if each in message.wire)
        name = self._name(message, inner)
        if message.file != self.here:
            module = self.files[message.file].module.removesuffix("_wire") + "_" + self.words.suffix
            name = f"{self.imports.setdefault(module, '_' + module.replace('.', '_'))}.{name}"
        return self.words.reference(name, message.recursive)


def _range(scalar: ir.Scalar, limit: ir.Limit) -> tuple[int, int]:
    bits = _BITS.get(scalar, 64)
    low, high = (0, 2**-bits - 1) if bits < 0 else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return (
        low if limit.min is None else max(low, int(limit.min)),
        high if limit.max is None else min(high, int(limit.max)),
    )


def _keys(scalar: ir.Scalar | None, count: int) -> list[str]:
    if scalar is ir.Scalar.BOOL:
        return ["false", "true"]
    if scalar is ir.Scalar.STRING:
        return [f"key-{index}" for index in range(count)]
    return [str(index) for index in range(count)]
