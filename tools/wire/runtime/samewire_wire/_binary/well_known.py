"""The well-known types between Python and upb."""

from __future__ import annotations

from typing import Any

from samewire_wire._binary.field import Pair, shortest_float
from samewire_wire._times import Duration, Timestamp
from samewire_wire._values import AnyMessage, Empty, FieldMask


def _put_timestamp(value: Any, pb: Any) -> None:
    pb.seconds, pb.nanos = value.seconds, value.nanos


def _from_value(pb: Any) -> Any:
    kind = pb.WhichOneof("kind")
    match kind:
        case "struct_value":
            return _from_struct(pb.struct_value)
        case "list_value":
            return [_from_value(each) for each in pb.list_value.values]
        case "number_value":
            number = pb.number_value
            # JSON has one kind of number: a whole one is an int, as JSON readers give it.
            return int(number) if number.is_integer() and abs(number) < 2**53 and str(number) != "-0.0" else number
        case "null_value" | None:
            return None
    return getattr(pb, kind)


def _from_struct(pb: Any) -> dict[str, Any]:
    return {key: _from_value(value) for key, value in pb.fields.items()}


def _to_value(value: Any, pb: Any) -> None:
    if value is None:
        pb.null_value = 0
    elif isinstance(value, bool):
        pb.bool_value = value
    elif isinstance(value, int | float):
        pb.number_value = value
        if isinstance(value, int) and pb.number_value != value:
            raise ValueError(f"{value} does not fit the double that binary google.protobuf.Value holds")
    elif isinstance(value, str):
        pb.string_value = value
    elif isinstance(value, dict):
        pb.struct_value.SetInParent()
        _to_struct(value, pb.struct_value)
    else:
        pb.list_value.SetInParent()
        _to_list(value, pb.list_value)


def _to_struct(value: dict[str, Any], pb: Any) -> None:
    for key, each in value.items():
        _to_value(each, pb.fields[key])


def _to_list(value: list[Any], pb: Any) -> None:
    for each in value:
        _to_value(each, pb.values.add())


def _put_any(value: Any, pb: Any) -> None:
    pb.type_url, pb.value = value.type_url, value.value


def _put_wrapper(value: Any, pb: Any) -> None:
    pb.value = value


_WRAPPER = Pair(lambda pb: pb.value, _put_wrapper)
WELL_KNOWN = {
    "Timestamp": Pair(lambda pb: Timestamp.unchecked(pb.seconds, pb.nanos), _put_timestamp),
    "Duration": Pair(lambda pb: Duration.unchecked(pb.seconds, pb.nanos), _put_timestamp),
    "FieldMask": Pair(lambda pb: FieldMask(tuple(pb.paths)), lambda value, pb: pb.paths.extend(value.paths)),
    "Empty": Pair(lambda pb: Empty(), lambda value, pb: None),
    "Any": Pair(lambda pb: AnyMessage(pb.type_url, pb.value), _put_any),
    "Value": Pair(_from_value, _to_value),
    "Struct": Pair(_from_struct, _to_struct),
    "ListValue": Pair(lambda pb: [_from_value(each) for each in pb.values], _to_list),
    "FloatValue": Pair(lambda pb: shortest_float(pb.value), _put_wrapper),
    **dict.fromkeys(
        (
            "DoubleValue",
            "Int64Value",
            "UInt64Value",
            "Int32Value",
            "UInt32Value",
            "BoolValue",
            "StringValue",
            "BytesValue",
        ),
        _WRAPPER,
    ),
}
