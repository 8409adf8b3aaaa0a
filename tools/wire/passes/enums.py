"""How the values of an enum look in each dialect."""

from __future__ import annotations

from tools.wire import ir
from tools.wire.descriptors.tree import EnumDecl, ValueDecl
from tools.wire.ir import PROTOJSON, UnknownValue, WireEnum, WireValue
from tools.wire.options.rules import EnumRule, ValueRule
from tools.wire.passes import names
from tools.wire.passes.dialects import Dialects

_NOTHING = ValueRule()


def wire_enum(enum: EnumDecl, dialect: str) -> WireEnum:
    """How strings and numbers of an enum are read in a dialect."""
    rule = enum.rule
    if rule is None:
        return WireEnum(numbers=True, ignore_case=False, unknown=UnknownValue.REJECT)
    per = next((each for each in rule.per if dialect in each.dialects), EnumRule())
    ignore_case = per.ignore_case if per.ignore_case is not None else rule.ignore_case
    return WireEnum(
        numbers=False, ignore_case=bool(ignore_case), unknown=per.unknown or rule.unknown or UnknownValue.REJECT
    )


def wire_value(value: ValueDecl) -> WireValue:
    """The strings of a value, the same in all dialects that have it."""
    rule = value.rule or _NOTHING
    json = value.proto.name if rule.json is None else rule.json
    return WireValue(json="" if rule.absent else json, also=rule.also)


def values_in(enum: EnumDecl, dialect: str) -> tuple[ValueDecl, ...]:
    """The values that a dialect has, those that can't be sent too."""
    return tuple(value for value in enum.values if not value.rule or not value.rule.only or dialect in value.rule.only)


def ir_enum(enum: EnumDecl, py_name: str, dialects: Dialects) -> ir.Enum:
    """The enum with its rules for each dialect of its package, ProtoJSON last."""
    here = dialects.names(enum.file)
    py_names = names.enum_values(value.proto.name for value in enum.values)
    return ir.Enum(
        full_name=enum.full_name,
        py_name=py_name,
        file=enum.file.name,
        doc=enum.doc,
        source=enum.source,
        closed=enum.closed,
        values=tuple(_value(value, py_names[value.proto.name], here) for value in enum.values),
        wire={
            **{dialect: wire_enum(enum, dialect) for dialect in here},
            PROTOJSON: WireEnum(numbers=True, ignore_case=False, unknown=UnknownValue.REJECT),
        },
    )


def _value(value: ValueDecl, py_name: str, dialects: tuple[str, ...]) -> ir.EnumValue:
    only = value.rule.only if value.rule else ()
    wire = {dialect: wire_value(value) for dialect in dialects if not only or dialect in only}
    wire[PROTOJSON] = WireValue(json=value.proto.name, also=())
    return ir.EnumValue(name=value.proto.name, py_name=py_name, number=value.proto.number, doc=value.doc, wire=wire)
