"""What `wire_library` gives can be imported, with what it imports itself."""

import json
from pathlib import Path

from cover.v1.annotated_wire import Holder, States
from cover.v1.legacy2_wire import Old
from cover.v1.plain3_wire import Reserved
from google.rpc.status_wire import Status
from samewire.v1.routes_wire import RouteTable


def test_a_dialect_is_read_and_written() -> None:
    states = States.from_wire(b'{"always":1,"maybe_null":null,"plain":0}', "terse")
    assert states.always == 1
    assert b'"maybe_null":null' in states.to_wire("terse")
    assert b"three_null" not in states.to_wire("chatty-1.0")


def test_names_are_safe() -> None:
    assert Reserved(class_=1).to_protojson() == b'{"class":1}'


def test_modules_import_each_other() -> None:
    old = Old.from_protojson(b'{"must":1,"tree":{"left":{}}}')
    assert old.tree is not None
    assert old.tree.left is not None


def test_unions() -> None:
    data = (
        b'{"part":{"type":"text","text":"x"},"stops":["x",[1]],"by_name":{},'
        b'"image":{"type":"image","image":""},"left":"l"}'
    )
    assert Holder.from_wire(data, "terse").to_protojson()


def test_definitions_of_another_repository() -> None:
    assert Status.from_protojson(b'{"code":5,"details":[]}').code == 5


def test_routes_have_the_shape_that_is_defined_for_them() -> None:
    text = Path("tools/wire/cover_wire.routes/cover/v1/routes.json").read_bytes()
    table = RouteTable.from_wire(text)
    assert [route.verb for route in table.methods[0].routes] == ["GET", "POST", "GET"]
    assert json.loads(table.to_wire()) == json.loads(text)
