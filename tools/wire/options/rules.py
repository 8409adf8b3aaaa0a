"""Annotations as plain frozen values; wire/v1/wire.proto documents them. None means "says nothing".

One difference: an unspecified enum value that stands there on purpose is kept, as the ProtoJSON value (for presence
`Presence.IMPLICIT`, which the passes read as "whatever ProtoJSON does").
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tools.wire.ir import Bytes, Dialect, Limit, Numbers, Presence, Time, Unknown, UnknownValue


@dataclass(frozen=True, slots=True)
class Defaults:
    """wire.v1.Defaults."""

    presence: Presence | None = None
    numbers: Numbers | None = None
    bytes: Bytes | None = None
    time: Time | None = None


@dataclass(frozen=True, slots=True)
class FileRule:
    """wire.v1.FileRule; `proto_names`: NAMES_PROTO."""

    proto_names: bool = False
    unknown: Unknown | None = None
    defaults: Defaults = Defaults()


@dataclass(frozen=True, slots=True)
class MessageRule:
    """wire.v1.MessageRule."""

    unknown: Unknown | None = None
    defaults: Defaults = Defaults()
    inline: bool | None = None
    only: tuple[str, ...] = ()
    per: tuple[MessageRule, ...] = ()
    dialects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldRule:
    """wire.v1.FieldRule."""

    presence: Presence | None = None
    json: str | None = None
    also: tuple[str, ...] = ()
    literal: str | None = None
    default: str | None = None
    numbers: Numbers | None = None
    bytes: Bytes | None = None
    time: Time | None = None
    limit: Limit | None = None
    only: tuple[str, ...] = ()
    per: tuple[FieldRule, ...] = ()
    dialects: tuple[str, ...] = ()
    required: bool | None = None


@dataclass(frozen=True, slots=True)
class OneofRule:
    """`union`: "nested", "tagged" or "shape"."""

    union: str = "nested"
    tag: str = ""
    untagged: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class EnumRule:
    """wire.v1.EnumRule; `ignore_case`: CASING_INSENSITIVE."""

    ignore_case: bool | None = None
    unknown: UnknownValue | None = None
    per: tuple[EnumRule, ...] = ()
    dialects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueRule:
    """wire.v1.ValueRule."""

    json: str | None = None
    also: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    absent: bool = False


@dataclass(frozen=True, slots=True)
class MethodRule:
    """`stream`: "", "ndjson" or "sse"."""

    stream: str = ""
    result: str = ""
    only: tuple[str, ...] = ()
    binary: tuple[str, ...] = ()
    binary_request: str = ""
    binary_result: str = ""
    status: int = 0
    body_ignored: bool = False
    stream_field: str = ""
    stream_default: bool = False
    produces: str = ""


@dataclass(frozen=True, slots=True)
class HttpRule:
    """One google.api.HttpRule without its additional bindings. `verb` upper case; "" where there is no pattern."""

    verb: str
    path: str
    body: str
    response_body: str


@dataclass(frozen=True, slots=True)
class FileRules:
    """Everything that a file's own options say."""

    rule: FileRule | None = None
    dialects: tuple[Dialect, ...] = field(default=())
