"""Messages between Python and upb: objects field by field, inline messages as their field, unions as their arm.

What a model does not know, unknown fields and extensions, is kept as bytes under `KEPT` in `__pydantic_extra__` and
written back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from google.protobuf import unknown_fields
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from pydantic import MISSING, BaseModel

from samewire_wire._binary import pool
from samewire_wire._binary.field import Field, Find, Pair, is_map
from samewire_wire._binary.models import Inline, Object, Union
from samewire_wire._error import WireError

KEPT = "\0kept"
# The slots of a model; its own __setattr__ validates.
_set_values, _set_found, _set_extra, _set_private = (
    vars(BaseModel)[name].__set__
    for name in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)
_CONSTANT = (str, bytes, int, float)  # bool and enums are among them


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
    names = [field.name for _, field, _ in plan]
    absent = {attribute: _Absent(cls, attribute, field, unset, descriptor) for attribute, field, unset in plan}
    checks = "model_post_init" in vars(cls)
    known: dict[FieldDescriptor, tuple[str, Callable[[Any], Any] | None]] = {}
    usual: dict[str, Any] = {}  # what attributes hold that are not in the data, in the order of the class
    made_anew: list[str] = []  # those of which every instance has its own, or that have to be there

    def prepare() -> None:
        """When the first message comes: then all those that this one holds are known too."""
        for attribute, missing in absent.items():
            fixed = missing.fixed
            usual[attribute] = None if fixed is None else fixed[0]
            if fixed is None:
                made_anew.append(attribute)
        for attribute, field, _ in plan:
            known[descriptor.fields_by_name[field.name]] = attribute, field.getter

    def from_pb(pb: Any) -> Any:
        if not known:
            prepare()
        values = usual.copy()
        kept = bool(len(unknown_fields.UnknownFieldSet(pb)))
        found: set[str] = set()
        for field, value in pb.ListFields():
            if field not in known:
                kept = True  # an extension
                continue
            attribute, get = known[field]
            values[attribute] = value if get is None else get(value)
            found.add(attribute)
        for attribute in made_anew:
            if attribute not in found:
                values[attribute] = absent[attribute]()
        model: Any = object.__new__(cls)
        _set_values(model, values)
        _set_found(model, found)
        _set_extra(model, {KEPT: _rest(pb, names)} if kept else None)
        _set_private(model, None)
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

    @property
    def fixed(self) -> tuple[Any] | None:
        """The value, where it is the same for all instances and can't be changed in place."""
        try:
            value = self()
        except WireError:
            return None
        return (value,) if value is None or value is MISSING or isinstance(value, _CONSTANT) else None

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
