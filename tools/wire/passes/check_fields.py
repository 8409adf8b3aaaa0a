"""Refuses annotations of fields that contradict each other, change nothing, or don't fit the field."""

from __future__ import annotations

from dataclasses import fields as dataclass_fields

from tools.wire.descriptors.tree import FieldDecl, FileDecl, MessageDecl
from tools.wire.ir import Cardinality, Kind, Presence, Scalar
from tools.wire.options.rules import Defaults, FieldRule
from tools.wire.passes import check_values, fields, limits, messages
from tools.wire.passes.context import Context

_FACTS = ("presence", "numbers", "bytes", "time")
_OWN = ("json", "literal", "default", "limit", "required")


def check(message: MessageDecl, context: Context) -> None:
    """Adds a finding for each thing that is wrong with the annotations of a message's fields."""
    kind = messages.kind_of(message)
    above = fields.inherited(message)
    for field in message.fields:
        if field.rule is not None:
            _Field(field, message.file, context, above, kind).check(_having(message, context))
        _foreign_dialects(field, message, context)
        there = fields.dialects_having(field, message, context.tree, context.dialects)
        known = not field.rule or set(field.rule.only) <= set(context.dialects.names(message.file))
        if not there and known and context.dialects.having(message):
            context.findings.add(
                field.source,
                field.full_name,
                "no dialect has the field: `only` here and of the message or of its type leave none",
                "let the lists share a dialect",
            )
        for dialect in there:
            found = fields.facts(field, above, dialect.name)
            if found.default is not None and not (field.rule and field.rule.literal is not None):
                check_values.check_default(field, message.file, found, dialect.name, context)


def check_extension(field: FieldDecl, file: FileDecl, context: Context) -> None:
    """The same for an extension field."""
    rule = file.rules.rule
    if field.rule is not None:
        above = (rule.defaults,) if rule else ()
        _Field(field, file, context, above, Kind.OBJECT).check(context.dialects.names(file))
        if field.rule.json is not None or field.rule.also:
            context.findings.add(
                field.source, field.full_name, "the JSON key of an extension is its full name in brackets", "remove it"
            )


def _having(message: MessageDecl, context: Context) -> tuple[str, ...]:
    return tuple(dialect.name for dialect in context.dialects.having(message))


def _foreign_dialects(field: FieldDecl, message: MessageDecl, context: Context) -> None:
    """A field whose type lives in a package that declares dialects, but not ours."""
    held = context.tree.messages.get(field.message) or context.tree.enums.get(field.enum)
    if held is None or held.file.package == message.file.package:
        return
    only = field.rule.only if field.rule else ()
    for dialect in context.dialects.having(message):
        if (not only or dialect.name in only) and context.dialects.inside(held.file, dialect.name) is None:
            context.findings.add(
                field.source,
                field.full_name,
                f'{held.full_name} is not known in the dialect "{dialect.name}": its package declares other dialects',
                f'declare "{dialect.name}" in package {held.file.package} too, or limit the field with `only`',
            )


class _Field:
    """The checks of one field's own rule."""

    def __init__(
        self, field: FieldDecl, file: FileDecl, context: Context, above: tuple[Defaults, ...], kind: Kind
    ) -> None:
        self._field = field
        self._rule = field.rule or FieldRule()
        self._file = file
        self._context = context
        self._above = above
        self._kind = kind

    def check(self, having: tuple[str, ...]) -> None:
        rule, context, at, where = self._rule, self._context, self._field.source, self._field.full_name
        if rule == FieldRule():
            self._wrong("the rule is empty, which changes nothing", "remove it")
        context.only(rule.only, self._file, at, where)
        if rule.dialects:
            self._wrong("`dialects` has a meaning only inside `per`", "use `only`, or move it into an entry of `per`")
        there = tuple(name for name in having if not rule.only or name in rule.only)
        for name in rule.only:
            if name in context.dialects.names(self._file) and name not in having:
                self._wrong(f'`only` names the dialect "{name}", which does not have the message', "remove it there")
        context.per((per.dialects for per in rule.per), there, self._file, at, where)
        self._fits(rule)
        self._repeats(rule)
        for per in rule.per:
            self._fits(per)
            self._per(per)
        self._combines(rule, FieldRule())
        for per in rule.per:
            self._combines(rule, per)

    def _wrong(self, message: str, way_out: str) -> None:
        self._context.findings.add(self._field.source, self._field.full_name, message, way_out)

    def _fits(self, rule: FieldRule) -> None:
        """What one rule says must be possible for the field's type."""
        field = self._field
        kind = type_name(field)
        if rule.literal is not None and (
            field.type is not Scalar.STRING or field.cardinality is not Cardinality.SINGULAR
        ):
            self._wrong(
                f"`literal` is for a single string, the field is {kind}", "remove it, or make the field a string"
            )
        if rule.numbers is not None and not fields.is_numeric(field):
            self._wrong(f"`numbers` is for numbers, the field is {kind}", "remove it")
        if rule.bytes is not None and not fields.is_bytes(field):
            self._wrong(f"`bytes` is for bytes, the field is {kind}", "remove it")
        if rule.time is not None and field.message != "google.protobuf.Timestamp":
            self._wrong(f"`time` is for google.protobuf.Timestamp, the field is {kind}", "remove it")
        if rule.limit is not None:
            for message, way_out in limits.faults(rule.limit, field):
                self._wrong(message, way_out)
        if rule.json == "":
            self._wrong("`json` is empty, which is no key", "give a name, or remove it")
        if self._kind is not Kind.OBJECT and (rule.json is not None or rule.also):
            self._wrong(
                f"the field of {_article(self._kind)} message has no key on the wire", "remove `json` and `also`"
            )

    def _repeats(self, rule: FieldRule) -> None:
        """What the field says must differ from what it inherits."""
        for fact in _FACTS:
            said = getattr(rule, fact)
            if said is None or (fact == "presence" and self._field.oneof):
                continue
            holds = next((value for each in self._above if (value := getattr(each, fact)) is not None), None)
            if holds is None and said.value in ("implicit", "protojson"):
                self._wrong(f"`{fact}` says what ProtoJSON does anyway", "remove it")
            elif said == holds:
                self._wrong(f"`{fact}` repeats what file or message say", "remove it")
        key = messages.key_by_names(self._field, self._file)
        if rule.json is not None and rule.json == key:
            self._wrong(f'`json` is "{key}", which the key is anyway', "remove it")
        for also in rule.also:
            if also == (rule.json or key):
                self._wrong(f'`also` repeats the key "{also}"', "remove it")
        if len(set(rule.also)) < len(rule.also):
            self._wrong("`also` names a key twice", "remove one of the two")

    def _per(self, per: FieldRule) -> None:
        """An entry of `per` must state something, and something else than the rule itself."""
        names = ", ".join(per.dialects)
        if per.only or per.per:
            self._wrong(f"`only` and `per` have no meaning inside `per` ({names})", "move them out")
        said = [
            each.name
            for each in dataclass_fields(per)
            if each.name != "dialects" and getattr(per, each.name) not in (None, ())
        ]
        if not said:
            self._wrong(f"the entry of `per` for {names} states nothing", "remove it")
        for name in said:
            value = getattr(per, name)
            outside = getattr(self._rule, name)
            if outside is None and name in _FACTS and not (name == "presence" and self._field.oneof):
                outside = next((held for each in self._above if (held := getattr(each, name)) is not None), None)
            if value == outside:
                self._wrong(f"`per` for {names} repeats `{name}`, which holds anyway", "remove it there")

    def _combines(self, rule: FieldRule, per: FieldRule) -> None:
        """The rule with one entry of `per` over it must make sense as a whole; `per` empty: the rule alone."""
        alone = per == FieldRule()
        said = {
            name: own if (own := getattr(per, name)) is not None else getattr(rule, name)
            for name in (*_OWN, "presence")
        }
        here = {name for name in said if getattr(rule if alone else per, name) is not None}
        if not here:
            return
        presence = said["presence"]
        if said["literal"] is not None:
            for name in ("presence", "default", "limit"):
                if said[name] is not None and here & {name, "literal"}:
                    self._wrong(f"`literal` and `{name}` exclude each other", f"remove `{name}`")
            if self._field.oneof:
                self._wrong("an arm of a oneof can't be a literal", "move it out of the oneof")
        elif said["required"] is not None and "required" in here:
            self._wrong(
                "`required` is for a field with a `literal`", "use presence: PRESENCE_ALWAYS, or add the literal"
            )
        if "presence" in here and presence is not None:
            self._presence(presence)
        if self._field.oneof and "default" in here:
            self._wrong("an arm of a oneof can't have a default", "remove it")

    def _presence(self, presence: Presence) -> None:
        field, name = self._field, f"PRESENCE_{self._value(presence)}"
        if self._kind in (Kind.TAGGED, Kind.SHAPE):
            self._wrong(f"{name} on an arm of a {self._kind.value} union changes nothing", "remove it")
        elif self._kind is Kind.INLINE and presence is not Presence.NULL:
            self._wrong(
                f"{name} on the field of an inline message changes nothing: it can't be missing",
                "remove it, or use PRESENCE_NULL",
            )
        elif field.oneof and presence is not Presence.OMIT:
            self._wrong(
                f"{name} contradicts the oneof {field.oneof}: an arm is there or not",
                "use PRESENCE_OMIT, or move it out",
            )
        elif field.required and presence in (Presence.OMIT, Presence.OMIT_OR_NULL):
            self._wrong(f"{name} contradicts `required` of the .proto", "make the field optional")

    @staticmethod
    def _value(presence: Presence) -> str:
        return "UNSPECIFIED" if presence is Presence.IMPLICIT else presence.name


def _article(kind: Kind) -> str:
    return f"an {kind.value}" if kind is Kind.INLINE else f"a {kind.value}"


def type_name(field: FieldDecl) -> str:
    """The type as the .proto has it, for messages to people."""
    value = str(field.type or field.message or field.enum)
    if field.cardinality is Cardinality.MAP:
        return f"map<{field.key_type}, {value}>"
    return f"repeated {value}" if field.cardinality is Cardinality.REPEATED else value
