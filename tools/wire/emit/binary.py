"""The binary side of a file: its descriptor without annotations, and how attributes and protobuf fields meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from tools.wire import ir
from tools.wire.emit.attributes import attribute, python_types
from tools.wire.emit.source import Module
from tools.wire.emit.world import NULL_VALUE, UNIONS, World, part_module
from tools.wire.ir import Kind

_WELL_KNOWN = "google/protobuf/"


def module(world: World, file: ir.File) -> str:
    result = Module(part_module(file.module, "binary"), "How the messages look in protobuf binary.", file.name)
    b = result.module("samewire_wire._binary", "b")
    m = result.module(file.module, "m")

    def name(path: str, py_name: str) -> str:
        if not path:
            return result.use("samewire_wire", py_name)
        return f"{m if path == file.name else result.module(world.files[path].module)}.{py_name}"

    descriptor, needs = _descriptor(world, file)
    models: list[str] = []
    for message in world.messages_of(file):
        models += _model(world, message, f"{b}.", m, name)
    enums = [
        f"    {enum.full_name!r}: {world.by_number(enum)!r},"
        for enum in world.schema.enums
        if enum.full_name != NULL_VALUE and enum.file == file.name
    ]
    result.add(
        "# mypy: ignore-errors",
        f"NEEDS = {needs!r}",
        f"DESCRIPTOR = {descriptor!r}",
        "",
        "ENUMS = {",
        *enums,
        "}",
        "",
        "MODELS = {",
        *models,
        "}",
    )
    return result.text()


def _model(world: World, message: ir.Message, b: str, m: str, name: Callable[[str, str], str]) -> list[str]:
    start = f"    {message.full_name!r}: "
    kind = world.kind(message)
    if kind is Kind.INLINE:
        return [f"{start}{b}Inline({world.arms(message)[0].name!r}),"]
    if kind in UNIONS:
        arms = []
        for arm in world.arms(message):
            types = python_types(world, arm, name)
            arms += [f"        ({arm.name!r}, {python}, {item or None})," for python, item in types]
        return [f"{start}{b}Union((", *arms, "    )),"]
    fields = [
        f"        ({field.py_name!r}, {field.name!r}, {attribute(world, message, field).unset.value!r}),"
        for field in message.fields
    ]
    return [f"{start}{b}Object({m}.{message.py_name}, (", *fields, "    )),"]


def _descriptor(world: World, file: ir.File) -> tuple[bytes, tuple[str, ...]]:
    """The file without custom options and without the imports that only these needed; and what must be loaded first:
    names of well-known files, and private modules of generated ones."""
    whole = _plain_set(world.schema.descriptors)
    home = {name: each.name for each in whole.file for name in _types("." + each.package if each.package else "", each)}
    proto = next(each for each in whole.file if each.name == file.name)
    used = sorted({home[name] for name in _references(proto)} - {file.name})
    for repeated in ("dependency", "public_dependency", "weak_dependency", "option_dependency"):
        if repeated in proto.DESCRIPTOR.fields_by_name:
            proto.ClearField(repeated)
    proto.dependency.extend(used)
    needs = tuple(
        each
        if each.startswith(_WELL_KNOWN) and (each not in world.files or not world.files[each].generate)
        else part_module(world.files[each].module, "binary")
        for each in used
    )
    return proto.SerializeToString(deterministic=True), needs


def _plain_set(descriptors: bytes) -> Any:
    """Parsed where no extension is known, so that annotations are unknown fields and can be dropped."""
    pool = DescriptorPool()
    pool.AddSerializedFile(descriptor_pb2.DESCRIPTOR.serialized_pb)
    result: Any = GetMessageClass(pool.FindMessageTypeByName("google.protobuf.FileDescriptorSet"))()
    result.ParseFromString(descriptors)
    result.DiscardUnknownFields()
    return result


def _types(prefix: str, holder: Any) -> Iterator[str]:
    messages = holder.message_type if hasattr(holder, "message_type") else holder.nested_type
    for each in (*messages, *holder.enum_type):
        yield f"{prefix}.{each.name}"
    for each in messages:
        yield from _types(f"{prefix}.{each.name}", each)


def _references(holder: Any) -> Iterator[str]:
    messages = holder.message_type if hasattr(holder, "message_type") else holder.nested_type
    fields = [*(holder.field if hasattr(holder, "field") else ()), *holder.extension]
    for field in fields:
        yield from (name for name in (field.type_name, field.extendee) if name)
    for service in holder.service if hasattr(holder, "service") else ():
        for method in service.method:
            yield from (method.input_type, method.output_type)
    for each in messages:
        yield from _references(each)
