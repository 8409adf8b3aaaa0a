"""Reads a FileDescriptorSet into the tree of declarations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)

from tools.wire.descriptors import source
from tools.wire.descriptors.features import Features, field_features, file_features, syntax_of
from tools.wire.descriptors.source import Locations, Path
from tools.wire.descriptors.tree import (
    EnumDecl,
    ExtensionDecl,
    FieldDecl,
    FileDecl,
    MessageDecl,
    MethodDecl,
    OneofDecl,
    ServiceDecl,
    Tree,
    ValueDecl,
)
from tools.wire.findings import Findings
from tools.wire.ir import Cardinality, Scalar, Source
from tools.wire.options.decode import Decoder
from tools.wire.options.rules import FileRules

SYNTAXES = ("proto2", "proto3", "2023")

T = TypeVar("T")


def read(descriptors: FileDescriptorSet, findings: Findings) -> Tree:
    """Reads the set. An edition that is not supported and an annotation from a newer wire.proto are findings."""
    decoder = Decoder(descriptors)
    entries = {
        f".{_full(file, names)}": message
        for file in descriptors.file
        for names, message, _ in _messages(file)
        if message.options.map_entry
    }
    tree = Tree({}, {}, {}, {}, [])
    for proto in descriptors.file:
        at = Locations(proto)
        if syntax_of(proto) in SYNTAXES:
            _FileReader(proto, at, decoder, entries, findings).read(tree)
        else:
            findings.add(
                at.source((source.SYNTAX,)),
                "",
                f"edition {syntax_of(proto)} is not supported",
                'use edition = "2023", syntax = "proto3" or syntax = "proto2"',
            )
    return tree


def _full(file: FileDescriptorProto, names: tuple[str, ...]) -> str:
    return ".".join((file.package, *names) if file.package else names)


def _messages(file: FileDescriptorProto) -> Iterator[tuple[tuple[str, ...], DescriptorProto, Path]]:
    """(name in parts, message, location) of every message, the outer ones before the inner."""

    def walk(
        outer: tuple[str, ...], message: DescriptorProto, path: Path
    ) -> Iterator[tuple[tuple[str, ...], DescriptorProto, Path]]:
        names = (*outer, message.name)
        yield names, message, path
        for index, nested in enumerate(message.nested_type):
            yield from walk(names, nested, (*path, source.NESTED, index))

    for index, message in enumerate(file.message_type):
        yield from walk((), message, (source.MESSAGES, index))


def _scalar(proto: FieldDescriptorProto) -> Scalar | None:
    name = FieldDescriptorProto.Type.Name(proto.type).removeprefix("TYPE_").lower()
    return None if name in ("message", "group", "enum") else Scalar(name)


class _FileReader:
    def __init__(
        self,
        proto: FileDescriptorProto,
        at: Locations,
        decoder: Decoder,
        entries: dict[str, DescriptorProto],
        findings: Findings,
    ) -> None:
        self._at = at
        self._decoder = decoder
        self._entries = entries
        self._findings = findings
        rules = self._decode(at.source((source.OPTIONS,)), "", lambda: decoder.file(proto.options))
        self._file = FileDecl(
            proto, proto.name, proto.package, syntax_of(proto), at, rules or FileRules(), file_features(proto)
        )

    def read(self, tree: Tree) -> None:
        file = self._file
        tree.files[file.name] = file
        scopes: dict[tuple[str, ...], Features] = {(): file.features}
        for names, message, path in _messages(file.proto):
            features = scopes[names[:-1]].overlaid(message.options.features)
            scopes[names] = features
            full_name = _full(file.proto, names)
            tree.messages[full_name] = self._message(full_name, names, message, path, features)
            for index, enum in enumerate(message.enum_type):
                self._enum(tree, (*names, enum.name), enum, (*path, source.NESTED_ENUMS, index), features)
            for index, field in enumerate(message.extension):
                self._extension(tree, names, field, (*path, source.NESTED_EXTENSIONS, index), features)
        for index, enum in enumerate(file.proto.enum_type):
            self._enum(tree, (enum.name,), enum, (source.ENUMS, index), file.features)
        for index, field in enumerate(file.proto.extension):
            self._extension(tree, (), field, (source.EXTENSIONS, index), file.features)
        for index, service in enumerate(file.proto.service):
            self._service(tree, service, (source.SERVICES, index))

    def _decode(self, at: Source, where: str, decode: Callable[[], T | None]) -> T | None:
        try:
            return decode()
        except ValueError as error:
            self._findings.add(at, where, str(error), "use the wire/v1/wire.proto that this generator comes with")
            return None

    def _message(
        self, full_name: str, names: tuple[str, ...], proto: DescriptorProto, path: Path, features: Features
    ) -> MessageDecl:
        at = self._at.source(path)
        synthetic = {field.oneof_index for field in proto.field if field.proto3_optional}
        oneofs = [
            self._oneof(full_name, proto, index, path)
            for index in range(len(proto.oneof_decl))
            if index not in synthetic
        ]
        fields = []
        for index, field in enumerate(proto.field):
            inherited, oneof = features, ""
            if field.HasField("oneof_index") and not field.proto3_optional:
                decl = proto.oneof_decl[field.oneof_index]
                inherited, oneof = features.overlaid(decl.options.features), decl.name
            fields.append(
                self._field(f"{full_name}.{field.name}", field, (*path, source.FIELDS, index), inherited, oneof)
            )
        return MessageDecl(
            proto=proto,
            full_name=full_name,
            path=names,
            file=self._file,
            source=at,
            doc=self._at.doc(path),
            rule=self._decode(at, full_name, lambda: self._decoder.message(proto.options)),
            fields=tuple(fields),
            oneofs=tuple(oneofs),
        )

    def _oneof(self, message: str, proto: DescriptorProto, index: int, path: Path) -> OneofDecl:
        decl = proto.oneof_decl[index]
        at = self._at.source((*path, source.ONEOFS, index))
        return OneofDecl(
            proto=decl,
            full_name=f"{message}.{decl.name}",
            fields=tuple(
                field.name
                for field in proto.field
                if field.HasField("oneof_index") and field.oneof_index == index and not field.proto3_optional
            ),
            source=at,
            doc=self._at.doc((*path, source.ONEOFS, index)),
            rule=self._decode(at, f"{message}.{decl.name}", lambda: self._decoder.oneof(decl.options)),
        )

    def _field(
        self, full_name: str, proto: FieldDescriptorProto, path: Path, inherited: Features, oneof: str
    ) -> FieldDecl:
        features = field_features(proto, self._file.syntax, inherited)
        at = self._at.source(path)
        cardinality, key_type, value = Cardinality.SINGULAR, None, proto
        if proto.label == FieldDescriptorProto.LABEL_REPEATED:
            cardinality = Cardinality.REPEATED
            entry = self._entries.get(proto.type_name)
            if entry is not None:
                key, value = entry.field
                cardinality, key_type = Cardinality.MAP, _scalar(key)
        type_name = value.type_name.removeprefix(".")
        is_enum = value.type == FieldDescriptorProto.TYPE_ENUM
        is_message = bool(type_name) and not is_enum
        singular = cardinality is Cardinality.SINGULAR
        return FieldDecl(
            proto=proto,
            full_name=full_name,
            source=at,
            doc=self._at.doc(path),
            rule=self._decode(at, full_name, lambda: self._decoder.field(proto.options)),
            cardinality=cardinality,
            type=_scalar(value),
            message=type_name if is_message else "",
            enum=type_name if is_enum else "",
            key_type=key_type,
            oneof=oneof,
            has_presence=singular and (is_message or bool(oneof) or features.presence != "implicit"),
            required=singular and features.presence == "required",
            packed=features.packed and cardinality is Cardinality.REPEATED and _packable(proto),
            delimited=features.delimited and is_message and cardinality is not Cardinality.MAP,
        )

    def _enum(
        self, tree: Tree, names: tuple[str, ...], proto: EnumDescriptorProto, path: Path, inherited: Features
    ) -> None:
        full_name = _full(self._file.proto, names)
        at = self._at.source(path)
        values = []
        for index, value in enumerate(proto.value):
            value_path = (*path, source.VALUES, index)
            where = self._at.source(value_path)
            rule = self._decode(where, f"{full_name}.{value.name}", lambda v=value: self._decoder.value(v.options))  # type: ignore[misc]
            values.append(ValueDecl(value, where, self._at.doc(value_path), rule))
        tree.enums[full_name] = EnumDecl(
            proto=proto,
            full_name=full_name,
            path=names,
            file=self._file,
            source=at,
            doc=self._at.doc(path),
            rule=self._decode(at, full_name, lambda: self._decoder.enum(proto.options)),
            closed=inherited.overlaid(proto.options.features).closed_enums,
            values=tuple(values),
        )

    def _extension(
        self, tree: Tree, scope: tuple[str, ...], proto: FieldDescriptorProto, path: Path, features: Features
    ) -> None:
        full_name = _full(self._file.proto, (*scope, proto.name))
        field = self._field(full_name, proto, path, features, "")
        tree.extensions.append(ExtensionDecl(proto.extendee.removeprefix("."), self._file, field))

    def _service(self, tree: Tree, proto: ServiceDescriptorProto, path: Path) -> None:
        full_name = _full(self._file.proto, (proto.name,))
        tree.services[full_name] = ServiceDecl(
            proto=proto,
            full_name=full_name,
            file=self._file,
            source=self._at.source(path),
            doc=self._at.doc(path),
            methods=tuple(
                self._method(f"{full_name}.{method.name}", method, (*path, source.METHODS, index))
                for index, method in enumerate(proto.method)
            ),
        )

    def _method(self, full_name: str, proto: MethodDescriptorProto, path: Path) -> MethodDecl:
        at = self._at.source(path)
        return MethodDecl(
            proto=proto,
            full_name=full_name,
            source=at,
            doc=self._at.doc(path),
            rule=self._decode(at, full_name, lambda: self._decoder.method(proto.options)),
            http=self._decode(at, full_name, lambda: self._decoder.http(proto.options)) or (),
        )


def _packable(proto: FieldDescriptorProto) -> bool:
    return proto.type not in (
        FieldDescriptorProto.TYPE_STRING,
        FieldDescriptorProto.TYPE_BYTES,
        FieldDescriptorProto.TYPE_MESSAGE,
        FieldDescriptorProto.TYPE_GROUP,
    )
