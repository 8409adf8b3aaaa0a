"""Models to protobuf binary and back, through google.protobuf (upb) with a descriptor pool of our own.

The pool is private, so the same file may be known to the process's default pool in another version. What a model does
not know, unknown fields and extensions, is kept as bytes under `KEPT` in `__pydantic_extra__` and written back.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from google.protobuf import (
    any_pb2,
    descriptor_pool,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    json_format,
    message_factory,
    struct_pb2,
    timestamp_pb2,
    unknown_fields,
    wrappers_pb2,
)
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, EncodeError
from pydantic import MISSING

from samewire_wire._error import WireError
from samewire_wire._registry import registry
from samewire_wire._times import Duration, Timestamp
from samewire_wire._values import AnyMessage, Empty, FieldMask
from samewire_wire._write import shortest

KEPT = "\0kept"
_set = object.__setattr__
_POOL = descriptor_pool.DescriptorPool()
_WELL_KNOWN_FILES = (any_pb2, duration_pb2, empty_pb2, field_mask_pb2, struct_pb2, timestamp_pb2, wrappers_pb2)
_loaded: dict[str, Any] = {}
_enums: dict[str, dict[int, str]] = {}
_models: dict[str, Object | Inline | Union] = {}
_converters: dict[str, Converter] = {}


@dataclass(frozen=True, slots=True)
class Object:
    """`fields`: (attribute, name in the .proto, what unset is: "missing", "none", "zero", "default", "required")."""

    cls: type[Any]
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Inline:
    field: str


@dataclass(frozen=True, slots=True)
class Union:
    """`arms`: (name in the .proto, Python type, type of the first item or None)."""

    arms: tuple[tuple[str, type[Any], type[Any] | None], ...]


class Converter:
    """One message, both ways."""

    def __init__(self, full_name: str) -> None:
        self.full_name = full_name
        self._class = message_factory.GetMessageClass(_POOL.FindMessageTypeByName(full_name))
        self.from_pb: Callable[[Any], Any]
        self.to_pb: Callable[[Any, Any], None]

    def read(self, data: bytes) -> Any:
        pb = self._class()
        try:
            pb.ParseFromString(bytes(data))
        except DecodeError as error:
            raise WireError(self.full_name, "$", f"not protobuf binary: {error}") from None
        return self._guarded(self.from_pb, pb)

    def write(self, value: Any) -> bytes:
        pb = self._class()
        self._guarded(self.to_pb, value, pb)
        try:
            return pb.SerializeToString(deterministic=True)
        except EncodeError as error:
            raise WireError(self.full_name, "$", str(error)) from None

    def _guarded(self, act: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return act(*arguments)
        except WireError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise WireError(self.full_name, "$", str(error)) from None


def converter(full_name: str) -> Converter:
    if full_name not in _converters:
        if full_name.startswith("google.protobuf.") and full_name.rpartition(".")[2] in _WELL_KNOWN:
            load("google/protobuf/struct.proto")
            _converters[full_name] = result = Converter(full_name)
            result.from_pb, result.to_pb = _WELL_KNOWN[full_name.rpartition(".")[2]]
        else:
            load(registry.find(full_name).file.part("binary").__name__)
            _converters[full_name] = result = Converter(full_name)
            _compile(result, _POOL.FindMessageTypeByName(full_name), _models[full_name])
    return _converters[full_name]


def load(name: str) -> None:
    """Brings a private binary module, or a well-known file, and what it needs into the pool."""
    if name in _loaded:
        return
    _loaded[name] = True
    if name.endswith(".proto"):
        for known in _WELL_KNOWN_FILES:
            _loaded[known.DESCRIPTOR.name] = True
            _POOL.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
        if name == "google/protobuf/descriptor.proto":
            from google.protobuf import descriptor_pb2

            _POOL.AddSerializedFile(descriptor_pb2.DESCRIPTOR.serialized_pb)
        return
    module = importlib.import_module(name)
    for each in module.NEEDS:
        load(each)
    _POOL.AddSerializedFile(module.DESCRIPTOR)
    _enums.update(module.ENUMS)
    _models.update(module.MODELS)


def _compile(target: Converter, descriptor: Descriptor, model: Object | Inline | Union) -> None:
    match model:
        case Object():
            _compile_object(target, descriptor, model)
        case Inline(field=name):
            field = _Field(descriptor.fields_by_name[name])
            presence = descriptor.fields_by_name[name].has_presence

            def from_pb(pb: Any) -> Any:
                return None if presence and not pb.HasField(name) else field.get(getattr(pb, name))

            def to_pb(value: Any, pb: Any) -> None:
                if value is not None:
                    field.put(pb, value)

            target.from_pb, target.to_pb = from_pb, to_pb
        case Union():
            _compile_union(target, descriptor, model)


class _Field:
    """How the values of one field pass between Python and upb."""

    def __init__(self, field: FieldDescriptor) -> None:
        self.name = field.name
        self.implicit = not field.has_presence and not field.is_repeated
        self._kind = field
        self._get: Callable[[Any], Any] | None = None
        self._put: Callable[[Any, Any], None] | None = None

    def get(self, value: Any) -> Any:
        if self._get is None:
            self._get = self._getter(self._kind)
        return self._get(value)

    def put(self, pb: Any, value: Any) -> None:
        if self._put is None:
            self._put = self._putter(self._kind)
        self._put(pb, value)

    def _getter(self, field: FieldDescriptor) -> Callable[[Any], Any]:
        if _is_map(field):
            each = _from_pb(_map_value(field))
            if each is None:
                return dict
            return lambda values: {key: each(values[key]) for key in values}
        one = _from_pb(field)
        if field.is_repeated:
            return list if one is None else lambda values: [one(value) for value in values]
        return one or (lambda value: value)

    def _putter(self, field: FieldDescriptor) -> Callable[[Any, Any], None]:
        name = field.name
        if _is_map(field):
            value_field = _map_value(field)
            if value_field.message_type is not None:
                fill = converter(value_field.message_type.full_name).to_pb

                def put_messages(pb: Any, value: Any) -> None:
                    target = getattr(pb, name)
                    for key, each in value.items():
                        fill(each, target[key])

                return put_messages
            one = _to_pb(value_field)
            return lambda pb, value: getattr(pb, name).update(
                value if one is None else {key: one(each) for key, each in value.items()}
            )
        if field.message_type is not None:
            fill = converter(field.message_type.full_name).to_pb
            if field.is_repeated:

                def put_all(pb: Any, value: Any) -> None:
                    add = getattr(pb, name).add
                    for each in value:
                        fill(each, add())

                return put_all

            def put_one(pb: Any, value: Any) -> None:
                target = getattr(pb, name)
                target.SetInParent()
                fill(value, target)

            return put_one
        one = _to_pb(field)
        if field.is_repeated:
            return lambda pb, value: getattr(pb, name).extend(value if one is None else map(one, value))
        return lambda pb, value: setattr(pb, name, value if one is None else one(value))


def _is_map(field: FieldDescriptor) -> bool:
    return field.is_repeated and field.message_type is not None and field.message_type.GetOptions().map_entry


def _map_value(field: FieldDescriptor) -> FieldDescriptor:
    entry = field.message_type
    assert entry is not None
    return entry.fields_by_name["value"]


def _from_pb(field: FieldDescriptor) -> Callable[[Any], Any] | None:
    """One value from upb; None = as it is."""
    if field.message_type is not None:
        return converter(field.message_type.full_name).from_pb
    if field.enum_type is not None:
        table = _enum(field.enum_type.full_name)
        return lambda number: table.get(number, number)
    return _shortest if field.type == FieldDescriptor.TYPE_FLOAT else None


def _shortest(value: float) -> float:
    return shortest(value) if value - value == 0 else value


def _to_pb(field: FieldDescriptor) -> Callable[[Any], Any] | None:
    if field.enum_type is not None:
        name = field.enum_type.full_name
        table = {value: number for number, value in reversed(_enum(name).items())}
        # Aliases are one number; the first name stands for it in Python.
        aliases = {value.name: value.number for value in field.enum_type.values}

        def number_of(value: Any) -> int:
            if isinstance(value, int):
                return value
            found = table.get(value, aliases.get(value))
            if found is None:
                raise ValueError(f'"{value}" is no value of {name}')
            return found

        return number_of
    return None


def _enum(full_name: str) -> dict[int, str]:
    return {0: "NULL_VALUE"} if full_name == "google.protobuf.NullValue" else _enums[full_name]


def _compile_object(target: Converter, descriptor: Descriptor, model: Object) -> None:
    cls = model.cls
    plan = [(attribute, _Field(descriptor.fields_by_name[name]), unset) for attribute, name, unset in model.fields]
    by_name = {field.name: (attribute, field) for attribute, field, _ in plan}
    absent = [(attribute, field, _Absent(cls, attribute, field, unset, descriptor)) for attribute, field, unset in plan]
    checks = "model_post_init" in vars(cls)

    def from_pb(pb: Any) -> Any:
        values: dict[str, Any] = {}
        kept = bool(len(unknown_fields.UnknownFieldSet(pb)))
        found: dict[str, Any] = {}
        for field, value in pb.ListFields():
            if field.is_extension:
                kept = True
            else:
                attribute, known = by_name[field.name]
                found[attribute] = known.get(value)
        # In the order of the class, as every other way to make an instance has it.
        for attribute, _, missing in absent:
            values[attribute] = found[attribute] if attribute in found else missing()
        model: Any = object.__new__(cls)
        _set(model, "__dict__", values)
        _set(model, "__pydantic_fields_set__", set(found))
        _set(model, "__pydantic_extra__", {KEPT: _rest(pb, by_name)} if kept else None)
        _set(model, "__pydantic_private__", None)
        if checks:
            model.model_post_init(None)
        return model

    def to_pb(model: Any, pb: Any) -> None:
        values = model.__dict__
        was_set = model.__pydantic_fields_set__
        for attribute, field, has_default, can_be_null in steps:
            value = values[attribute]
            if value is MISSING or (value is None and not can_be_null):
                continue
            if has_default and attribute not in was_set:
                continue
            try:
                field.put(pb, value)
            except (ValueError, TypeError, OverflowError) as error:
                if isinstance(error, WireError):
                    raise
                raise WireError(
                    descriptor.full_name, f"$.{attribute}", str(error), owner=descriptor.full_name, field=field.name
                ) from None
        extra = model.__pydantic_extra__
        if extra and KEPT in extra:
            pb.MergeFromString(extra[KEPT])

    # A google.protobuf.Value that is None is null, not unset.
    steps = [
        (attribute, field, unset == "default" and not field.implicit, _is_value(descriptor.fields_by_name[field.name]))
        for attribute, field, unset in plan
    ]
    target.from_pb, target.to_pb = from_pb, to_pb


def _is_value(field: FieldDescriptor) -> bool:
    kind = field.message_type
    return kind is not None and kind.full_name == "google.protobuf.Value"


class _Absent:
    """The value of an attribute whose field is not in the data."""

    def __init__(self, cls: type[Any], attribute: str, field: _Field, unset: str, descriptor: Descriptor) -> None:
        self._cls, self._attribute, self._unset = cls, attribute, unset
        self._descriptor = descriptor.fields_by_name[field.name]
        self._owner = descriptor.full_name

    def __call__(self) -> Any:
        match self._unset:
            case "missing":
                return MISSING
            case "none":
                return None
            case "default" if self._descriptor.has_presence or self._descriptor.is_repeated:
                return self._cls.model_fields[self._attribute].get_default(call_default_factory=True)
            case "default" if self._cls.model_fields[self._attribute].default is None:
                return None
        field = self._descriptor
        if self._unset == "required" and field.has_presence:
            if type(None) in getattr(self._cls.model_fields[self._attribute].annotation, "__args__", ()):
                return None
            raise WireError(self._owner, f"$.{self._attribute}", "is missing", owner=self._owner, field=field.name)
        if field.is_repeated:
            return {} if _is_map(field) else []
        if field.enum_type is not None:
            return _enum(field.enum_type.full_name).get(0, 0)
        return field.default_value


def _rest(pb: Any, known: Iterable[str]) -> bytes:
    copy = type(pb)()
    copy.CopyFrom(pb)
    for name in known:
        copy.ClearField(name)
    return copy.SerializePartialToString(deterministic=True)  # type: ignore[no-any-return]


def _is(value: Any, kind: type[Any]) -> bool:
    return isinstance(value, kind) and (kind is not int or not isinstance(value, bool))


def _compile_union(target: Converter, descriptor: Descriptor, model: Union) -> None:
    fields = {name: _Field(descriptor.fields_by_name[name]) for name, _, _ in model.arms}

    def from_pb(pb: Any) -> Any:
        for field, value in pb.ListFields():
            if field.name in fields:
                return fields[field.name].get(value)
        raise ValueError(f"{descriptor.full_name} holds none of its arms")

    def to_pb(value: Any, pb: Any) -> None:
        for name, kind, item in model.arms:
            if _is(value, kind) and (item is None or not value or _is(value[0], item)):
                fields[name].put(pb, value)
                return
        raise ValueError(f"{type(value).__name__} is no arm of {descriptor.full_name}")

    target.from_pb, target.to_pb = from_pb, to_pb


# Extensions, which only ProtoJSON and binary have


def write_extensions(model: Any, written: dict[str, Any]) -> None:
    kept = model.__pydantic_extra__.get(KEPT)
    if not kept:
        return
    pb = _pb(model)
    pb.MergeFromString(kept)
    keys = json_format.MessageToDict(pb, descriptor_pool=_POOL)
    written.update({key: value for key, value in keys.items() if key.startswith("[")})


def read_extensions(model: Any, keys: dict[str, Any], forbid: bool) -> None:
    """Moves "[pkg.extension]" keys into what is kept; other keys are refused, or dropped when not `forbid`."""
    found = {}
    for key, value in keys.items():
        if key.startswith("[") and key.endswith("]") and _known(model, key[1:-1]):
            found[key] = value
        elif forbid:
            raise ValueError(f"unknown key {key}")
    if not found:
        _set(model, "__pydantic_extra__", None)
        return
    pb = _pb(model)
    try:
        json_format.ParseDict(found, pb, descriptor_pool=_POOL, ignore_unknown_fields=not forbid)
    except json_format.ParseError as error:
        raise ValueError(str(error)) from None
    _set(model, "__pydantic_extra__", {KEPT: pb.SerializePartialToString(deterministic=True)})


def _pb(model: Any) -> Any:
    name = model.WIRE.full_name
    converter(name)
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(name))()


def _known(model: Any, extension: str) -> bool:
    converter(model.WIRE.full_name)
    for file in registry.files():
        load(file.part("binary").__name__)
    try:
        holder = _POOL.FindExtensionByName(extension).containing_type
    except KeyError:
        return False
    return holder is not None and holder.full_name == model.WIRE.full_name


# Well-known types


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


_Pair = tuple[Callable[[Any], Any], Callable[[Any, Any], None]]
_WRAPPER: _Pair = (lambda pb: pb.value, _put_wrapper)
_WELL_KNOWN: dict[str, _Pair] = {
    "Timestamp": (lambda pb: Timestamp.unchecked(pb.seconds, pb.nanos), _put_timestamp),
    "Duration": (lambda pb: Duration.unchecked(pb.seconds, pb.nanos), _put_timestamp),
    "FieldMask": (lambda pb: FieldMask(tuple(pb.paths)), lambda value, pb: pb.paths.extend(value.paths)),
    "Empty": (lambda pb: Empty(), lambda value, pb: None),
    "Any": (lambda pb: AnyMessage(pb.type_url, pb.value), _put_any),
    "Value": (_from_value, _to_value),
    "Struct": (_from_struct, _to_struct),
    "ListValue": (lambda pb: [_from_value(each) for each in pb.values], _to_list),
    "FloatValue": (lambda pb: _shortest(pb.value), _put_wrapper),
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
