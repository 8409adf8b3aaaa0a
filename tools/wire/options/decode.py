"""Decodes annotations with the definitions that come along in the descriptor set itself.

Extensions of descriptor.proto are unknown fields to the protobuf runtime. The set holds wire/v1/wire.proto (and
google/api/annotations.proto) whenever a file uses them, so a private descriptor pool made of those files reads them;
nothing needs to be compiled beforehand and no version can be out of step.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tools.wire.ir import Bytes, Dialect, Limit, Numbers, Presence, Time, Unknown, UnknownValue, WhenUnset
from tools.wire.options.rules import (
    Defaults,
    EnumRule,
    FieldRule,
    FileRule,
    FileRules,
    HttpRule,
    MessageRule,
    MethodRule,
    OneofRule,
    ValueRule,
)

_DESCRIPTOR = "google/protobuf/descriptor.proto"
_PACKAGES = ("wire.v1", "google.api")

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


class Decoder:
    """Reads the options of descriptors that come from one descriptor set."""

    def __init__(self, files: descriptor_pb2.FileDescriptorSet) -> None:
        self._pool = _pool_of(files)
        self._extensions: dict[str, FieldDescriptor | None] = {}
        self._classes: dict[str, type[Message]] = {}

    def file(self, options: descriptor_pb2.FileOptions) -> FileRules:
        rule = self._extension(options, "wire.v1.file")
        dialects = self._extension(options, "wire.v1.dialects")
        return FileRules(
            rule=_file_rule(rule) if rule is not None else None,
            dialects=tuple(map(_dialect, dialects)) if dialects is not None else (),
        )

    def message(self, options: descriptor_pb2.MessageOptions) -> MessageRule | None:
        return self._rule(options, "wire.v1.message", _message_rule)

    def field(self, options: descriptor_pb2.FieldOptions) -> FieldRule | None:
        return self._rule(options, "wire.v1.field", _field_rule)

    def oneof(self, options: descriptor_pb2.OneofOptions) -> OneofRule | None:
        return self._rule(options, "wire.v1.oneof", _oneof_rule)

    def enum(self, options: descriptor_pb2.EnumOptions) -> EnumRule | None:
        return self._rule(options, "wire.v1.enumeration", _enum_rule)

    def value(self, options: descriptor_pb2.EnumValueOptions) -> ValueRule | None:
        return self._rule(options, "wire.v1.value", _value_rule)

    def method(self, options: descriptor_pb2.MethodOptions) -> MethodRule | None:
        return self._rule(options, "wire.v1.method", _method_rule)

    def http(self, options: descriptor_pb2.MethodOptions) -> tuple[HttpRule, ...]:
        """The google.api.http bindings of a method, the additional ones after the first."""
        rule = self._extension(options, "google.api.http")
        return tuple(_http_rule(each) for each in (rule, *rule.additional_bindings)) if rule is not None else ()

    def _rule(self, options: Message, name: str, decode: Callable[[Any], T]) -> T | None:
        value = self._extension(options, name)
        return decode(value) if value is not None else None

    def _extension(self, options: Message, name: str) -> Any:
        """The extension's value: a dynamic message or a list of them, None when it is not there."""
        if not options.ByteSize():
            return None
        if name not in self._extensions:
            try:
                self._extensions[name] = self._pool.FindExtensionByName(name)
            except KeyError:
                self._extensions[name] = None
        extension = self._extensions[name]
        if extension is None:
            return None
        known: Any = self._class(options.DESCRIPTOR.full_name).FromString(options.SerializeToString())
        if extension.is_repeated:
            return list(known.Extensions[extension]) or None
        return known.Extensions[extension] if known.HasExtension(extension) else None

    def _class(self, name: str) -> type[Message]:
        if name not in self._classes:
            self._classes[name] = message_factory.GetMessageClass(self._pool.FindMessageTypeByName(name))
        return self._classes[name]


def _pool_of(files: descriptor_pb2.FileDescriptorSet) -> descriptor_pool.DescriptorPool:
    """A pool that holds the annotations' files and what they import."""
    by_name = {file.name: file for file in files.file}
    pool = descriptor_pool.DescriptorPool()
    added: set[str] = set()

    def add(name: str) -> None:
        if name in added or name not in by_name:
            return
        added.add(name)
        for dependency in by_name[name].dependency:
            add(dependency)
        pool.AddSerializedFile(by_name[name].SerializeToString())

    for file in files.file:
        if file.package in _PACKAGES:
            add(file.name)
    return pool


def _present(message: Any, name: str) -> bool:
    explicit = message.DESCRIPTOR.fields_by_name[name].has_presence
    return bool(message.HasField(name) if explicit else getattr(message, name))


def _enum(message: Any, name: str, kind: type[E], zero: E | None) -> E | None:
    """An enum field by its value's name: PRESENCE_OMIT_OR_NULL -> Presence("omit_or_null"); UNSPECIFIED -> `zero`."""
    if not _present(message, name):
        return None
    number = getattr(message, name)
    enum = message.DESCRIPTOR.fields_by_name[name].enum_type
    value = enum.values_by_number.get(number)
    if value is None:
        raise ValueError(f"{enum.full_name} has no value {number}")
    if number == 0:
        return zero
    for member in kind:
        if value.name.endswith(f"_{member.name}") and value.name.lower() == f"{_snake(enum.name)}_{member.value}":
            return member
    raise ValueError(f"{enum.full_name}.{value.name} is newer than this generator")


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


def _maybe(message: Any, name: str) -> Any:
    return getattr(message, name) if _present(message, name) else None


def _defaults(message: Any) -> Defaults:
    return Defaults(
        presence=_enum(message, "presence", Presence, Presence.IMPLICIT),
        numbers=_enum(message, "numbers", Numbers, Numbers.PROTOJSON),
        bytes=_enum(message, "bytes", Bytes, Bytes.PROTOJSON),
        time=_enum(message, "time", Time, Time.PROTOJSON),
    )


def _file_rule(message: Any) -> FileRule:
    return FileRule(
        proto_names=message.names == 1,
        unknown=_enum(message, "unknown", Unknown, Unknown.FORBID),
        defaults=_defaults(message.defaults),
    )


def _dialect(message: Any) -> Dialect:
    return Dialect(
        name=message.name,
        unset=_enum(message, "unset", WhenUnset, WhenUnset.OMIT) or WhenUnset.OMIT,
        write_null=message.null != 2,
        write_literals=message.literals != 2,
        source=message.source,
    )


def _message_rule(message: Any) -> MessageRule:
    return MessageRule(
        unknown=_enum(message, "unknown", Unknown, Unknown.FORBID),
        defaults=_defaults(message.defaults),
        inline=_maybe(message, "inline"),
        only=tuple(message.only),
        per=tuple(map(_message_rule, message.per)),
        dialects=tuple(message.dialects),
    )


def _field_rule(message: Any) -> FieldRule:
    limit = message.limit
    return FieldRule(
        presence=_enum(message, "presence", Presence, Presence.IMPLICIT),
        json=_maybe(message, "json"),
        also=tuple(message.also),
        literal=_maybe(message, "literal"),
        default=_maybe(message, "default"),
        numbers=_enum(message, "numbers", Numbers, Numbers.PROTOJSON),
        bytes=_enum(message, "bytes", Bytes, Bytes.PROTOJSON),
        time=_enum(message, "time", Time, Time.PROTOJSON),
        limit=Limit(**{name: _maybe(limit, name) for name in Limit.__slots__}) if message.HasField("limit") else None,
        only=tuple(message.only),
        per=tuple(map(_field_rule, message.per)),
        dialects=tuple(message.dialects),
        required=_maybe(message, "required"),
    )


def _oneof_rule(message: Any) -> OneofRule:
    return OneofRule(
        union=("nested", "tagged", "shape")[message.union],
        tag=message.tag,
        untagged=message.untagged,
        required=message.required,
    )


def _enum_rule(message: Any) -> EnumRule:
    return EnumRule(
        ignore_case=message.casing == 1 if message.HasField("casing") else None,
        unknown=_enum(message, "unknown", UnknownValue, UnknownValue.REJECT),
        per=tuple(map(_enum_rule, message.per)),
        dialects=tuple(message.dialects),
    )


def _value_rule(message: Any) -> ValueRule:
    return ValueRule(
        json=_maybe(message, "json"), also=tuple(message.also), only=tuple(message.only), absent=message.absent
    )


def _method_rule(message: Any) -> MethodRule:
    return MethodRule(
        stream=("", "ndjson", "sse")[message.stream],
        result=message.result,
        only=tuple(message.only),
        binary=tuple(message.binary),
        binary_request=message.binary_request,
        binary_result=message.binary_result,
        status=message.status,
        body_ignored=message.body_ignored,
        stream_field=message.stream_field,
        stream_default=message.stream_default,
        produces=message.produces,
    )


def _http_rule(message: Any) -> HttpRule:
    pattern = message.WhichOneof("pattern") or ""
    if pattern == "custom":
        verb, path = message.custom.kind.upper(), message.custom.path
    else:
        verb, path = pattern.upper(), getattr(message, pattern) if pattern else ""
    return HttpRule(verb=verb, path=path, body=message.body, response_body=message.response_body)
