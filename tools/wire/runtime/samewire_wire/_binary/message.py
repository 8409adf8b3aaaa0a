"""Messages between Python and upb: objects field by field, inline messages as their field, unions as their arm.

What a model does not know, unknown fields and extensions, is kept as bytes under `KEPT` in `__pydantic_extra__` and
written back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from google.protobuf import unknown_fields
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from pydantic import MISSING

from samewire_wire._binary import pool
from samewire_wire._binary.field import Field, Find, Pair, is_map
from samewire_wire._binary.models import Inline, Object, Union
from samewire_wire._error import WireError

KEPT = "\0kept"
_set = object.__setattr__


def pair(full_name: str, find: Find) -> Pair:
    """Both ways of a message whose module is in the pool."""
    descriptor = pool.message(full_name)
    match pool.model(full_name):
        case Object() as model:
            return _object(descriptor, model, find)
        case Inline(field=name):
            return _inline(descriptor.fields_by_name[name], find)
        case Union() as model:
            return _union(descriptor, model, find)


def _inline(kind: FieldDescriptor, find: Find) -> Pair:
    name, field = kind.name, Field(kind, find)
    presence = kind.has_presence

    def from_pb(pb: Any) -> Any:
        return None if presence and not pb.HasField(name) else field.get(getattr(pb, name))

    def to_pb(value: Any, pb: Any) -> None:
        if value is not None:
            field.put(pb, value)

    return Pair(from_pb, to_pb)


def _object(descriptor: Descriptor, model: Object, find: Find) -> Pair:
    cls = model.cls
    plan = [(attribute, Field(descriptor.fields_by_name[name], find), unset) for attribute, name, unset in model.fields]
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
    return Pair(from_pb, to_pb)


def _is_value(field: FieldDescriptor) -> bool:
    kind = field.message_type
    return kind is not None and kind.full_name == "google.protobuf.Value"


class _Absent:
    """The value of an attribute whose field is not in the data."""

    def __init__(self, cls: type[Any], attribute: str, field: Field, unset: str, descriptor: Descriptor) -> None:
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
            return {} if is_map(field) else []
        if field.enum_type is not None:
            return pool.enum(field.enum_type.full_name).get(0, 0)
        return field.default_value


def _rest(pb: Any, known: Iterable[str]) -> bytes:
    copy = type(pb)()
    copy.CopyFrom(pb)
    for name in known:
        copy.ClearField(name)
    return copy.SerializePartialToString(deterministic=True)  # type: ignore[no-any-return]


def _is(value: Any, kind: type[Any]) -> bool:
    return isinstance(value, kind) and (kind is not int or not isinstance(value, bool))


def _union(descriptor: Descriptor, model: Union, find: Find) -> Pair:
    fields = {name: Field(descriptor.fields_by_name[name], find) for name, _, _ in model.arms}

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

    return Pair(from_pb, to_pb)
