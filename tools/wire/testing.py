"""Small .proto texts for the generator's own tests: text in, schema or findings out."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import _protoc_compiler

from tools.wire.compile import _bundled
from tools.wire.ir import Schema
from tools.wire.load import WireError, load

PROTO = Path(__file__).resolve().parents[2] / "proto"
TESTDATA = Path(__file__).resolve().parent / "testdata"
COVER = tuple(sorted(path.relative_to(TESTDATA).as_posix() for path in TESTDATA.glob("cover/**/*.proto")))

_HEADER = """syntax = "proto3"; package t; import "wire/v1/wire.proto"; import "google/protobuf/timestamp.proto";
import public "google/protobuf/wrappers.proto";
option (wire.v1.dialects) = {name: "a"}; option (wire.v1.dialects) = {name: "b"};
"""


def descriptors_of(files: Mapping[str, str]) -> bytes:
    """The descriptor set of .proto texts by name; protoc runs in this process, and its errors go to stderr."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return _compile(list(files), [folder])


def _compile(names: list[str], folders: list[str]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out")
        include = [f"-I{each}" for each in (*folders, str(PROTO), str(TESTDATA), *_bundled())]
        arguments = ["protoc", *include, "--include_imports", "--include_source_info", f"--descriptor_set_out={out}"]
        if _protoc_compiler.run_main([argument.encode() for argument in [*arguments, *names]]):
            raise AssertionError(f"protoc refuses {names}")
        return out.read_bytes()


def schema_of(text: str) -> Schema:
    """The schema of one file "t.proto" as it stands."""
    return load(descriptors_of({"t.proto": text}), ["t.proto"])


def cover() -> Schema:
    """The schema of the covering set."""
    return load(cover_descriptors(), COVER)


def cover_descriptors() -> bytes:
    """The descriptor set of the covering set."""
    return _compile(list(COVER), [])


def findings_of(body: str, header: str = _HEADER, **others: str) -> list[str]:
    """The findings of a file t.proto with header and body; the body starts on line 1; `others` are files beside it."""
    files = {f"{name}.proto": text for name, text in others.items()}
    text = header.replace("\n", " ") + body
    try:
        load(descriptors_of({**files, "t.proto": text}), ["t.proto"])
    except WireError as error:
        return str(error).split("\n")
    return []


def without_source(descriptor_set: bytes) -> bytes:
    """The set as protoc writes it without --include_source_info."""
    descriptors = FileDescriptorSet.FromString(descriptor_set)
    for file in descriptors.file:
        file.ClearField("source_code_info")
    return descriptors.SerializeToString()
