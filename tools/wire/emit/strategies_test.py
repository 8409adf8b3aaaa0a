"""What the strategies make is accepted by readers."""

from __future__ import annotations

import json
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.wire.emit import strategies
from tools.wire.fixtures.oracle import Oracle
from tools.wire.testing import cover, schema_of

TEXT = """syntax = "proto3"; package t; import "wire/v1/wire.proto"; import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
option (wire.v1.file) = {names: NAMES_PROTO defaults: {numbers: NUMBERS_PLAIN bytes: BYTES_BASE64}};
option (wire.v1.dialects) = {name: "a" literals: LITERALS_EMIT};
option (wire.v1.dialects) = {name: "b" null: NULL_OMIT};
message All { int32 i = 1; optional sint64 wide = 2 [(wire.v1.field).presence = PRESENCE_OMIT_OR_NULL];
  float f = 3; double d = 4 [(wire.v1.field).limit = {min: 0 max: 1}]; bytes data = 5; Kind kind = 6;
  string code = 7 [(wire.v1.field) = {limit: {pattern: "^[a-z]{3}$"} presence: PRESENCE_ALWAYS}];
  string type = 8 [(wire.v1.field).literal = "all"]; map<string, Chunk> chunks = 9; repeated All more = 10;
  oneof choice { option (wire.v1.oneof).required = true; string text = 11; Words words = 12; }
  google.protobuf.Value any = 13; google.protobuf.Timestamp time = 14; }
message Chunk { oneof arm {
  option (wire.v1.oneof) = {union: UNION_TAGGED tag: "k" untagged: true}; Cat cat = 1; Dog dog = 2; } }
message Cat { string k = 1 [(wire.v1.field).literal = "cat"];
  int32 lives = 2 [(wire.v1.field).presence = PRESENCE_ALWAYS]; }
message Dog { string k = 1 [(wire.v1.field).literal = "dog"];
  bool barks = 2 [(wire.v1.field).presence = PRESENCE_ALWAYS]; }
message Words { option (wire.v1.message).inline = true; repeated string words = 1; }
enum Kind { KIND_NONE = 0; KIND_SOME = 1; }
"""
SCHEMA = schema_of(TEXT)
ORACLE = Oracle(SCHEMA)
MODULE = ModuleType("t_strategies")
exec(compile(strategies.emit(SCHEMA)["t_strategies.py"], "t_strategies.py", "exec"), MODULE.__dict__)


@pytest.mark.parametrize(("message", "dialect"), list(MODULE.VALUES))
@settings(max_examples=20)
@given(data=st.data())
def test_readers_accept_it(message: str, dialect: str, data: st.DataObject) -> None:
    value = data.draw(MODULE.VALUES[message, dialect])
    ORACLE.read(message, dialect, json.dumps(value).encode())


def test_the_covering_set_compiles() -> None:
    for path, text in strategies.emit(cover()).items():
        compile(text, path, "exec")
