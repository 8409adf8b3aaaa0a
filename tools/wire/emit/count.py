"""Key counters: how many JSON keys a model took in. The reader compares that with the text (`_text_checks`)."""

from __future__ import annotations

from tools.wire import ir
from tools.wire.emit.attributes import Unset, attribute, python_types
from tools.wire.emit.source import Module
from tools.wire.emit.world import UNIONS, WELL_KNOWN, WRAPPERS, World, part_module
from tools.wire.ir import Cardinality, Kind

_SET = "__pydantic_fields_set__"
# How far objects in objects are counted on the spot, and how many fields they may have.
_DEPTH, _FIELDS = 4, 30
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
        first, *rest = self._lines(message, "m", 0)
        lines = [f"n = {first.removeprefix('n += ')}", *rest, "return n"]
        if not rest:
            lines = [f"return {first.removeprefix('n += ')}"]
        self._module.add("", "", f"def {name}(m):", *(f"    {line}" for line in lines))

    def _lines(self, message: ir.Message, var: str, depth: int) -> list[str]:
        """Adds the keys of an object to `n`. Objects in it are counted on the spot, down to a depth: calls cost
        more.
        """
        rule = self._world.rule(message, self._dialect)
        lines = [f"n += len({var}.{_SET})"]
        if rule.unknown is ir.Unknown.KEEP or self._extended(message):
            lines += [f"if {var}.__pydantic_extra__:", f"    n += {self._w}.extra({var})"]
        for field_name in rule.fields:
            lines += self._field(message, self._world.field(message, field_name), var, depth + 1)
        return lines

    def _extended(self, message: ir.Message) -> bool:
        return self._dialect == ir.PROTOJSON and message.full_name in self._world.extended

    def _field(self, message: ir.Message, field: ir.Field, var: str, depth: int) -> list[str]:
        value = f"v{depth}"
        counted = self._counted(field, value, depth)
        if not counted:
            return []
        facts = attribute(self._world, message, field)
        tests = []
        if facts.unset is Unset.DEFAULT:
            # A default that is read from JSON has keys of its own, which are not in the text.
            tests.append(f"{field.py_name!r} in {var}.{_SET}")
        if facts.can_be_none:
            tests.append(f"{value} is not None")
        if facts.can_be_missing:
            tests.append(f"{value} is not {self._module.use('pydantic', 'MISSING')}")
        lines = [f"{value} = {var}.{field.py_name}"]
        if tests:
            return [*lines, f"if {' and '.join(tests)}:", *(f"    {line}" for line in counted)]
        return [*lines, *counted]

    def _counted(self, field: ir.Field, value: str, depth: int) -> list[str]:
        """Lines that add the keys in a field's value to `n`."""
        if not self._one(field):
            return [f"n += len({value})"] if field.cardinality is Cardinality.MAP else []
        message = self._world.messages.get(field.message)
        on_the_spot = (
            message is not None
            and depth <= _DEPTH
            and self._world.kind(message) is Kind.OBJECT
            and message.full_name not in WELL_KNOWN
            and not message.recursive
            and (depth == 1 or len(message.fields) <= _FIELDS)
        )
        item = f"x{depth}"
        match field.cardinality:
            case Cardinality.SINGULAR:
                if on_the_spot and message:
                    return self._lines(message, value, depth)
                return [f"n += {self.value(field, value)}"]
            case Cardinality.REPEATED:
                start, over = [], value
            case _:
                start, over = [f"n += len({value})"], f"{value}.values()"
        inner = self._lines(message, item, depth) if on_the_spot and message else [f"n += {self._call(field, item)}"]
        return [*start, f"for {item} in {over}:", *(f"    {line}" for line in inner)]

    def _call(self, field: ir.Field, value: str) -> str:
        one = self._one(field)
        return f"len({value}.{_SET})" if one == f"{self._w}.fields" else f"{one}({value})"

    def value(self, field: ir.Field, value: str) -> str | None:
        """The number of keys in a field's value; None = it never has any."""
        one = self._one(field)
        match field.cardinality:
            case Cardinality.REPEATED:
                return one and f"sum(map({one}, {value}))"
            case Cardinality.MAP:
                return f"len({value})" + (f" + sum(map({one}, {value}.values()))" if one else "")
        return one and self._call(field, value)

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
            rule = self._world.rule(message, self._dialect)
            arms = [self._world.messages.get(self._world.field(message, arm.field).message) for arm in rule.arms]
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
            field.cardinality is not Cardinality.MAP and (not field.message or not self._may_hold_keys(field.message))
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
        if self._world.kind(message) is Kind.INLINE and self._world.null_inline(message):
            by_type["type(None)"] = [f"{self._w}.{'unknown' if own else 'none'}"]
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
