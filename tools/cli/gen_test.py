"""`samewire gen` on definitions that are not ours, in a folder of its own, used with nothing but the runtime."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tools.cli.__main__ import app

ORDER = """syntax = "proto3";
package shop.v1;
import "google/protobuf/timestamp.proto";
import "wire/v1/wire.proto";
option (wire.v1.file) = { names: NAMES_PROTO };
message Order {
  string order_id = 1;
  optional string note = 2 [(wire.v1.field).presence = PRESENCE_OMIT_OR_NULL];
  google.protobuf.Timestamp at = 3;
  int64 class = 4;
}
"""
USE = """
from shop.v1.order_wire import Order
for text in (b'{"order_id":"7","note":null}', b'{"order_id":"7"}'):
    assert Order.from_wire(text).to_wire() == text, text
assert Order.from_binary(Order(order_id="7").to_binary()).order_id == "7"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "wörk space"
    (place / "shop" / "v1").mkdir(parents=True)
    (place / "shop" / "v1" / "order.proto").write_text(ORDER)
    return place


def gen(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["-C", str(folder), "gen", "--out", "out", *words])


def test_models_need_the_runtime_wheel_only(folder: Path) -> None:
    said = gen(folder, "shop/v1/order.proto")
    assert said.exit_code == 0, said.output
    [wheel] = Path("tools/wire/runtime").glob("samewire_wire-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "wheel")
    path = [str(folder / "out"), str(folder / "wheel"), str(Path(pytest.__file__).parents[1])]
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path[:0] = {path!r}\n{USE}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_openapi(folder: Path) -> None:
    routes = """syntax = "proto3"; package shop.v1; import "google/api/annotations.proto"; import "shop/v1/order.proto";
    service Shop { rpc Put(Order) returns (Order) { option (google.api.http) = {post: "/orders" body: "*"}; } }"""
    (folder / "shop" / "v1" / "shop.proto").write_text(routes)
    said = gen(folder, "--emit", "openapi", "shop/v1/shop.proto")
    assert said.exit_code == 0, said.output
    assert '"/orders"' in (folder / "out" / "shop" / "v1" / "default.openapi.json").read_text()


def test_a_syntax_error_is_a_finding_with_its_line(folder: Path) -> None:
    (folder / "bad.proto").write_text('syntax = "proto3";\nmessage A { int32 a = ; }\n')
    said = gen(folder, "bad.proto")
    assert said.exit_code == 1 and "bad.proto:2" in said.stderr and "Traceback" not in said.output
    assert not (folder / "out").exists()


def test_a_contradiction_is_a_finding_with_the_way_out(folder: Path) -> None:
    (folder / "bad.proto").write_text(
        ORDER.replace("optional string note = 2", "repeated string note = 2").replace(
            "presence = PRESENCE_OMIT_OR_NULL", 'literal = "x"'
        )
    )
    said = gen(folder, "bad.proto")
    assert said.exit_code == 1 and "bad.proto:8" in said.stderr and "Way out" in said.stderr


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["none.proto"], "none.proto: no such file"),
        (["-I", "none", "shop/v1/order.proto"], "none: no such folder"),
        (["--emit", "cobol", "shop/v1/order.proto"], "no emitter 'cobol'"),
    ],
)
def test_misuse_is_one_line(folder: Path, words: list[str], line: str) -> None:
    said = gen(folder, *words)
    assert said.exit_code == 2 and line in said.stderr and said.stderr.count("\n") == 1
