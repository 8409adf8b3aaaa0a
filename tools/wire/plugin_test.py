import os
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import EDITION_2023, FileDescriptorSet

from tools.wire import plugin
from tools.wire.testing import COVER, cover_descriptors, descriptors_of


def request(parameter: str) -> CodeGeneratorRequest:
    files = FileDescriptorSet.FromString(cover_descriptors()).file
    return CodeGeneratorRequest(file_to_generate=COVER, parameter=parameter, proto_file=files)


def test_it_says_what_it_can() -> None:
    response = plugin.run(request("emit=ir"))
    assert response.supported_features == (
        CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL | CodeGeneratorResponse.FEATURE_SUPPORTS_EDITIONS
    )
    assert response.maximum_edition == EDITION_2023
    assert [each.name for each in response.file] == ["ir.json"]
    assert not response.error


@pytest.mark.parametrize("parameter", ["emit=ir,routes", "emit=ir+routes"])
def test_more_than_one_emitter(parameter: str) -> None:
    assert {"ir.json", "cover/v1/routes.json"} <= {each.name for each in plugin.run(request(parameter)).file}


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ("emit=no", 'samewire: no emitter "no"; there are models, '),
        ("foo=bar", 'samewire: no parameter "foo"; there is only emit, '),
    ],
)
def test_misuse(parameter: str, said: str) -> None:
    assert plugin.run(request(parameter)).error.startswith(said)


def test_findings_are_the_error() -> None:
    text = 'syntax = "proto3"; import "wire/v1/wire.proto"; message M { int32 f = 1 [(wire.v1.field).literal = "x"]; }'
    files = FileDescriptorSet.FromString(descriptors_of({"t.proto": text})).file
    response = plugin.run(CodeGeneratorRequest(file_to_generate=["t.proto"], proto_file=files))
    assert response.error.split("\n") == [
        "the definitions are not good",
        "t.proto:1: M.f: `literal` is for a single string, the field is int32. "
        "Way out: remove it, or make the field a string.",
    ]
    assert not response.file


def test_the_same_bytes_whatever_the_hash_seed() -> None:
    data = request("emit=ir,routes,schema").SerializeToString()

    def run(seed: str) -> bytes:
        path = os.pathsep.join(filter(None, sys.path))
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": path}
        main = Path(plugin.__file__)
        done = subprocess.run(
            [sys.executable, str(main)], input=data, stdout=subprocess.PIPE, env=environment, check=True
        )
        return done.stdout

    first = run("1")
    assert first == run("2")
    assert not CodeGeneratorResponse.FromString(first).error
