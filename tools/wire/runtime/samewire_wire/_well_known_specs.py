"""The google.protobuf messages with JSON of their own, as MessageSpecs: readable at the top level and inside Any."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from samewire_wire import _count, _write
from samewire_wire import _rules as r
from samewire_wire._registry import PROTOJSON, MessageSpec, Registry, WireFile

_FILE = WireFile("google.protobuf", "", ("default",))
_I32, _U32 = r.Int(-(2**31), 2**31 - 1, r.PROTOJSON), r.Int(0, 2**32 - 1, r.PROTOJSON)
_I64, _U64 = r.Int(-(2**63), 2**63 - 1, r.PROTOJSON), r.Int(0, 2**64 - 1, r.PROTOJSON)
_JSON = ("Struct", "Value", "ListValue")

# Name -> how it is read, and what writes it.
_KINDS: dict[str, tuple[r.Type, Callable[[Any], Any]]] = {
    "Timestamp": (r.WellKnown("Timestamp"), str),
    "Duration": (r.WellKnown("Duration"), str),
    "FieldMask": (r.WellKnown("FieldMask"), str),
    "Struct": (r.WellKnown("Struct"), _write.json_value),
    "Value": (r.WellKnown("Value"), _write.json_value),
    "ListValue": (r.WellKnown("ListValue"), _write.json_value),
    "Any": (r.WellKnown("Any"), _write.any_message),
    "Empty": (r.WellKnown("Empty"), _write.empty),
    "DoubleValue": (r.Float(False, r.PROTOJSON), _write.named),
    "FloatValue": (r.Float(True, r.PROTOJSON), _write.named_single),
    "Int64Value": (_I64, str),
    "UInt64Value": (_U64, str),
    "Int32Value": (_I32, _write.same),
    "UInt32Value": (_U32, _write.same),
    "BoolValue": (r.Bool(), _write.same),
    "StringValue": (r.String(), _write.same),
    "BytesValue": (r.Bytes("protojson"), _write.base64),
}


class _WellKnownSpec(MessageSpec):
    def __init__(self, name: str) -> None:
        super().__init__(f"google.protobuf.{name}", _FILE, ("default",))
        self._kind, self._write = _KINDS[name]
        self.special_json = name != "Empty"
        self._count = _count.json if name in _JSON else _count.unknown if name == "Any" else _count.none

    def root(self, dialect: str) -> r.Type:
        return self._kind

    def rule(self, dialect: str) -> r.Type:
        return self._kind

    def _make_writer(self, dialect: str | None) -> Callable[[Any], Any]:
        return self._write

    def counter(self, dialect: str) -> Callable[[Any], int]:
        return self._count  # type: ignore[return-value]

    def _known(self, dialect: str | None) -> str:
        return dialect or PROTOJSON


def register(registry: Registry) -> None:
    for name in _KINDS:
        full_name = f"google.protobuf.{name}"
        if full_name not in registry:
            registry.add(_WellKnownSpec(name))
