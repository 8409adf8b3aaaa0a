"""Key counters: how many JSON keys the model that was read took in. The reader compares with the text (`_text_checks`)."""

from __future__ import annotations

from tools.wire import ir
from tools.wire.emit.attributes import Unset, attribute, python_types
from tools.wire.emit.source import Module
from tools.wire.emit.world import UNIONS, WELL_KNOWN, WRAPPERS, World, part_module
from tools.wire.ir import Cardinality, Kind

_SET = "__pydantic_fields_set__"
_JSON = frozenset(("google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue"))


class Counters:
    def __init__(self, world: World, file: ir.File, dialect: str, module: Module) -> None:
        self._world, self._file, self._dialect, self._module = world, file, dialect, module
        self._w = module.module("samewire_wire._count", "c")
        self._tables: list[str] = []

    def table(self) -> None:
        names = []
        for message in self._world.messages_of(self._file):
            if self._dialect in message.wire:
                self._function(message)
                names.append(f"    {message.full_name!r}: count_{message.py_name},")
        self._module.add("", "", *self._tables, "COUNTERS = {", *names, "}")

    def _function(self, message: ir.Message) -> None:
        rule = message.wire[self._dialect]
        name = f"count_{message.py_name}"
        if self._world.kind(message) in UNIONS | {Kind.INLINE}:
            self._transparent(message, rule, name)
            return
        if self._leaf(message):
            self._module.add("", "", f"def {name}(m):", f"    return len(m.{_SET})")
            return
        lines = [f"    n = len(m.{_SET})"]
        if rule.unknown is ir.Unknown.KEEP or self._extended(message):
            lines += ["    if m.__pydantic_extra__:", f"        n += {self._w}.extra(m)"]
        for field_name in rule.fields:
            field = self._world.field(message, field_name)
            lines += self._field(message, field)
        self._module.add("", "", f"def {name}(m):", *lines, "    return n")

    def _extended(self, message: ir.Message) -> bool:
        return self._dialect == ir.PROTOJSON and message.full_name in self._world.extended

    def _field(self, message: ir.Message, field: ir.Field) -> list[str]:
        value = self.value(field, "v")
        if value is None:
            return []
        facts = attribute(self._world, message, field)
        always = facts.unset in (Unset.REQUIRED, Unset.ZERO) and not facts.can_be_none
        # A default that is read from JSON has keys of its own, which are not in the text.
        guard = f"if {field.py_name!r} in m.{_SET}:" if facts.unset is Unset.DEFAULT else ""
        if always:
            return [f"    n += {self.value(field, f'm.{field.py_name}')}"]
        tests = []
        if facts.can_be_none:
            tests.append("v is not None")
        if facts.can_be_missing:
            tests.append(f"v is not {self._module.use('pydantic', 'MISSING')}")
        lines = [f"v = m.{field.py_name}", *([f"if {' and '.join(tests)}:"] if tests else [])]
        lines.append(("    " if tests else "") + f"n += {value}")
        if guard:
            lines = [guard, *(f"    {line}" for line in lines)]
        return [f"    {line}" for line in lines]

    def value(self, field: ir.Field, value: str) -> str | None:
        """The number of keys in a field's value; None = it never has any."""
        one = self._one(field)
        match field.cardinality:
            case Cardinality.REPEATED:
                return one and f"sum(map({one}, {value}))"
            case Cardinality.MAP:
                return f"len({value})" + (f" + sum(map({one}, {value}.values()))" if one else "")
        if one == f"{self._w}.fields":
            return f"len({value}.{_SET})"
        return one and f"{one}({value})"

    def _one(self, field: ir.Field) -> str | None:
        """A function that counts the keys in one value."""
        if not field.message or not self._may_hold_keys(field.message):
            return None
        if field.message in WELL_KNOWN:
            return f"{self._w}.unknown" if field.message == "google.protobuf.Any" else f"{self._w}.json"
        message = self._world.messages[field.message]
        if self._leaf(message):
            return f"{self._w}.fields"
        if self._world.kind(message) in UNIONS:
            arms = [self._world.messages.get(arm.message) for arm in self._world.arms(message)]
            if all(arm is not None and self._leaf(arm) for arm in arms) and not self._wrapped(message):
                return f"{self._w}.fields"
        inside = self._world.inside(message, self._dialect)
        if message.file == self._file.name and inside == self._dialect:
            return f"count_{message.py_name}"
        other = part_module(self._world.files[message.file].module, inside)
        return f"{self._module.module(other)}.count_{message.py_name}"

    def _may_hold_keys(self, full_name: str) -> bool:
        if full_name in WRAPPERS or full_name in WELL_KNOWN:
            return full_name not in WRAPPERS and not self._no_keys(full_name)
        return self._has_keys(self._world.messages[full_name])

    def _has_keys(self, message: ir.Message) -> bool:
        """Whether the JSON of a message can hold any key: not where it stands for a bare value, or a list of such."""
        if self._world.kind(message) not in UNIONS | {Kind.INLINE} or self._wrapped(message):
            return True
        seen: set[str] = set()
        todo = [message]
        while todo:
            message = todo.pop()
            if message.full_name in seen:
                continue
            seen.add(message.full_name)
            if self._world.kind(message) not in UNIONS | {Kind.INLINE}:
                return True
            for arm in self._world.arms(message):
                if arm.cardinality is Cardinality.MAP:
                    return True
                if arm.message in self._world.messages and arm.message not in WELL_KNOWN | WRAPPERS:
                    todo.append(self._world.messages[arm.message])
                elif arm.message and self._may_hold_keys(arm.message):
                    return True
        return False

    def _leaf(self, message: ir.Message) -> bool:
        """An object whose only keys are its own."""
        inside = self._world.inside(message, self._dialect)
        if self._world.kind(message) is not Kind.OBJECT or inside not in message.wire:
            return False
        rule = message.wire[inside]
        if rule.unknown is ir.Unknown.KEEP or self._extended(message):
            return False
        fields = [self._world.field(message, name) for name in rule.fields]
        return all(
            field.cardinality is not Cardinality.MAP
            and (not field.message or not self._may_hold_keys(field.message))
            for field in fields
        )

    def _no_keys(self, full_name: str) -> bool:
        return full_name in WELL_KNOWN and full_name not in _JSON and full_name != "google.protobuf.Any"

    def _wrapped(self, message: ir.Message) -> bool:
        return message.wire[self._world.inside(message, self._dialect)].kind is Kind.OBJECT

    def _transparent(self, message: ir.Message, rule: ir.WireMessage, name: str) -> None:
        """Unions tell the arm by the value's type; in ProtoJSON the arm's key is one more."""
        own = self._wrapped(message)
        entries: dict[tuple[str, str], str] = {}
        for arm in self._world.arms(message):
            if self._dialect not in arm.wire:
                continue
            counter = self._arm_counter(arm, own)
            for python in python_types(self._world, arm, self._class):
                entries.setdefault(python, counter)
        by_type: dict[str, list[str]] = {}
        for (python_type, _), counter in entries.items():
            by_type.setdefault(python_type, []).append(counter)
        # Lists of different items can't be told apart when empty: then they have no keys, unless one has to look.
        pairs = ", ".join(
            f"{python_type}: {counters[0] if len(set(counters)) == 1 else f'{self._w}.unknown'}"
            for python_type, counters in by_type.items()
        )
        table = f"_COUNT_{message.py_name}"
        self._module.add("", "", f"def {name}(v):", f"    return {table}[type(v)](v)")
        self._tables.append(f"{table} = {self._w}.Dispatch({{{pairs}}})")

    def _arm_counter(self, arm: ir.Field, own: bool) -> str:
        inner = self.value(arm, "v")
        if own and len(arm.wire) and arm.wire[self._dialect].presence is ir.Presence.IMPLICIT:
            # A missing key reads as the zero value, so a zero value does not tell whether the key was there.
            return f"lambda v: 1{f' + {inner}' if inner else ''} if v else {self._w}.NAN"
        if own:
            return f"lambda v: 1{f' + {inner}' if inner else ''}"
        if inner and inner.endswith("(v)") and inner[:-3].replace(".", "_").isidentifier():
            return inner[:-3]
        return f"lambda v: {inner}" if inner else f"{self._w}.none"

    def _class(self, file: str, name: str) -> str:
        if not file:
            return self._module.use("samewire_wire", name)
        return f"{self._module.module(self._world.files[file].module, 'm' if file == self._file.name else '')}.{name}"
