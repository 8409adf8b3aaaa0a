"""JSON Schema, draft 2020-12: what a reader of a dialect accepts.

One bundle per package and dialect, with every message under `$defs` by its full name; `document` gives a schema of its
own for one message. JSON Schema can't say everything: 1.0 is an integer to it, a key that stands twice is lost before
it looks, and lengths of bytes are lengths of base64 text.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection
from typing import Any

from tools.wire import ir
from tools.wire.emit import jsonschema_values as values
from tools.wire.ir import PROTOJSON, Cardinality, Kind, Presence, Schema, Unknown

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_NULL = {"type": "null"}


def emit(schema: Schema) -> dict[str, str]:
    """Path -> text: `PACKAGE/DIALECT.schema.json`, for the packages that are generated, ProtoJSON too."""
    texts = {}
    files = [file for file in schema.files if file.generate]
    for package in sorted({file.package for file in files}):
        names = {file.name for file in files if file.package == package}
        for dialect in (*(each.name for each in schema.dialects[package]), PROTOJSON):
            maker = Maker(schema, dialect)
            for message in schema.messages:
                if message.file in names and not message.map_entry:
                    maker.need(message.full_name)
            bundle = {"$schema": DRAFT, "$id": f"urn:samewire:{package}:{dialect}", "$defs": maker.definitions()}
            texts[f"{package.replace('.', '/')}/{dialect}.schema.json".lstrip("/")] = _text(bundle)
    return texts


def document(schema: Schema, message: str, dialect: str) -> dict[str, Any]:
    """The schema of one message in one dialect, self-contained. KeyError when the dialect has no such message."""
    maker = Maker(schema, dialect)
    if dialect not in maker.messages[message].wire:
        raise KeyError(dialect)
    maker.need(message)
    return {
        "$schema": DRAFT,
        "$id": f"urn:samewire:{message}:{dialect}",
        "$ref": maker.reference(message),
        "$defs": maker.definitions(),
    }


def _text(bundle: dict[str, Any]) -> str:
    return json.dumps(bundle, indent=2, ensure_ascii=False) + "\n"


class Maker:
    """Makes the definitions of the messages that are needed, and of those that they hold.

    `root`: where the definitions will stand.
    """

    def __init__(self, schema: Schema, dialect: str, root: str = "#/$defs/") -> None:
        self._root = root
        self.messages = {message.full_name: message for message in schema.messages}
        self._enums = {enum.full_name: enum for enum in schema.enums}
        self._extensions = schema.extensions
        self._dialect = dialect
        self._made: dict[str, dict[str, Any]] = {}
        self._todo: list[str] = []

    def reference(self, name: str) -> str:
        """Where the definition of a message is found."""
        return self._root + name

    def need(self, name: str) -> None:
        """Has a message defined, if the dialect has it."""
        if self.inside(self.messages[name].wire):
            self._todo.append(name)

    def definitions(self) -> dict[str, Any]:
        """All that is needed, in order of name."""
        while self._todo:
            name = self._todo.pop()
            if name not in self._made:
                self._made[name] = {}
                self._made[name] = self._message(self.messages[name])
        return dict(sorted(self._made.items()))

    def inside(self, wire: dict[str, Any]) -> str:
        """The dialect that speaks for a thing of any package; "" when it is not in ours."""
        if self._dialect in wire:
            return self._dialect
        return ir.DEFAULT if ir.DEFAULT in wire else ""

    def _message(self, message: ir.Message) -> dict[str, Any]:
        inside = self.inside(message.wire)
        rule = message.wire[inside]
        head: dict[str, Any] = {"title": message.full_name}
        if message.doc:
            head["description"] = message.doc
        fields = {field.name: field for field in message.fields}
        match rule.kind:
            case Kind.WELL_KNOWN:
                return head | values.well_known(message.full_name, None)
            case Kind.INLINE:
                field = fields[rule.fields[0]]
                return head | self._nullable(
                    self.field(field, field.wire[inside]), field.wire[inside].presence is Presence.NULL
                )
            case Kind.TAGGED | Kind.SHAPE:
                return head | self._union(rule, fields, inside)
            case _:
                return head | self.object(message, rule, inside)

    def _union(self, rule: ir.WireMessage, fields: dict[str, ir.Field], inside: str) -> dict[str, Any]:
        names = list(dict.fromkeys(arm.field for arm in rule.arms))
        arms = {name: self.field(fields[name], fields[name].wire[inside]) for name in names}
        if not arms:
            return {"not": {}}
        if rule.kind is Kind.SHAPE:
            return {"anyOf": list(arms.values())}
        mapping = {arm.tag: arms[arm.field]["$ref"] for arm in rule.arms}
        discriminator = {"propertyName": rule.tag, "mapping": mapping}
        if rule.untagged:
            return {"type": "object", "anyOf": list(arms.values()), "discriminator": discriminator}
        return {
            "type": "object",
            "required": [rule.tag],
            "oneOf": list(arms.values()),
            "discriminator": discriminator,
        }

    def object(
        self, message: ir.Message, rule: ir.WireMessage, inside: str, without: Collection[str] = ()
    ) -> dict[str, Any]:
        """A message that is an object, but for some of its fields."""
        properties: dict[str, Any] = {}
        required: list[str] = []
        more: list[dict[str, Any]] = []
        wanted = set(rule.fields) - set(without)
        fields = [field for field in message.fields if field.name in wanted]
        fields += [each.field for each in self._extensions if each.extendee == message.full_name]
        keys: dict[str, tuple[str, ...]] = {}
        for field in fields:
            wire = field.wire[inside if inside in field.wire else PROTOJSON]
            keys[field.name] = (wire.key, *wire.also)
            properties |= dict.fromkeys(keys[field.name], self._property(field, wire))
            more += [{"not": {"required": [*pair]}} for pair in itertools.combinations(keys[field.name], 2)]
            if wire.required:
                if wire.also:
                    more.append({"anyOf": [{"required": [key]} for key in keys[field.name]]})
                else:
                    required.append(wire.key)
        for oneof in message.oneofs:
            arms = [
                _there(keys[field.name], _null_is_unset(field, inside)) for field in fields if field.oneof == oneof.name
            ]
            more += [{"not": {"allOf": [*pair]}} for pair in itertools.combinations(arms, 2)]
            whole = not set(oneof.fields) & set(without)
            if oneof.required and inside != PROTOJSON and arms and whole:
                more.append({"anyOf": arms})
        result: dict[str, Any] = {"type": "object", "properties": properties}
        if required:
            result["required"] = required
        if more:
            result["allOf"] = more
        if rule.unknown is Unknown.FORBID:
            result["additionalProperties"] = False
        return result

    def _property(self, field: ir.Field, wire: ir.WireField) -> dict[str, Any]:
        result = self.field(field, wire)
        null = wire.nullable or (wire.presence in (Presence.IMPLICIT, Presence.EXPLICIT) and wire.literal is None)
        result = dict(self._nullable(result, null))
        if field.doc:
            result["description"] = field.doc
        if wire.has_default:
            result["default"] = wire.default
        return result

    @staticmethod
    def _nullable(schema: dict[str, Any], null: bool) -> dict[str, Any]:
        return {"anyOf": [schema, _NULL]} if null and schema else schema

    def field(self, field: ir.Field, wire: ir.WireField) -> dict[str, Any]:
        """The values of a field, as far as they are not null."""
        single = self._single(field, wire)
        limit = wire.limit or ir.Limit()
        if field.cardinality is Cardinality.REPEATED:
            bounds = {"minItems": limit.min_items, "maxItems": limit.max_items}
            return {"type": "array", "items": single} | values.said(bounds)
        if field.cardinality is Cardinality.MAP:
            bounds = {"minProperties": limit.min_items, "maxProperties": limit.max_items}
            names = values.map_key(field.key_type)
            return {"type": "object", "additionalProperties": single} | names | values.said(bounds)
        return single

    def _single(self, field: ir.Field, wire: ir.WireField) -> dict[str, Any]:
        if wire.literal is not None:
            return {"const": wire.literal}
        if field.enum:
            enum = self._enums[field.enum]
            return values.enum(enum, self.inside(enum.wire))
        if not field.message:
            assert field.type is not None
            return values.scalar(field.type, wire)
        message = self.messages[field.message]
        inside = self.inside(message.wire)
        if message.wire[inside].kind is Kind.WELL_KNOWN:
            return values.well_known(field.message, wire)
        self._todo.append(field.message)
        return {"$ref": self.reference(field.message)}


def _null_is_unset(field: ir.Field, dialect: str) -> bool:
    """ProtoJSON reads null as "not set", but where null is a value."""
    value = field.message == "google.protobuf.Value" or field.enum == "google.protobuf.NullValue"
    return field.wire[dialect].presence is Presence.EXPLICIT and not value


def _there(keys: tuple[str, ...], not_null: bool) -> dict[str, Any]:
    """The field is there under one of its keys, and not null where null is "not set"."""
    found = [{"required": [key]} | ({"properties": {key: {"not": _NULL}}} if not_null else {}) for key in keys]
    return found[0] if len(found) == 1 else {"anyOf": found}
