"""Refuses annotations of enums that contradict each other or change nothing."""

from __future__ import annotations

from tools.wire.descriptors.tree import EnumDecl, ValueDecl
from tools.wire.ir import UnknownValue
from tools.wire.options.rules import EnumRule, ValueRule
from tools.wire.passes import enums
from tools.wire.passes.context import Context


def check(enum: EnumDecl, context: Context) -> None:
    """Adds a finding for each thing that is wrong with an enum and its values."""
    for value in enum.values:
        if value.rule is not None:
            _value(enum, value, value.rule, context)
    if enum.rule is None:
        return
    at, where, names = enum.source, enum.full_name, context.dialects.names(enum.file)
    if enum.rule.dialects:
        context.findings.add(at, where, "`dialects` has a meaning only inside `per`", "move it into an entry of `per`")
    context.per((per.dialects for per in enum.rule.per), names, enum.file, at, where)
    _repeats(enum, enum.rule, context)
    told: set[str] = set()
    for dialect in names:
        for message, way_out in _faults(enum, dialect):
            if message not in told:
                told.add(message)
                context.findings.add(at, where, message, way_out)


def _value(enum: EnumDecl, value: ValueDecl, rule: ValueRule, context: Context) -> None:
    at, where = value.source, f"{enum.full_name}.{value.proto.name}"
    if enum.rule is None:
        context.findings.add(
            at, where, "(wire.v1.value) changes nothing: the enum has no rule", "add option (wire.v1.enumeration) = {};"
        )
    if rule == ValueRule():
        context.findings.add(at, where, "the rule is empty, which changes nothing", "remove it")
    if rule.absent and (rule.json is not None or rule.also):
        context.findings.add(at, where, "`absent` excludes `json` and `also`", "remove one or the other")
    if rule.json == value.proto.name:
        context.findings.add(at, where, f'`json` is "{rule.json}", which the string is anyway', "remove it")
    if rule.json == "":
        context.findings.add(at, where, "`json` is empty", "use absent: true, or give a string")
    context.only(rule.only, enum.file, at, where)


def _repeats(enum: EnumDecl, rule: EnumRule, context: Context) -> None:
    at, where = enum.source, enum.full_name
    if rule.ignore_case is False and not rule.per:
        context.findings.add(at, where, "CASING_UNSPECIFIED changes nothing", "remove it")
    if rule.unknown is UnknownValue.REJECT and not rule.per:
        context.findings.add(at, where, "UNKNOWN_VALUE_UNSPECIFIED changes nothing", "remove it")
    for per in rule.per:
        names = ", ".join(per.dialects)
        if per.per:
            context.findings.add(at, where, f"`per` has no meaning inside `per` ({names})", "move it out")
        if per.ignore_case is None and per.unknown is None:
            context.findings.add(at, where, f"the entry of `per` for {names} states nothing", "remove it")
        if per.ignore_case is not None and per.ignore_case == bool(rule.ignore_case):
            context.findings.add(
                at, where, f"`per` for {names} repeats `casing`, which holds anyway", "remove it there"
            )
        if per.unknown is not None and per.unknown is (rule.unknown or UnknownValue.REJECT):
            context.findings.add(
                at, where, f"`per` for {names} repeats `unknown`, which holds anyway", "remove it there"
            )


def _faults(enum: EnumDecl, dialect: str) -> list[tuple[str, str]]:
    """(what is wrong, way out) of the enum as one dialect has it."""
    rule = enums.wire_enum(enum, dialect)
    there = [(value, enums.wire_value(value)) for value in enums.values_in(enum, dialect)]
    result = []
    owners: dict[str, str] = {}
    for value, wire in there:
        for word in filter(None, (wire.json, *wire.also)):
            folded = word.casefold() if rule.ignore_case else word
            other = owners.get(folded)
            if other == value.proto.name:
                result.append((f'`also` of {other} repeats "{word}"', "remove it"))
            elif other is not None:
                result.append(
                    (f'{other} and {value.proto.name} are both "{word}" on the wire', "change one of the two")
                )
            owners[folded] = value.proto.name
    if not owners:
        result.append((f'no value can be sent in the dialect "{dialect}"', "give one a string, or drop the enum there"))
    if rule.unknown is UnknownValue.ZERO:
        zero = [wire for value, wire in there if value.proto.number == 0]
        if not zero:
            result.append(("UNKNOWN_VALUE_ZERO needs a value with number 0", "add one, or use UNKNOWN_VALUE_KEEP"))
        elif not any(wire.json for wire in zero):
            result.append(
                (
                    "UNKNOWN_VALUE_ZERO reads unknown strings as the value 0, which is `absent`: it can't be written",
                    "give the value 0 a string, or use UNKNOWN_VALUE_KEEP",
                )
            )
    return result
