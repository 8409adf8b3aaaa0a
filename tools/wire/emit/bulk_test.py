"""What the bulk modules make is accepted, the same for the same seed, and fast."""

from __future__ import annotations

import itertools
import json
import time
from types import ModuleType

import pytest

from tools.wire import ir
from tools.wire.emit import bulk
from tools.wire.fixtures.oracle import Oracle
from tools.wire.testing import COVER, cover, schema_of

SMALL = """syntax = "proto3"; package t; import "wire/v1/wire.proto";
option (wire.v1.file) = {names: NAMES_PROTO defaults: {presence: PRESENCE_ALWAYS numbers: NUMBERS_PLAIN}};
message Request { Input input = 1; Params params = 2; int32 num_samples = 3;
  optional int64 seq_id = 4 [(wire.v1.field).presence = PRESENCE_OMIT_OR_NULL]; string model = 5; }
message Input { repeated Chunk chunks = 1; }
message Chunk { repeated int64 tokens = 1; string type = 2 [(wire.v1.field).literal = "text"]; }
message Params { int32 max_tokens = 1; double temperature = 2 [(wire.v1.field).limit = {min: 0 max: 2}];
  optional string stop = 3 [(wire.v1.field).presence = PRESENCE_OMIT]; }
message Tree { repeated Tree branches = 1 [(wire.v1.field).presence = PRESENCE_OMIT]; }
"""


def load(text: str) -> ModuleType:
    module = ModuleType("bulk")
    exec(compile(text, "bulk.py", "exec"), module.__dict__)
    return module


@pytest.fixture(scope="module")
def schema() -> ir.Schema:
    return schema_of(SMALL)


@pytest.fixture(scope="module")
def module(schema: ir.Schema) -> ModuleType:
    return load(bulk.emit(schema)["t_bulk.py"])


def test_readers_accept_it(schema: ir.Schema, module: ModuleType) -> None:
    oracle = Oracle(schema)
    for message, dialect in module.VALUES:
        for value in itertools.islice(module.stream(message, dialect), 50):
            oracle.read(message, dialect, json.dumps(value).encode())


def test_the_same_seed_gives_the_same_values(module: ModuleType) -> None:
    first, again, other = (
        list(itertools.islice(module.stream("t.Request", "default", seed), 20)) for seed in (7, 7, 8)
    )
    assert first == again
    assert first != other


def test_all_states_come_up(module: ModuleType) -> None:
    values = list(itertools.islice(module.stream("t.Request", "default"), 200))
    assert {("seq_id" in value, value.get("seq_id") is None) for value in values} == {
        (True, True),
        (True, False),
        (False, True),
    }
    assert {len(value["input"]["chunks"]) for value in values} == set(range(8))


def test_many_small_messages_a_second(module: ModuleType) -> None:
    """The promise is 100,000 on an idle machine (perf/bench measures it); a tenth of it is a bug, not noise."""
    values = module.stream("t.Request", "default")
    start = time.perf_counter()
    for _ in range(5_000):
        next(values)
    assert 5_000 / (time.perf_counter() - start) > 10_000


def test_the_covering_set_compiles() -> None:
    texts = bulk.emit(cover())
    assert len(texts) > len(COVER) // 2
    for path, text in texts.items():
        compile(text, path, "exec")
    assert texts == bulk.emit(cover())
