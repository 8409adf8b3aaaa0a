"""The front of the generator: a FileDescriptorSet in, the IR out."""

from __future__ import annotations

from collections.abc import Sequence

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tools.wire import ir
from tools.wire.descriptors.read import read
from tools.wire.descriptors.tree import EnumDecl, FileDecl, MessageDecl, ServiceDecl, Tree
from tools.wire.findings import Finding, Findings, WireError
from tools.wire.ir import Schema
from tools.wire.passes import dialects as dialects_pass
from tools.wire.passes import enums, fields, messages, names, order, reach, services
from tools.wire.passes.check import check
from tools.wire.passes.context import Context
from tools.wire.passes.dialects import Dialects

__all__ = ["Finding", "WireError", "load"]


def load(descriptor_set: bytes, generate: Sequence[str]) -> Schema:
    """The schema of a serialised FileDescriptorSet (protoc --include_imports, and --include_source_info for lines).

    `generate`: the names of the files that code is wanted for, as protoc has them. Raises WireError, with all findings,
    when annotations contradict each other, change nothing or name what is not there; ValueError when `generate` names a
    file that is not in the set.
    """
    descriptors = FileDescriptorSet.FromString(descriptor_set)
    missing = sorted(set(generate) - {file.name for file in descriptors.file})
    if missing:
        raise ValueError(f"not in the descriptor set: {', '.join(missing)}")
    findings = Findings()
    tree = read(descriptors, findings)
    findings.raise_if_any()
    dialects = dialects_pass.collect(tree, findings)
    check(Context(tree, dialects, findings))
    py_names = _class_names(tree, findings)
    findings.raise_if_any()
    tree = reach.needed(tree, generate)
    return Schema(
        files=tuple(_file(file, file.name in generate, dialects) for file in tree.files.values()),
        dialects={
            package: dialects.by_package[package] for package in sorted({f.package for f in tree.files.values()})
        },
        messages=_messages(tree, dialects, py_names),
        enums=tuple(enums.ir_enum(enum, py_names[enum.full_name], dialects) for enum in tree.enums.values()),
        services=tuple(services.ir_service(each, py_names[each.full_name]) for each in tree.services.values()),
        extensions=_extensions(tree, dialects),
        descriptors=_without_source(descriptors),
    )


def _file(file: FileDecl, generate: bool, dialects: Dialects) -> ir.File:
    return ir.File(
        name=file.name,
        package=file.package,
        syntax=file.syntax,
        module=names.module(file.name),
        doc=file.locations.file_doc(),
        generate=generate,
        dependencies=tuple(file.proto.dependency),
        dialects=dialects.names(file),
    )


def _messages(tree: Tree, dialects: Dialects, py_names: dict[str, str]) -> tuple[ir.Message, ...]:
    edges = {
        name: [field.message for field in message.fields if field.message] for name, message in tree.messages.items()
    }
    classes: dict[str, set[str]] = {file: set() for file in tree.files}
    types: list[MessageDecl | EnumDecl] = [*tree.messages.values(), *tree.enums.values()]
    for each in types:
        classes[each.file.name].add(py_names[each.full_name])
    result = []
    for component in order.components(edges):
        recursive = len(component) > 1 or component[0] in edges[component[0]]
        for name in component:
            message = tree.messages[name]
            result.append(
                _message(message, py_names[name], frozenset(classes[message.file.name]), recursive, tree, dialects)
            )
    return tuple(result)


def _message(
    message: MessageDecl, py_name: str, classes: frozenset[str], recursive: bool, tree: Tree, dialects: Dialects
) -> ir.Message:
    above = fields.inherited(message)
    attributes = [field.proto.name for field in message.fields] + [oneof.proto.name for oneof in message.oneofs]
    safe = names.fields(attributes, classes)
    declared = tuple(
        fields.ir_field(
            field,
            safe[field.proto.name],
            message.file,
            above,
            fields.dialects_having(field, message, tree, dialects),
        )
        for field in message.fields
    )
    return ir.Message(
        full_name=message.full_name,
        py_name=py_name,
        file=message.file.name,
        doc=message.doc,
        source=message.source,
        fields=declared,
        oneofs=messages.ir_oneofs(message, safe),
        recursive=recursive,
        map_entry=message.proto.options.map_entry,
        wire=messages.wire(message, declared, tree, dialects),
    )


def _extensions(tree: Tree, dialects: Dialects) -> tuple[ir.Extension, ...]:
    result = []
    for extension in tree.extensions:
        field = extension.field
        rule = extension.file.rules.rule
        result.append(
            ir.Extension(
                full_name=field.full_name,
                extendee=extension.extendee,
                file=extension.file.name,
                field=fields.ir_field(
                    field,
                    names.fields([field.proto.name])[field.proto.name],
                    extension.file,
                    (rule.defaults,) if rule else (),
                    dialects.of(extension.file),
                ),
            )
        )
    return tuple(result)


def _class_names(tree: Tree, findings: Findings) -> dict[str, str]:
    """Flat class names by full name. Two things of one file that would get the same one are a finding."""
    result: dict[str, str] = {}
    owners: dict[tuple[str, str], MessageDecl | EnumDecl | ServiceDecl] = {}
    types: list[MessageDecl | EnumDecl] = [*tree.messages.values(), *tree.enums.values()]
    for each in types:
        result[each.full_name] = _claim(each, names.flat(each.path), owners, findings)
    for service in tree.services.values():
        result[service.full_name] = _claim(service, names.flat((service.proto.name,)), owners, findings)
    return result


def _claim(
    each: MessageDecl | EnumDecl | ServiceDecl,
    name: str,
    owners: dict[tuple[str, str], MessageDecl | EnumDecl | ServiceDecl],
    findings: Findings,
) -> str:
    other = owners.setdefault((each.file.name, name), each)
    if other is not each:
        findings.add(
            each.source,
            each.full_name,
            f"its Python class {name} has the name of that of {other.full_name}",
            "rename one of the two",
        )
    return name


def _without_source(descriptors: FileDescriptorSet) -> bytes:
    """The set without lines and comments, so that a comment does not change what is generated for the binary side."""
    slim = FileDescriptorSet()
    for file in descriptors.file:
        copy = slim.file.add()
        copy.CopyFrom(file)
        copy.ClearField("source_code_info")
    return slim.SerializeToString(deterministic=True)
