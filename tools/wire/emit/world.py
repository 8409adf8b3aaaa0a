"""Look-ups over a Schema that the Python emitters share: by name, across packages, and into the well-known types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorSet

from tools.wire import ir
from tools.wire.ir import PROTOJSON, Kind, Scalar

WRAPPERS = {
    "google.protobuf.DoubleValue": Scalar.DOUBLE,
    "google.protobuf.FloatValue": Scalar.FLOAT,
    "google.protobuf.Int64Value": Scalar.INT64,
    "google.protobuf.UInt64Value": Scalar.UINT64,
    "google.protobuf.Int32Value": Scalar.INT32,
    "google.protobuf.UInt32Value": Scalar.UINT32,
    "google.protobuf.BoolValue": Scalar.BOOL,
    "google.protobuf.StringValue": Scalar.STRING,
    "google.protobuf.BytesValue": Scalar.BYTES,
}
# Full name -> how Python has it.
WELL_KNOWN = {
    "google.protobuf.Any": "AnyMessage",
    "google.protobuf.Duration": "Duration",
    "google.protobuf.Empty": "Empty",
    "google.protobuf.FieldMask": "FieldMask",
    "google.protobuf.ListValue": "list[JsonValue]",
    "google.protobuf.Struct": "dict[str, JsonValue]",
    "google.protobuf.Timestamp": "Timestamp",
    "google.protobuf.Value": "JsonValue",
}
NULL_VALUE = "google.protobuf.NullValue"
VALUE = "google.protobuf.Value"
UNIONS = frozenset((Kind.TAGGED, Kind.SHAPE))


class World:
    def __init__(self, schema: ir.Schema) -> None:
        self.schema = schema
        self.files = {file.name: file for file in schema.files}
        self.messages = {message.full_name: message for message in schema.messages}
        self.enums = {enum.full_name: enum for enum in schema.enums}

    def messages_of(self, file: ir.File) -> Iterator[ir.Message]:
        return (each for each in self.schema.messages if each.file == file.name and not each.map_entry)

    def enums_of(self, file: ir.File) -> Iterator[ir.Enum]:
        return (each for each in self.schema.enums if each.file == file.name)

    def dialects(self, message: ir.Message) -> tuple[str, ...]:
        """The declared dialects that have the message."""
        return tuple(name for name in self.files[message.file].dialects if name in message.wire)

    def inside(self, thing: ir.Message | ir.Enum, dialect: str) -> str:
        """The dialect that speaks for `thing` where something of another package holds it."""
        return dialect if dialect in thing.wire else ir.DEFAULT

    def kind(self, message: ir.Message) -> Kind:
        """What the message is in Python: an object, or transparent (INLINE, TAGGED, SHAPE), or a well-known value."""
        if message.full_name in WELL_KNOWN or message.full_name in WRAPPERS:
            return Kind.WELL_KNOWN
        declared = self.dialects(message)
        return message.wire[declared[0]].kind if declared else Kind.OBJECT

    def rule(self, message: ir.Message, dialect: str) -> ir.WireMessage:
        return message.wire[self.inside(message, dialect)]

    def field(self, message: ir.Message, name: str) -> ir.Field:
        return next(field for field in message.fields if field.name == name)

    def arms(self, message: ir.Message) -> tuple[ir.Field, ...]:
        """The fields of a message that is transparent in Python: of all its dialects, the first one's first."""
        names: dict[str, None] = {}
        for dialect in self.dialects(message):
            rule = message.wire[dialect]
            names |= dict.fromkeys(arm.field for arm in rule.arms) or dict.fromkeys(rule.fields)
        return tuple(self.field(message, name) for name in names)

    def null_inline(self, message: ir.Message) -> bool:
        """Whether an INLINE message can be null."""
        (field,) = self.arms(message)
        return any(field.wire[name].nullable for name in self.dialects(message) if name in field.wire)

    def python_values(self, enum: ir.Enum) -> dict[str, str]:
        """Value name -> what Python has for it: the string that the package's first dialect writes, else the name."""
        first = self.files[enum.file].dialects[0]
        return {value.name: value.wire[first].json if first in value.wire else "" for value in enum.values} | {
            value.name: value.name for value in enum.values if first not in value.wire or not value.wire[first].json
        }

    def by_number(self, enum: ir.Enum) -> dict[int, str]:
        """Number -> Python value; of aliases the first."""
        values = self.python_values(enum)
        return {value.number: values[value.name] for value in reversed(enum.values)}

    @cached_property
    def extended(self) -> frozenset[str]:
        """Messages that extensions can be added to, by any file."""
        found: set[str] = set()
        todo: list[tuple[str, DescriptorProto]] = [
            (file.package, message)
            for file in FileDescriptorSet.FromString(self.schema.descriptors).file
            for message in file.message_type
        ]
        while todo:
            prefix, message = todo.pop()
            name = f"{prefix}.{message.name}".lstrip(".")
            todo += [(name, nested) for nested in message.nested_type]
            if message.extension_range:
                found.add(name)
        return frozenset(found)


def part_module(module: str, what: str) -> str:
    """The private module beside `module` that holds a dialect's tables, or "binary"."""
    package, _, stem = module.rpartition(".")
    name = f"_{stem}_{re.sub(r'[^a-z0-9]', '_', what)}"
    return f"{package}.{name}" if package else name


def path(module: str) -> str:
    return module.replace(".", "/") + ".py"


def dialects_of(file: ir.File) -> tuple[str, ...]:
    return (*file.dialects, PROTOJSON)
