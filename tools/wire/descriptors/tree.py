"""The declarations of a FileDescriptorSet as a flat, named tree: what the passes start from."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    EnumValueDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    MethodDescriptorProto,
    OneofDescriptorProto,
    ServiceDescriptorProto,
)

from tools.wire.descriptors.features import Features
from tools.wire.descriptors.source import OPTIONS, Locations
from tools.wire.ir import Cardinality, Scalar, Source
from tools.wire.options.rules import (
    EnumRule,
    FieldRule,
    FileRules,
    HttpRule,
    MessageRule,
    MethodRule,
    OneofRule,
    ValueRule,
)

_DIALECTS = 50501  # the number of wire.v1.dialects


@dataclass(frozen=True, slots=True)
class FieldDecl:
    """A field or an extension; `oneof` the name of its real oneof; `full_name` as protoc writes it."""

    proto: FieldDescriptorProto
    full_name: str
    source: Source
    doc: str
    rule: FieldRule | None
    cardinality: Cardinality
    type: Scalar | None
    message: str
    enum: str
    key_type: Scalar | None
    oneof: str
    has_presence: bool
    required: bool
    packed: bool
    delimited: bool


@dataclass(frozen=True, slots=True)
class OneofDecl:
    """A real oneof; `fields` are the names of its arms."""

    proto: OneofDescriptorProto
    full_name: str
    fields: tuple[str, ...]
    source: Source
    doc: str
    rule: OneofRule | None


@dataclass(frozen=True, slots=True)
class MessageDecl:
    """`path` is the name without the package, in parts: ("Outer", "Inner")."""

    proto: DescriptorProto
    full_name: str
    path: tuple[str, ...]
    file: FileDecl
    source: Source
    doc: str
    rule: MessageRule | None
    fields: tuple[FieldDecl, ...]
    oneofs: tuple[OneofDecl, ...]


@dataclass(frozen=True, slots=True)
class ValueDecl:
    """An enum value."""

    proto: EnumValueDescriptorProto
    source: Source
    doc: str
    rule: ValueRule | None


@dataclass(frozen=True, slots=True)
class EnumDecl:
    """An enum; `path` as in MessageDecl, `closed` as in ir.Enum."""

    proto: EnumDescriptorProto
    full_name: str
    path: tuple[str, ...]
    file: FileDecl
    source: Source
    doc: str
    rule: EnumRule | None
    closed: bool
    values: tuple[ValueDecl, ...]


@dataclass(frozen=True, slots=True)
class MethodDecl:
    """A method; `http` are its bindings, the additional ones after the first."""

    proto: MethodDescriptorProto
    full_name: str
    source: Source
    doc: str
    rule: MethodRule | None
    http: tuple[HttpRule, ...]


@dataclass(frozen=True, slots=True)
class ServiceDecl:
    """A service."""

    proto: ServiceDescriptorProto
    full_name: str
    file: FileDecl
    source: Source
    doc: str
    methods: tuple[MethodDecl, ...]


@dataclass(frozen=True, slots=True)
class ExtensionDecl:
    """An extension field with the full name of the message that it extends."""

    extendee: str
    file: FileDecl
    field: FieldDecl


@dataclass(frozen=True, slots=True, eq=False)
class FileDecl:
    """One .proto with what its own options say; `features` are those at its top."""

    proto: FileDescriptorProto
    name: str
    package: str
    syntax: str
    locations: Locations
    rules: FileRules
    features: Features

    def dialect_source(self, index: int) -> Source:
        """Where the file declares its dialect number `index`."""
        return self.locations.source((OPTIONS, _DIALECTS, index))


@dataclass(frozen=True, slots=True)
class Tree:
    """Everything that the set declares, in file order; `messages` hold map entries too."""

    files: dict[str, FileDecl]
    messages: dict[str, MessageDecl]
    enums: dict[str, EnumDecl]
    services: dict[str, ServiceDecl]
    extensions: list[ExtensionDecl]
