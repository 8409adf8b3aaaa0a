"""What people see when protoc itself refuses their file."""

from pathlib import Path

import pytest

from tools.wire.compile import compile_protos
from tools.wire.findings import WireError
from tools.wire.load import load
from tools.wire.testing import PROTO


def refused(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (folder / f"{name}.proto").write_text(text)
    with pytest.raises(WireError) as caught:
        compile_protos([str(folder / "t.proto")], [str(folder), str(PROTO)])
    return str(caught.value).replace(f"{folder}/", "").split("\n")


def test_syntax_error(tmp_path: Path) -> None:
    assert refused(tmp_path, t='syntax = "proto3";\nmessage M { int32 f }') == ["t.proto:2: Missing field number."]


def test_unknown_annotation(tmp_path: Path) -> None:
    text = 'syntax = "proto3"; import "wire/v1/wire.proto";\nmessage M { int32 f = 1 [(wire.v1.field).foo = 1]; }'
    assert refused(tmp_path, t=text) == [
        't.proto:2: Option "(wire.v1.field).foo" unknown. Ensure that your proto definition file imports the proto '
        "which defines the option (i.e. via import option after edition 2024)."
    ]


def test_import_cycle(tmp_path: Path) -> None:
    lines = refused(tmp_path, t='syntax = "proto3"; import "u.proto";', u='syntax = "proto3"; import "t.proto";')
    assert lines[0] == "t.proto:1: File recursively imports itself: t.proto -> u.proto -> t.proto."


def test_missing_import(tmp_path: Path) -> None:
    assert refused(tmp_path, t='syntax = "proto3"; import "no.proto";') == [
        't.proto:1: Import "no.proto" was not found or had errors.',
        "no.proto: File not found.",
    ]


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(WireError, match=r"^protoc: Could not make proto path relative"):
        compile_protos([str(tmp_path / "no.proto")], [str(tmp_path)])


def test_a_path_with_spaces_and_umlauts(tmp_path: Path) -> None:
    folder = tmp_path / "ein Ordner mit ö"
    folder.mkdir()
    (folder / "t.proto").write_text('syntax = "proto3"; message M { int32 class = 1; }')
    schema = load(*compile_protos([str(folder / "t.proto")], [str(folder)]))
    assert schema.messages[0].fields[0].py_name == "class_"
