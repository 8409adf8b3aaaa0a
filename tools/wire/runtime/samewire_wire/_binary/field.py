"""How the values of one field pass between Python and upb."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from google.protobuf.descriptor import FieldDescriptor

from samewire_wire._binary import pool
from samewire_wire._write import shortest


class Pair(NamedTuple):
    """One message, both ways."""

    from_pb: Callable[[Any], Any]
    to_pb: Callable[[Any, Any], None]  # fills the upb message that it is given


Find = Callable[[str], Pair]  # by full name


class Field:
    """How the values of one field pass; made ready when first used, for messages may hold each other."""

    def __init__(self, field: FieldDescriptor, find: Find) -> None:
        self.name = field.name
        self.implicit = not field.has_presence and not field.is_repeated
        self._kind = field
        self._find = find
        self._get: Callable[[Any], Any] | None = None
        self._put: Callable[[Any, Any], None] | None = None

    @property
    def getter(self) -> Callable[[Any], Any] | None:
        """What `get` does; None where a value stays as it is."""
        if self._kind.is_repeated or self._from_pb(self._kind) is not None:
            return self._getter(self._kind)
        return None

    def get(self, value: Any) -> Any:
        if self._get is None:
            self._get = self._getter(self._kind)
        return self._get(value)

    def put(self, pb: Any, value: Any) -> None:
        if self._put is None:
            self._put = self._putter(self._kind)
        self._put(pb, value)

    def _getter(self, field: FieldDescriptor) -> Callable[[Any], Any]:
        if is_map(field):
            each = self._from_pb(map_value(field))
            if each is None:
                return dict
            return lambda values: {key: each(values[key]) for key in values}
        one = self._from_pb(field)
        if field.is_repeated:
            return list if one is None else lambda values: [one(value) for value in values]
        return one or (lambda value: value)

    def _putter(self, field: FieldDescriptor) -> Callable[[Any, Any], None]:
        name = field.name
        if is_map(field):
            value_field = map_value(field)
            if value_field.message_type is not None:
                fill = self._find(value_field.message_type.full_name).to_pb

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
            fill = self._find(field.message_type.full_name).to_pb
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

    def _from_pb(self, field: FieldDescriptor) -> Callable[[Any], Any] | None:
        """One value from upb; None = as it is."""
        if field.message_type is not None:
            return self._find(field.message_type.full_name).from_pb
        if field.enum_type is not None:
            table = pool.enum(field.enum_type.full_name)
            return lambda number: table.get(number, number)
        return shortest_float if field.type == FieldDescriptor.TYPE_FLOAT else None


def is_map(field: FieldDescriptor) -> bool:
    return field.is_repeated and field.message_type is not None and field.message_type.GetOptions().map_entry


def map_value(field: FieldDescriptor) -> FieldDescriptor:
    entry = field.message_type
    assert entry is not None
    return entry.fields_by_name["value"]


def shortest_float(value: float) -> float:
    return shortest(value) if value - value == 0 else value


def _to_pb(field: FieldDescriptor) -> Callable[[Any], Any] | None:
    if field.enum_type is not None:
        name = field.enum_type.full_name
        table = {value: number for number, value in reversed(pool.enum(name).items())}
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
