import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from mock.engine.answer import Answer
from mock.engine.api import Api, Apis
from mock.engine.engine import Engine
from mock.engine.request import Connection, Request
from mock.serve.definitions import BadDefinitions, generate
from mock.serve.generated import GeneratedBackend

PROTO = """
syntax = "proto3";
package yard.v1;
import "google/api/annotations.proto";

service Yard {
  rpc GetBoat(GetBoatRequest) returns (Boat) {
    option (google.api.http) = {get: "/boats/{id}"};
  }
  rpc WatchBoats(GetBoatRequest) returns (stream Boat) {
    option (google.api.http) = {get: "/boats/{id}/watch"};
  }
}
message GetBoatRequest { string id = 1; }
message Boat { string id = 1; int32 length = 2; repeated string crew = 3; Kind kind = 4; }
enum Kind { KIND_UNSPECIFIED = 0; KIND_SAIL = 1; }
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    file = tmp_path_factory.mktemp("protos") / "yard.proto"
    file.write_text(PROTO)
    before = list(sys.path)
    folder, modules = generate([file], [])
    yield Engine(Apis([Api("generated", modules, GeneratedBackend)]))
    sys.path[:] = before
    folder.cleanup()


def get(engine: Engine, path: str) -> bytes:
    async def story() -> bytes:
        answer = engine.handle(Request("GET", path, [], connection=Connection(1)))
        answer = answer if isinstance(answer, Answer) else await answer
        assert answer.status == 200
        return answer.body + b"".join([piece async for piece in answer.chunks] if answer.chunks else [])

    return asyncio.run(story())


def test_answers_are_messages_of_the_definitions(engine: Engine) -> None:
    spec = engine.apis.message("yard.v1.Boat")
    seen: set[bytes] = set()
    for number in range(20):
        body = get(engine, f"/boats/{number}")
        assert spec.read(body).id == str(number)  # what was asked for comes back
        seen.add(body)
    assert len(seen) == 20
    assert get(engine, "/boats/7") == get(engine, "/boats/7")


def test_streams_hold_several(engine: Engine) -> None:
    lines: list[Any] = [orjson.loads(line) for line in get(engine, "/boats/7/watch").splitlines()]
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('syntax = "proto3"; message A {', "bad.proto:1"),
        ('syntax = "proto3"; message A { string a = 1; }', "no service"),
    ],
)
def test_definitions_that_can_not_be_served(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "bad.proto").write_text(text)
    with pytest.raises(BadDefinitions, match=says):
        generate([tmp_path / "bad.proto"], [])
    with pytest.raises(BadDefinitions, match="no such file"):
        generate([tmp_path / "missing.proto"], [])


def test_links_of_files_and_folders_are_taken_alike(tmp_path: Path) -> None:
    real, farm = tmp_path / "real", tmp_path / "farm"
    real.mkdir()
    (real / "yard.proto").write_text(PROTO.replace("yard.v1", "linked.v1"))
    (tmp_path / "link").symlink_to(real)
    farm.mkdir()
    (farm / "farmed.proto").symlink_to(real / "yard.proto")
    for file, include in (("link/yard.proto", "real"), ("real/yard.proto", "link"), ("farm/farmed.proto", "farm")):
        before = list(sys.path)
        folder, modules = generate([tmp_path / file], [tmp_path / include])
        sys.path[:] = before
        folder.cleanup()
        assert modules == [Path(file).stem + "_wire"]
    with pytest.raises(BadDefinitions, match="is in none of the folders of -I"):
        generate([tmp_path / "real" / "yard.proto"], [farm])
