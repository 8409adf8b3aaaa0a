"""Refuses annotations of messages that contradict each other, change nothing, or don't fit the message."""

from __future__ import annotations

from tools.wire.descriptors.tree import FieldDecl, FileDecl, MessageDecl
from tools.wire.ir import Cardinality, Kind, Unknown
from tools.wire.options.rules import Defaults, MessageRule
from tools.wire.passes import fields, messages
from tools.wire.passes.context import Context


def check_file(file: FileDecl, context: Context) -> None:
    """The rule of a file: its defaults must say something else than ProtoJSON."""
    rule = file.rules.rule
    for fact in _reset(rule.defaults) if rule else ():
        at = file.locations.source((8, 50500))
        context.findings.add(at, "", f"`defaults.{fact}` says what ProtoJSON does anyway", "remove it")


def check(message: MessageDecl, context: Context) -> None:
    """Adds a finding for each thing that is wrong with a message's own annotations, and with its keys together."""
    if message.rule is not None:
        _rule(message, message.rule, context)
    if _endless(message, context):
        context.findings.add(
            message.source,
            message.full_name,
            "its JSON would be that of itself, without end",
            "break the circle with a message that has keys",
        )
    if messages.kind_of(message) is Kind.OBJECT and not message.proto.options.map_entry:
        _keys(message, context)


def _rule(message: MessageDecl, rule: MessageRule, context: Context) -> None:
    at, where = message.source, message.full_name

    def wrong(text: str, way_out: str) -> None:
        context.findings.add(at, where, text, way_out)

    if rule == MessageRule():
        wrong("the rule is empty, which changes nothing", "remove it")
    context.only(rule.only, message.file, at, where)
    there = [dialect.name for dialect in context.dialects.having(message)]
    context.per((per.dialects for per in rule.per), there, message.file, at, where)
    if rule.dialects:
        wrong("`dialects` has a meaning only inside `per`", "use `only`, or move it into an entry of `per`")
    _defaults(message, rule, context)
    _unknown(message, rule, context)
    if rule.inline is False:
        wrong("`inline: false` changes nothing", "remove it")
    if rule.inline:
        _inline(message, context)


def _defaults(message: MessageDecl, rule: MessageRule, context: Context) -> None:
    of_file = message.file.rules.rule.defaults if message.file.rules.rule else Defaults()
    for fact in Defaults.__slots__:
        said, holds = getattr(rule.defaults, fact), getattr(of_file, fact)
        if said is not None and said == holds:
            context.findings.add(
                message.source, message.full_name, f"`defaults.{fact}` repeats what the file says", "remove it"
            )
        elif holds is None and fact in _reset(rule.defaults):
            context.findings.add(
                message.source, message.full_name, f"`defaults.{fact}` says what ProtoJSON does anyway", "remove it"
            )


def _reset(defaults: Defaults) -> list[str]:
    """The facts that are set back to ProtoJSON's."""
    said = {fact: getattr(defaults, fact) for fact in Defaults.__slots__}
    return [fact for fact, value in said.items() if value is not None and value.value in ("implicit", "protojson")]


def _unknown(message: MessageDecl, rule: MessageRule, context: Context) -> None:
    at, where = message.source, message.full_name
    of_file = message.file.rules.rule.unknown if message.file.rules.rule else None
    holds = of_file or Unknown.FORBID
    if rule.unknown is not None and rule.unknown is holds:
        context.findings.add(at, where, f"`unknown` says UNKNOWN_{holds.name}, which holds anyway", "remove it")
    if rule.unknown is not None and messages.kind_of(message) is not Kind.OBJECT:
        context.findings.add(at, where, "`unknown` has no meaning: the message has no keys of its own", "remove it")
    for per in rule.per:
        if per.unknown is None or per != MessageRule(unknown=per.unknown, dialects=per.dialects):
            context.findings.add(
                at, where, "an entry of `per` of a message can only state `unknown`", "move the rest out"
            )
        elif per.unknown is (rule.unknown or holds):
            context.findings.add(
                at,
                where,
                f"`per` for {', '.join(per.dialects)} repeats `unknown`, which holds anyway",
                "remove it there",
            )


def _inline(message: MessageDecl, context: Context) -> None:
    at, where = message.source, message.full_name
    count = len(message.fields)
    if count != 1:
        context.findings.add(
            at, where, f"`inline` is for messages of one field, this one has {count}", "remove it, or the other fields"
        )
        return
    if message.fields[0].oneof:
        context.findings.add(
            at, where, "`inline` is for a plain field, this one is in a oneof", "take the field out of the oneof"
        )


def _endless(message: MessageDecl, context: Context) -> bool:
    """Whether the JSON of a message would be that of itself: inline fields and arms of unions in a circle."""
    seen: set[str] = set()
    todo = [message]
    while todo:
        for held in _stands_for(todo.pop(), context):
            if held is message:
                return True
            if held.full_name not in seen:
                seen.add(held.full_name)
                todo.append(held)
    return False


def _stands_for(message: MessageDecl, context: Context) -> list[MessageDecl]:
    """The messages whose JSON is that of a message without keys of its own."""
    if messages.kind_of(message) in (Kind.OBJECT, Kind.WELL_KNOWN):
        return []
    single = [field for field in message.fields if field.cardinality is Cardinality.SINGULAR]
    return [context.tree.messages[field.message] for field in single if field.message]


def _keys(message: MessageDecl, context: Context) -> None:
    """No two fields may share a key in one dialect, not even one that is only read."""
    above = fields.inherited(message)
    owners: dict[tuple[str, str], FieldDecl] = {}
    for field in message.fields:
        told = False
        for dialect in fields.dialects_having(field, message, context.tree, context.dialects):
            for key in fields.keys(field, message.file, fields.facts(field, above, dialect.name)):
                other = owners.setdefault((dialect.name, key), field)
                if other is not field and not told:
                    told = True
                    context.findings.add(
                        field.source,
                        field.full_name,
                        f'the key "{key}" is that of the field {other.proto.name} too',
                        "give one of the two another `json` or `also`, or let them differ in `only`",
                    )
