"""Models: for each file the module of its classes, the tables and writers of each dialect, and the binary side.

Paths: `tinker/v1/training.proto` gives `tinker/v1/training_wire.py` (public) and beside it
`_training_wire_<dialect>.py` and `_training_wire_binary.py`, which are imported when first needed.
"""

from __future__ import annotations

from tools.wire import ir
from tools.wire.emit import binary, encode
from tools.wire.emit.attributes import Attribute, Unset, attribute, simple_default, whole_type, zero
from tools.wire.emit.source import Module, docstring
from tools.wire.emit.world import UNIONS, World, dialects_of, part_module, path
from tools.wire.ir import Kind, Schema

RUNTIME = "samewire_wire"


def emit(schema: Schema) -> dict[str, str]:
    world = World(schema)
    result: dict[str, str] = {}
    for file in schema.files:
        if not file.generate:
            continue
        _check_dialects(file)
        result[path(file.module)] = _Models(world, file).text()
        for dialect in dialects_of(file):
            result[path(part_module(file.module, dialect))] = encode.module(world, file, dialect)
        result[path(part_module(file.module, "binary"))] = binary.module(world, file)
    return dict(sorted(result.items()))


def _check_dialects(file: ir.File) -> None:
    names = [part_module(file.module, what) for what in (*dialects_of(file), "binary")]
    if len(set(names)) < len(names):
        raise ValueError(f"{file.name}: two dialects differ only in their dots and hyphens, so their modules clash")


class _Models:
    def __init__(self, world: World, file: ir.File) -> None:
        self._world = world
        self._file = file
        self._messages = tuple(world.messages_of(file))
        self._enums = tuple(world.enums_of(file))
        fields = {field.py_name for message in self._messages for field in message.fields}
        classes = [each.py_name for each in self._enums] + [each.py_name for each in self._messages]
        self._module = Module(file.module, _title(file), file.name, {*classes, *fields, "FILE", "__all__"})
        self._all = classes
        self._defined = {each.py_name for each in self._enums}
        self._ahead = False

    def text(self) -> str:
        module = self._module
        dialects = "".join(f"{name!r}, " for name in self._file.dialects)
        module.add(
            f"__all__ = {self._all!r}",
            "",
            f"FILE = {module.use(RUNTIME, 'WireFile')}(__name__, {self._file.name!r}, ({dialects.strip()}))",
        )
        for enum in self._enums:
            self._enum(enum)
        for message in self._messages:
            if self._world.kind(message) in UNIONS | {Kind.INLINE}:
                self._transparent(message)
            else:
                self._class(message)
            self._defined.add(message.py_name)
        return module.text()

    def _enum(self, enum: ir.Enum) -> None:
        values = ", ".join(map(repr, dict.fromkeys(self._world.python_values(enum).values())))
        alias = self._module.use("typing", "TypeAlias")
        self._module.add("", f"{enum.py_name}: {alias} = {self._module.use('typing', 'Literal')}[{values}]")
        self._module.add(*docstring(enum.doc, ""))

    def _transparent(self, message: ir.Message) -> None:
        """A message that is not there in Python: the type of its only field, or the union of its arms."""
        self._ahead = False
        types = [whole_type(self._world, arm, self._name) for arm in self._world.arms(message)]
        if self._world.kind(message) is Kind.INLINE and self._world.null_inline(message):
            types.append("None")
        types = list(dict.fromkeys(types))
        text = " | ".join(types)
        if self._ahead:
            # Strings can't stand between bars, and an alias that is one could not be part of another.
            quoted = ", ".join(each if "'" in each or '"' in each or each == "None" else f'"{each}"' for each in types)
            text = f"{self._module.use('typing', 'Union')}[{quoted}]"
        self._module.add("", f"{message.py_name}: {self._module.use('typing', 'TypeAlias')} = {text}")
        self._module.add(*docstring(message.doc, ""), self._spec(message))

    def _spec(self, message: ir.Message) -> str:
        declared = self._world.dialects(message)
        some = "" if declared == self._file.dialects else f", {declared!r}"
        return f"FILE.message({message.full_name!r}{some})"

    def _class(self, message: ir.Message) -> None:
        module = self._module
        module.add("", "", f"class {message.py_name}({module.use(RUNTIME, 'Model')}):")
        doc = docstring(message.doc)
        module.add(*doc, *([""] if doc else []), f"    WIRE = {self._spec(message)}", "")
        for field in message.fields:
            self._field(message, field)
        oneofs = [oneof for oneof in message.oneofs if len(oneof.fields) > 1 or oneof.required]
        if oneofs:
            any_type = module.use("typing", "Any")
            module.add("", f"    def model_post_init(self, context: {any_type}, /) -> None:")
            for oneof in oneofs:
                required = ", True" if oneof.required else ""
                arms = "".join(self._arm(message, name) for name in oneof.fields)
                check = module.use(RUNTIME, "one_arm")
                module.add(f"        {check}(self, {oneof.name!r}, ({arms.strip()}){required})")

    def _arm(self, message: ir.Message, name: str) -> str:
        """The attribute, and what it holds when it is not set."""
        field = self._world.field(message, name)
        unset = attribute(self._world, message, field).unset
        value = self._module.use("pydantic", "MISSING") if unset is Unset.MISSING else "None"
        return f"({field.py_name!r}, {value}), "

    def _field(self, message: ir.Message, field: ir.Field) -> None:
        facts = attribute(self._world, message, field)
        self._ahead = False
        if facts.literal is not None:
            annotation = f"{self._module.use('typing', 'Literal')}[{facts.literal!r}]"
        else:
            annotation = whole_type(self._world, field, self._name)
        if facts.can_be_none and not annotation.endswith("| None"):
            annotation += " | None"
        if facts.can_be_missing:
            annotation += f" | {self._module.use('pydantic', 'MISSING')}"
        default = self._default(message, field, facts)
        quoted = f'"{annotation}"' if self._ahead and '"' not in annotation else annotation
        if self._ahead and quoted == annotation:
            quoted = repr(annotation)
        self._module.add(f"    {field.py_name}: {quoted}{f' = {default}' if default else ''}")
        self._module.add(*docstring(field.doc))

    def _default(self, message: ir.Message, field: ir.Field, facts: Attribute) -> str:
        match facts.unset:
            case Unset.REQUIRED:
                return ""
            case Unset.MISSING:
                return self._module.use("pydantic", "MISSING")
            case Unset.NONE:
                return "None"
            case Unset.ZERO:
                value = zero(self._world, field)
            case Unset.DEFAULT:
                first = next(
                    name
                    for name in self._world.dialects(message)
                    if name in field.wire and (field.wire[name].has_default or field.wire[name].literal is not None)
                )
                simple = repr(facts.literal) if facts.literal is not None else None
                value = simple or simple_default(self._world, field, first, facts.default) or ""
                if not value:
                    factory = f"FILE.default({message.full_name!r}, {field.name!r}, {first!r})"
                    return f"{self._module.use('pydantic', 'Field')}(default_factory={factory})"
        if value in ("[]", "{}"):
            # A mutable default is copied for each instance.
            return f"{self._module.use('pydantic', 'Field')}(default_factory={'list' if value == '[]' else 'dict'})"
        return value

    def _name(self, file: str, name: str) -> str:
        if not file:
            return self._module.use("typing" if name in ("Literal", "Any") else RUNTIME, name)
        if file == self._file.name:
            self._ahead = self._ahead or name not in self._defined
            return name
        return f"{self._module.module(self._world.files[file].module)}.{name}"


def _title(file: ir.File) -> str:
    first = file.doc.strip().partition("\n\n")[0].replace("\n", " ").replace("\\", "\\\\").replace('"""', "'''")
    return (first[:-1] + "'" if first.endswith('"') else first) or f"The messages of {file.name}."


__all__ = ["emit"]
