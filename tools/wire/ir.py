"""The frozen intermediate representation: what emitters see, and all they see.

Shape: a `Schema` holds every file of a run; messages and enums are flat tuples in file order, found by full name. Rules
are resolved per dialect by the passes, so an emitter never decides anything: for each field and each dialect there is
one `WireField` that says how it is read and written. The IR dumps to JSON (`tools.wire.ir_json`), so an emitter in
another language can start from there.

Every package has at least one dialect; a package that declares none has the nameless one, "default". The built-in
dialect "protojson" is canonical ProtoJSON: it ignores all annotations and exists for every message.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

PROTOJSON = "protojson"
DEFAULT = "default"

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


class Cardinality(StrEnum):
    SINGULAR = "singular"
    REPEATED = "repeated"
    MAP = "map"


class Scalar(StrEnum):
    """The .proto scalar types, by their .proto names."""

    DOUBLE = "double"
    FLOAT = "float"
    INT32 = "int32"
    INT64 = "int64"
    UINT32 = "uint32"
    UINT64 = "uint64"
    SINT32 = "sint32"
    SINT64 = "sint64"
    FIXED32 = "fixed32"
    FIXED64 = "fixed64"
    SFIXED32 = "sfixed32"
    SFIXED64 = "sfixed64"
    BOOL = "bool"
    STRING = "string"
    BYTES = "bytes"


class Presence(StrEnum):
    """The states a field can be in; the first two are ProtoJSON's, the others wire.v1.Presence."""

    IMPLICIT = "implicit"
    EXPLICIT = "explicit"
    ALWAYS = "always"
    NULL = "null"
    OMIT = "omit"
    OMIT_OR_NULL = "omit_or_null"


class WhenUnset(StrEnum):
    """What a writer does with a field that was never set."""

    OMIT = "omit"
    DEFAULT = "default"
    NULL = "null"


class Numbers(StrEnum):
    PROTOJSON = "protojson"
    PLAIN = "plain"
    LENIENT = "lenient"


class Bytes(StrEnum):
    PROTOJSON = "protojson"
    BASE64 = "base64"
    BASE64URL = "base64url"


class Time(StrEnum):
    PROTOJSON = "protojson"
    LENIENT = "lenient"
    EPOCH_SECONDS = "epoch_seconds"


class Unknown(StrEnum):
    FORBID = "forbid"
    IGNORE = "ignore"
    KEEP = "keep"


class UnknownValue(StrEnum):
    """What a reader does with an enum string that it does not know."""

    REJECT = "reject"
    ZERO = "zero"
    KEEP = "keep"


class Kind(StrEnum):
    """How the JSON of a message looks."""

    OBJECT = "object"  # an object, one key per field
    INLINE = "inline"  # the JSON of its only field
    TAGGED = "tagged"  # the JSON of the oneof's arm, told by a tag
    SHAPE = "shape"  # the JSON of the oneof's arm, told by its form
    WELL_KNOWN = "well_known"  # google.protobuf.*, as the ProtoJSON specification says


@dataclass(frozen=True, slots=True)
class Source:
    """Where a thing stands in a .proto: 1-based line; `file` as protoc was given it."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Dialect:
    """One generation of clients. The passes have already worked its rules into each `WireField`."""

    name: str
    unset: WhenUnset
    write_null: bool
    write_literals: bool
    source: str


@dataclass(frozen=True, slots=True)
class Limit:
    """Inclusive bounds; None = no bound. Lengths in code points (strings) or bytes (bytes)."""

    min: float | None = None
    max: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    min_items: int | None = None
    max_items: int | None = None


@dataclass(frozen=True, slots=True)
class WireField:
    """How one field is read and written in one dialect.

    `default`: the JSON value that missing stands for, when `has_default`. `literal`: the only value (string fields).
    `when_unset` says what is written for a field that is not set; `write_null`/`write_literal` whether null and the
    literal are written at all. `also`: further keys that a reader takes. `required`: missing is refused.
    """

    key: str
    also: tuple[str, ...]
    presence: Presence
    required: bool
    nullable: bool
    has_default: bool
    default: Json
    literal: str | None
    when_unset: WhenUnset
    write_null: bool
    write_literal: bool
    numbers: Numbers
    bytes: Bytes
    time: Time
    limit: Limit | None


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `type` is a Scalar value, or empty when `message` or `enum` holds a full name.

    Maps: `key_type` is the key's scalar, `type`/`message`/`enum` speak of the value. `py_name` is safe in Python.
    `oneof` is the name of a real (not synthetic) oneof. `proto_default`: the default of proto2/editions as JSON, None
    without one. `wire`: by dialect name, always with "protojson"; a dialect that does not have the field has no entry.
    """

    name: str
    py_name: str
    json_name: str
    number: int
    cardinality: Cardinality
    type: Scalar | None
    message: str
    enum: str
    key_type: Scalar | None
    has_presence: bool
    required: bool
    packed: bool
    delimited: bool
    oneof: str
    proto_default: Json
    doc: str
    source: Source
    wire: dict[str, WireField]


@dataclass(frozen=True, slots=True)
class Oneof:
    name: str
    py_name: str
    fields: tuple[str, ...]
    required: bool
    doc: str


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of a TAGGED or SHAPE message: the field's name, and the tag's value where there is a tag."""

    field: str
    tag: str


@dataclass(frozen=True, slots=True)
class WireMessage:
    """A message in one dialect. `fields`: names, in writing order. `arms`: TAGGED and SHAPE only, in trying order."""

    kind: Kind
    unknown: Unknown
    fields: tuple[str, ...]
    tag: str
    untagged: bool
    arms: tuple[Arm, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """`full_name` as in the .proto (`pkg.Outer.Inner`); `py_name` the flat Python class name (`Outer_Inner`).

    `recursive`: it can hold itself. `wire`: by dialect; no entry in dialects that do not have the message.
    """

    full_name: str
    py_name: str
    file: str
    doc: str
    source: Source
    fields: tuple[Field, ...]
    oneofs: tuple[Oneof, ...]
    recursive: bool
    map_entry: bool
    wire: dict[str, WireMessage]


@dataclass(frozen=True, slots=True)
class WireValue:
    """One enum value in one dialect. `json` is empty when the value can't be sent."""

    json: str
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnumValue:
    name: str
    py_name: str
    number: int
    doc: str
    wire: dict[str, WireValue]


@dataclass(frozen=True, slots=True)
class WireEnum:
    """An enum in one dialect. `numbers`: JSON numbers are read too (ProtoJSON). `ignore_case`: readers fold case."""

    numbers: bool
    ignore_case: bool
    unknown: UnknownValue


@dataclass(frozen=True, slots=True)
class Enum:
    """`closed`: an unknown number does not survive in the field (proto2, editions with enum_type CLOSED)."""

    full_name: str
    py_name: str
    file: str
    doc: str
    source: Source
    closed: bool
    values: tuple[EnumValue, ...]
    wire: dict[str, WireEnum]


@dataclass(frozen=True, slots=True)
class Route:
    """One google.api.http binding. `verb` upper case; `path` the template; `body` "" (none), "*" or a field name.

    `response_body`: the field of the answer that is the whole body, "" for all of it.
    """

    verb: str
    path: str
    body: str
    response_body: str


@dataclass(frozen=True, slots=True)
class Method:
    """`stream`: "", "ndjson" or "sse". `only`: dialects that have it; empty = all. The rest is wire.v1.MethodRule."""

    name: str
    py_name: str
    input: str
    output: str
    client_streaming: bool
    server_streaming: bool
    doc: str
    source: Source
    routes: tuple[Route, ...]
    stream: str
    stream_field: str
    stream_default: bool
    result: str
    only: tuple[str, ...]
    binary: tuple[str, ...]
    binary_request: str
    binary_result: str
    status: int
    body_ignored: bool
    produces: str


@dataclass(frozen=True, slots=True)
class Service:
    full_name: str
    py_name: str
    file: str
    doc: str
    source: Source
    methods: tuple[Method, ...]


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension field of proto2 and editions, which `extendee` may hold. Its JSON key is always "[full.name]"."""

    full_name: str
    extendee: str
    file: str
    field: Field


@dataclass(frozen=True, slots=True)
class File:
    """One .proto. `syntax`: "proto2", "proto3" or "2023". `generate`: protoc asked for it (else it is only imported).

    `module`: the dotted Python module of its models, e.g. "tinker.v1.training_wire". `dialects`: of its package, never
    empty, without "protojson". `dependencies`: the files it imports, direct ones.
    """

    name: str
    package: str
    syntax: str
    module: str
    doc: str
    generate: bool
    dependencies: tuple[str, ...]
    dialects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """Everything of one run. `descriptors`: the serialised FileDescriptorSet, for the binary side; not in the dump.

    `messages` are in dependency order as far as there is one (a message after those it holds; cycles in file order).
    """

    files: tuple[File, ...]
    dialects: dict[str, tuple[Dialect, ...]]
    messages: tuple[Message, ...]
    enums: tuple[Enum, ...]
    services: tuple[Service, ...]
    extensions: tuple[Extension, ...]
    descriptors: bytes
