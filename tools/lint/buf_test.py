"""Protobuf: buf's rules as proto/buf.yaml sets them, and buf's format.

buf reads a descriptor set that protoc has made: so it needs no module registry to find google/api.
"""

import os
import sys
from pathlib import Path

import grpc_tools
import pytest

from tools.lint.tree import files, findings

BUF = os.environ["BUF"]
# google/protobuf comes with protoc; google/api stands where googleapis-common-protos put it, among the packages.
INCLUDES = [Path(grpc_tools.__file__).parent / "_proto", Path(grpc_tools.__file__).parents[1]]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("BUF_CACHE_DIR", str(tmp_path / "buf"))


def lint(root: Path, protos: list[str], tmp_path: Path, config: Path) -> str:
    image = tmp_path / "all.binpb"
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"-I{root}", *(f"-I{path}" for path in INCLUDES)]
    options = ["--include_imports", "--include_source_info", f"--descriptor_set_out={image}"]
    return findings([*protoc, *options, *protos]) or findings([BUF, "lint", image, f"--config={config}"])


def test_rules(tmp_path: Path) -> None:
    protos = [path for path in files("*.proto") if path.startswith("proto/")]
    said = lint(Path("proto"), protos, tmp_path, Path("proto/buf.yaml"))
    assert not said, said


def test_finds_a_wrong_name(tmp_path: Path) -> None:
    bad = tmp_path / "bad" / "v1" / "bad.proto"
    bad.parent.mkdir(parents=True)
    bad.write_text('syntax = "proto3";\npackage bad.v1;\nmessage lower { string camelCase = 1; }\n')
    said = lint(tmp_path, [str(bad)], tmp_path, Path("proto/buf.yaml"))
    assert 'Message name "lower" should be PascalCase' in said
    assert '"camelCase" should be lower_snake_case' in said
