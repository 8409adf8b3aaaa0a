"""The reading tables of one dialect, as expressions of the runtime's vocabulary (`samewire_wire._rules`)."""

from __future__ import annotations

import json

from tools.wire import ir
from tools.wire.emit.attributes import Unset, attribute, is_value, simple_default, zero
from tools.wire.emit.source import Module
from tools.wire.emit.world import NULL_VALUE, UNIONS, WELL_KNOWN, WRAPPERS, World
from tools.wire.ir import Cardinality, Kind, Presence, Scalar

_RANGES = {
    "Int32": "-(2**31), 2**31 - 1",
    "Int64": "-(2**63), 2**63 - 1",
    "UInt32": "0, 2**32 - 1",
    "UInt64": "0, 2**64 - 1",
}
_INTS = {
    Scalar.INT32: "Int32",
    Scalar.SINT32: "Int32",
    Scalar.SFIXED32: "Int32",
    Scalar.INT64: "Int64",
    Scalar.SINT64: "Int64",
    Scalar.SFIXED64: "Int64",
    Scalar.UINT32: "UInt32",
    Scalar.FIXED32: "UInt32",
    Scalar.UINT64: "UInt64",
    Scalar.FIXED64: "UInt64",
}


class Rules:
    """Writes `RULES` of one file and dialect; the runtime's vocabulary is `r`, the models' module `m`."""

    def __init__(self, world: World, file: ir.File, dialect: str, module: Module) -> None:
        self._world, self._file, self._dialect = world, file, dialect
        self._m = module.module(file.module, "m")
        self._r = module.module("samewire_wire._rules", "r")
        self._module = module
        self._enums: dict[str, str] = {}

    def table(self) -> None:
        entries: list[str] = []
        for message in self._world.messages_of(self._file):
            if self._dialect in message.wire:
                entries += self._message(message)
        self._module.add("", *self._enums.values(), "", "RULES = {", *entries, "}")

    def _message(self, message: ir.Message) -> list[str]:
        kind = self._world.kind(message)
        rule = message.wire[self._dialect]
        r, start = self._r, f"    {message.full_name!r}: "
        if kind in UNIONS | {Kind.INLINE} and rule.kind is Kind.OBJECT:
            keys = [self._key(message, field, in_union=True) for field in self._world.arms(message)]
            return [f"{start}{r}.Wrapped((", *(f"        {key}," for key in keys), "    )),"]
        match rule.kind:
            case Kind.INLINE:
                field = self._world.field(message, rule.fields[0])
                wire = field.wire[self._dialect]
                null = ", null=True" if wire.nullable and not is_value(field) else ""
                return [f"{start}{r}.Inline({field.name!r}, {self.type(field, wire)}{null}),"]
            case Kind.SHAPE:
                return [f"{start}{r}.Shape({self._tuple(self._arm(message, arm.field) for arm in rule.arms)}),"]
            case Kind.TAGGED:
                return self._tagged(message, rule, start)
        fields = [self._world.field(message, name) for name in rule.fields]
        options = [f"unknown={rule.unknown.value!r}"] if rule.unknown is not ir.Unknown.FORBID else []
        if any(len(oneof.fields) > 1 or oneof.required for oneof in message.oneofs):
            options.append("oneofs=True")
        if self._dialect == ir.PROTOJSON and message.full_name in self._world.extended:
            options.append("extensions=True")
        keys = [self._key(message, field) for field in fields]
        keys += [self._absent(message, field) for field in message.fields if field.name not in rule.fields]
        end = "".join(f", {option}" for option in options)
        return [
            f"{start}{r}.Object({self._m}.{message.py_name}, (",
            *(f"        {key}," for key in keys),
            f"    ){end}),",
        ]

    def _tagged(self, message: ir.Message, rule: ir.WireMessage, start: str) -> list[str]:
        arms = ", ".join(f"{arm.tag!r}: {self._arm(message, arm.field)}" for arm in rule.arms)
        shapes = self._tuple(self._arm(message, name) for name in dict.fromkeys(arm.field for arm in rule.arms))
        dialect = next(each for each in self._world.schema.dialects[self._file.package] if each.name == self._dialect)
        if rule.untagged and not dialect.write_literals:
            # The tag is rarely there, and the arms' literals refuse a wrong one anyhow: go by shape at once.
            return [f"{start}{self._r}.Shape({shapes}),"]
        end = f", {shapes}" if rule.untagged else ""
        return [f"{start}{self._r}.Tagged({rule.tag!r}, {{{arms}}}{end}),"]

    def _tuple(self, parts: object) -> str:
        return "(" + "".join(f"{part}, " for part in parts).rstrip() + ")"  # type: ignore[attr-defined]

    def _arm(self, message: ir.Message, name: str) -> str:
        field = self._world.field(message, name)
        return self.type(field, field.wire[self._dialect])

    def _key(self, message: ir.Message, field: ir.Field, in_union: bool = False) -> str:
        wire = field.wire[self._dialect]
        missing, null = self._states(message, field, wire, in_union)
        parts = [repr(field.py_name), repr(field.name), repr(wire.key)]
        parts.append(f"{self._r}.Literal({wire.literal!r})" if wire.literal is not None else self.type(field, wire))
        if missing:
            parts.append(f"missing={missing}")
        if null:
            parts.append(f"null={null}")
        if wire.also:
            parts.append(f"also={wire.also!r}")
        return f"{self._r}.Key({', '.join(parts)})"

    def _absent(self, message: ir.Message, field: ir.Field) -> str:
        """A field that this dialect does not have: always unset."""
        facts = attribute(self._world, message, field)
        match facts.unset:
            case Unset.ZERO:
                value = zero(self._world, field)
            case Unset.NONE:
                value = "None"
            case Unset.DEFAULT:
                value = repr(facts.literal) if facts.literal is not None else self._default_elsewhere(message, field)
            case _:
                value = self._module.use("pydantic", "MISSING")
        return f"{self._r}.Key({field.py_name!r}, {field.name!r}, {self._r}.ABSENT, {self._r}.Bool(), missing={value})"

    def _default_elsewhere(self, message: ir.Message, field: ir.Field) -> str:
        """The default of the class, which is that of the first dialect with one; read as in that dialect."""
        first = next(name for name in self._world.dialects(message) if self._has_default(field, name))
        value = self._default_of(field, field.wire[first], first)
        if f"{self._r}.Json(" in value:
            other = Rules(self._world, self._file, first, self._module)
            other._enums = self._enums
            return f"{value[:-1]}, {other.type(field, field.wire[first])})"
        return value

    def _has_default(self, field: ir.Field, dialect: str) -> bool:
        return dialect in field.wire and field.wire[dialect].has_default

    def _states(self, message: ir.Message, field: ir.Field, wire: ir.WireField, in_union: bool) -> tuple[str, str]:
        """What missing and null read as; "" = refused."""
        null_is_a_value = is_value(field) or field.enum == NULL_VALUE
        if in_union:
            only = wire.presence is Presence.IMPLICIT
            return (zero(self._world, field) if only else ""), ("" if null_is_a_value else "None")
        if wire.literal is not None:
            return ("" if wire.required else repr(wire.literal)), ""
        if wire.presence in (Presence.IMPLICIT, Presence.EXPLICIT):
            unset = null = self._unset(message, field, wire)
            facts = attribute(self._world, message, field)
            if facts.unset is Unset.DEFAULT and facts.can_be_missing and wire.presence is Presence.EXPLICIT:
                null = self._module.use("pydantic", "MISSING")
            return unset, ("" if null_is_a_value else null)
        null = "None" if wire.nullable and not null_is_a_value else ""
        if wire.has_default:
            return self._default_of(field, wire, self._dialect), null
        if wire.presence in (Presence.OMIT, Presence.OMIT_OR_NULL):
            return self._module.use("pydantic", "MISSING"), null
        return "", null

    def _unset(self, message: ir.Message, field: ir.Field, wire: ir.WireField) -> str:
        """What a field that ProtoJSON leaves out reads as in a class that may know other states."""
        facts = attribute(self._world, message, field)
        implicit = wire.presence is Presence.IMPLICIT
        match facts.unset:
            case Unset.MISSING:
                return self._module.use("pydantic", "MISSING")
            case Unset.NONE:
                return "None"
            case Unset.ZERO:
                return zero(self._world, field)
            case Unset.DEFAULT if facts.literal is not None:
                return repr(facts.literal)
            case Unset.DEFAULT if not implicit or facts.default is None:
                return self._default_elsewhere(message, field)
        if implicit:
            return zero(self._world, field)
        return "None" if facts.can_be_none else ""

    def _default_of(self, field: ir.Field, wire: ir.WireField, dialect: str) -> str:
        simple = simple_default(self._world, field, dialect, wire.default)
        return simple or f"{self._r}.Json({json.dumps(wire.default)!r})"

    def type(self, field: ir.Field, wire: ir.WireField) -> str:
        r, limit = self._r, wire.limit
        items = limit and (limit.min_items is not None or limit.max_items is not None)
        tail = f", {self._limit(limit)}" if limit and items else ""
        one = self._one(field, wire, limit if limit and not items else None)
        match field.cardinality:
            case Cardinality.REPEATED:
                return f"{r}.List({one}{tail})"
            case Cardinality.MAP:
                assert field.key_type is not None
                return f"{r}.Map({self.scalar(field.key_type, wire, None)}, {one}{tail})"
        return one

    def _limit(self, limit: ir.Limit) -> str:
        names = ("min", "max", "min_length", "max_length", "pattern", "min_items", "max_items")
        given = [(name, getattr(limit, name)) for name in names]
        return f"{self._r}.Limit({', '.join(f'{name}={value!r}' for name, value in given if value is not None)})"

    def _one(self, field: ir.Field, wire: ir.WireField, limit: ir.Limit | None) -> str:
        r = self._r
        if field.enum == NULL_VALUE:
            return f"{r}.WellKnown('NullValue')"
        if field.enum:
            return self._enum(self._world.enums[field.enum])
        if field.message in WRAPPERS:
            return self.scalar(WRAPPERS[field.message], wire, limit)
        if field.message in WELL_KNOWN:
            name = field.message.rpartition(".")[2]
            rule = f", {wire.time.value!r}" if name == "Timestamp" and wire.time is not ir.Time.PROTOJSON else ""
            return f"{r}.WellKnown({name!r}{rule})"
        if field.message:
            inside = self._world.inside(self._world.messages[field.message], self._dialect)
            return f"{r}.Ref({field.message!r}, {inside!r})"
        assert field.type is not None
        return self.scalar(field.type, wire, limit)

    def scalar(self, scalar: Scalar, wire: ir.WireField, limit: ir.Limit | None) -> str:
        r = self._r
        end = f", limit={self._limit(limit)}" if limit else ""
        if scalar in _INTS:
            return f"{r}.Int({_RANGES[_INTS[scalar]]}, {wire.numbers.value!r}{end})"
        match scalar:
            case Scalar.BOOL:
                return f"{r}.Bool()"
            case Scalar.STRING:
                return f"{r}.String({end.removeprefix(', ')})"
            case Scalar.BYTES:
                return f"{r}.Bytes({wire.bytes.value!r}{end})"
        return f"{r}.Float({scalar is Scalar.FLOAT}, {wire.numbers.value!r}{end})"

    def _enum(self, enum: ir.Enum) -> str:
        name = f"_{enum.py_name}" if enum.file == self._file.name else f"_{enum.full_name.replace('.', '_')}"
        if enum.full_name not in self._enums:
            inside = self._world.inside(enum, self._dialect)
            rule = enum.wire[inside]
            python = self._world.python_values(enum)
            here = [(value, value.wire[inside]) for value in enum.values if inside in value.wire]
            values = {wire.json: python[value.name] for value, wire in here if wire.json}
            for value, wire in here:
                for also in wire.also:
                    values.setdefault(also, python[value.name])
            parts = [repr(enum.full_name), repr(values)]
            if rule.numbers:
                parts.append(f"numbers={self._world.by_number(enum)!r}")
            if enum.closed:
                parts.append("closed=True")
            if rule.ignore_case:
                parts.append("ignore_case=True")
            if rule.unknown is not ir.UnknownValue.REJECT:
                parts.append(f"unknown={rule.unknown.value!r}")
            if rule.unknown is ir.UnknownValue.ZERO:
                parts.append(f"zero={self._world.by_number(enum).get(0, '')!r}")
            self._enums[enum.full_name] = f"{name} = {self._r}.Enum({', '.join(parts)})"
        return name
