"""What a program answers where no language model is: always the same for the same inputs (facts A6, bridge mock)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import orjson
from bridge.v1.program_wire import FieldSpec, Signature
from samewire_wire import MISSING, JsonValue


def outputs(signature: Signature, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """A value of its type for every output; fields without a type are strings."""
    digest = hashlib.sha256(orjson.dumps(inputs, option=orjson.OPT_SORT_KEYS)).digest()
    number = int.from_bytes(digest[:4], "big")
    return {name: _value(name, type_, number) for name, type_ in map(named, signature.outputs)}


def named(field: FieldSpec | str) -> tuple[str, str]:
    """Name ("" if it has none) and type of a field, which seed 004 gives as its bare name."""
    if isinstance(field, str):
        return field, "string"
    return "" if field.name is MISSING else field.name, "string" if field.type is MISSING else field.type


def _value(name: str, type_: str, number: int) -> JsonValue:
    match type_:
        case "int" | "integer":
            return number % 1000
        case "float" | "number":
            return number % 1000 / 10
        case "bool" | "boolean":
            return number % 2 == 0
        case _:
            return f"mock_{name}_{number}"
