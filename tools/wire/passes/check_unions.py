"""Refuses unions whose arms a reader could not tell apart, and rules that don't fit their oneof."""

from __future__ import annotations

from tools.wire.descriptors.tree import FieldDecl, MessageDecl, OneofDecl
from tools.wire.options.rules import OneofRule
from tools.wire.passes import fields, messages, shapes
from tools.wire.passes.context import Context


def check(message: MessageDecl, context: Context) -> None:
    """Adds a finding for each thing that is wrong with the oneofs of a message."""
    for oneof in message.oneofs:
        if oneof.rule is not None:
            _Oneof(message, oneof, oneof.rule, context).check()


class _Oneof:
    def __init__(self, message: MessageDecl, oneof: OneofDecl, rule: OneofRule, context: Context) -> None:
        self._message = message
        self._oneof = oneof
        self._rule = rule
        self._context = context
        self._arms = [field for field in message.fields if field.oneof == oneof.proto.name]

    def check(self) -> None:
        rule = self._rule
        if rule == OneofRule():
            self._wrong("the rule is empty, which changes nothing", "remove it")
        if rule.union != "tagged" and (rule.tag or rule.untagged):
            self._wrong("`tag` and `untagged` are for UNION_TAGGED", "add union: UNION_TAGGED, or remove them")
        if rule.union == "nested":
            return
        if rule.required:
            self._wrong(f"`required` changes nothing in a {rule.union} union: it is its arm", "remove it")
        if len(self._arms) != len(self._message.fields):
            self._wrong(
                f"a {rule.union} union must be alone in its message, which has other fields too",
                "move the oneof into a message of its own",
            )
            return
        if self._message.rule and self._message.rule.inline:
            self._wrong(f"`inline` and a {rule.union} union exclude each other", "remove `inline`")
            return
        if rule.union == "tagged":
            self._tags()
        if rule.union == "shape" or rule.untagged:
            self._shapes()

    def _wrong(self, message: str, way_out: str) -> None:
        self._context.findings.add(self._oneof.source, self._oneof.full_name, message, way_out)

    def _there(self, dialect: str) -> list[FieldDecl]:
        context = self._context
        return [
            arm
            for arm in self._arms
            if dialect in {d.name for d in fields.dialects_having(arm, self._message, context.tree, context.dialects)}
        ]

    def _tags(self) -> None:
        tag, context = self._rule.tag, self._context
        if not tag:
            self._wrong("UNION_TAGGED needs a `tag`", 'name the key: tag: "type"')
            return
        told: set[str] = set()
        for dialect in context.dialects.having(self._message):
            owners: dict[str, str] = {}
            for arm in self._there(dialect.name):
                name = arm.proto.name
                tags = messages.tags_of(arm, tag, dialect.name, context.tree, context.dialects)
                if not tags and name not in told:
                    told.add(name)
                    self._wrong(
                        f'the arm {name} has no literal "{tag}"',
                        f"give {arm.message or 'it'} a field string {tag} with `literal`, or use UNION_SHAPE",
                    )
                for value in tags:
                    other = owners.setdefault(value, name)
                    if other != name and name not in told:
                        told.add(name)
                        self._wrong(f'the arms {other} and {name} have the same tag "{value}"', "change one of the two")

    def _shapes(self) -> None:
        context, told = self._context, set[str]()
        for dialect in context.dialects.having(self._message):
            arms = self._there(dialect.name)
            forms = [shapes.of_field(arm, self._message, dialect.name, context) for arm in arms]
            for index, arm in enumerate(arms):
                name = arm.proto.name
                swallowed = next((i for i in range(index) if shapes.takes_all(forms[i], forms[index])), None)
                if swallowed is not None and name not in told:
                    told.add(name)
                    self._wrong(
                        f"the arm {name} can't be told from {arms[swallowed].proto.name}, which is tried first",
                        f"put {name} before it, or let them differ in required keys or literals",
                    )
