"""The JSON of google.protobuf messages that have a form of their own, both ways.

Source: ProtoJSON specification, https://protobuf.dev/programming-guides/json/.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from pydantic_core import CoreSchema
from pydantic_core import core_schema as cs

from samewire_wire import _rules as r
from samewire_wire._times import Duration, Timestamp
from samewire_wire._values import AnyMessage, Empty, FieldMask

_STRING = cs.str_schema(strict=True)


def schema(kind: r.WellKnown) -> CoreSchema:
    match kind.name:
        case "Timestamp" if kind.rule == r.PROTOJSON:
            return cs.no_info_after_validator_function(Timestamp.parse, _STRING)
        case "Timestamp":
            return cs.no_info_plain_validator_function(_moment)
        case "Duration":
            return cs.no_info_after_validator_function(Duration.parse, _STRING)
        case "FieldMask":
            return cs.no_info_after_validator_function(FieldMask.parse, _STRING)
        case "Value":
            return cs.no_info_after_validator_function(_finite, cs.any_schema())
        case "Struct":
            return cs.no_info_after_validator_function(_finite, cs.dict_schema(_STRING, cs.any_schema(), strict=True))
        case "ListValue":
            return cs.no_info_after_validator_function(_finite, cs.list_schema(cs.any_schema(), strict=True))
        case "NullValue":
            return cs.no_info_plain_validator_function(_null)
        case "Empty":
            empty = cs.typed_dict_schema({}, extra_behavior="ignore" if kind.rule == r.IGNORE else "forbid")
            return cs.no_info_after_validator_function(lambda _: Empty(), empty)
        case "Any":
            return cs.no_info_after_validator_function(_any, cs.dict_schema(_STRING, cs.any_schema(), strict=True))
    raise AssertionError(f"no JSON of its own: {kind.name}")


def _moment(value: Any) -> Timestamp:
    if isinstance(value, str):
        return Timestamp.parse_lenient(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return Timestamp.from_seconds(value)
    raise ValueError("expected a time: an ISO 8601 string or seconds since 1970")


def _finite(value: Any) -> Any:
    todo = [value]
    while todo:
        each = todo.pop()
        if isinstance(each, dict):
            todo.extend(each.values())
        elif isinstance(each, list):
            todo.extend(each)
        elif isinstance(each, float) and not math.isfinite(each):
            raise ValueError("NaN and the infinities are no JSON")
    return value


def _null(value: Any) -> str:
    if value is None or value == "NULL_VALUE" or (value == 0 and type(value) is int):
        return "NULL_VALUE"
    raise ValueError("expected null")


def _any(value: dict[str, Any]) -> AnyMessage:
    from samewire_wire._registry import registry

    if not value:
        return AnyMessage()
    fields = dict(value)
    url = fields.pop("@type", None)
    if not isinstance(url, str) or not url.rpartition("/")[2]:
        raise ValueError('expected "@type" to be a URL that ends in a message name')
    try:
        spec = registry.find(url.rpartition("/")[2])
    except LookupError as error:
        raise ValueError(str(error)) from None
    if spec.special_json:
        if set(fields) != {"value"}:
            raise ValueError('expected "@type" and "value", nothing else')
        inner = fields["value"]
    else:
        inner = fields
    return AnyMessage(url, spec.write_binary(spec.read_protojson(json.dumps(inner))))


# Writing: Python value to what orjson writes.


def write_timestamp(value: Timestamp) -> str:
    return str(value)


def write_epoch(value: Timestamp) -> float:
    seconds = value.to_seconds()
    return int(seconds) if seconds.is_integer() else seconds


def write_value(value: Any) -> Any:
    return _finite(value)


def write_null(value: Any) -> None:
    return None


def write_empty(value: Any) -> dict[str, Any]:
    return {}


def write_any(value: AnyMessage) -> dict[str, Any]:
    from samewire_wire._registry import registry

    if not value.type_url:
        return {}
    try:
        spec = registry.find(value.full_name)
    except LookupError as error:
        raise ValueError(str(error)) from None
    inner = spec.writer("protojson")(spec.read_binary(value.value))
    if spec.special_json:
        return {"@type": value.type_url, "value": inner}
    return {"@type": value.type_url, **inner}


WRITERS: dict[str, Callable[[Any], Any]] = {
    "Timestamp": str,
    "Duration": str,
    "FieldMask": str,
    "Value": write_value,
    "Struct": write_value,
    "ListValue": write_value,
    "NullValue": write_null,
    "Empty": write_empty,
    "Any": write_any,
}
