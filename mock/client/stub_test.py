from __future__ import annotations

from typing import Any

import orjson
import pytest
from samewire.mock.v1.fault_wire import FaultRule
from samewire.mock.v1.match_wire import Match
from samewire.mock.v1.stub_wire import Stub as StubModel

from mock.client.stub import Stub, match, plain, rule, when


def _is_a(model: Any, shape: Any) -> None:
    """The definitions take it as it is, and nothing is lost."""
    assert orjson.loads(model.from_wire(orjson.dumps(shape)).to_wire()) == shape


def test_every_condition_can_be_said() -> None:
    shape = match(
        rpc="shop.v1.ShopService/GetItem",
        method="GET",
        path="/v1/items/{id}",
        path_regex="^/v1",
        query={"limit": "2", "sold": True, "q": {"regex": "^a"}},
        headers={"x-a": False},
        json={"a": 1},
        equals=None,
        at={"$.n": 2},
        body=[{"path": "$.x", "contains": "y"}],
        message="shop.v1.Item",
        dialect="new",
        calls=(2, None),
    )
    _is_a(Match, shape)
    assert shape["query"] == {"limit": {"equals": "2"}, "sold": {"exists": True}, "q": {"regex": "^a"}}
    assert shape["headers"] == {"x-a": {"exists": False}}
    assert shape["body"] == [
        {"path": "$.x", "contains": "y"},
        {"equals": None},
        {"subset": {"a": 1}},
        {"path": "$.n", "equals": 2},
    ]
    assert shape["calls"] == {"from": 2}


@pytest.mark.parametrize(
    ("said", "range_"), [(2, {"from": 2, "to": 2}), ((2, 3), {"from": 2, "to": 3}), ({"every": 3}, {"every": 3})]
)
def test_calls(said: Any, range_: dict[str, int]) -> None:
    shape = match(calls=said)
    assert shape == {"calls": range_}
    _is_a(Match, shape)


def test_a_condition_that_there_is_not() -> None:
    with pytest.raises(TypeError, match="no condition pth; there are rpc, method"):
        match(pth="/")  # type: ignore[call-arg]


def test_every_answer_can_be_said() -> None:
    stub = (
        when(path="/a")
        .named("one")
        .priority(3)
        .in_state("login", "started", then="in")
        .cycle()
        .unchecked()
        .reply(json=None, status=201, headers={"x-a": "1"}, delay=0.5)
        .reply(text="t", delay={"uniform": {"min_s": 0.1, "max_s": 0.2}})
        .reply(data=b"\xff")
        .reply(stream=[{"n": 1}], between=0.1)
        .reply(grpc="NOT_FOUND")
        .reply(grpc={"code": "ABORTED", "message": "again"})
        .reply(fault="hang")
        .let_pass(delay=1, fault={"kind": "truncate", "after_bytes": 3})
    )
    _is_a(StubModel, stub.shape)
    answers: list[Any] = stub.shape["answers"]
    assert answers[0] == {"status": 201, "headers": {"x-a": "1"}, "delay": {"fixed_s": 0.5}, "json": None}
    assert answers[2] == {"base64": "/w=="}
    assert answers[6] == {"fault": {"kind": "hang"}}
    assert stub.shape["after"] == "cycle"
    _is_a(StubModel, when(path="/a").retire().reply(json={}).shape)


def test_a_rule_can_be_said() -> None:
    shape = rule("status", match(path="/a"), probability=0.1, from_s=1, to_s=2, id="r", status=503, headers={"a": "b"})
    _is_a(FaultRule, shape)
    assert shape["fault"] == {"kind": "status", "status": 503, "headers": {"a": "b"}}
    assert rule("delay", latency=0.2)["fault"] == {"kind": "delay", "latency": {"fixed_s": 0.2}}


def test_models_are_taken_as_dicts_are() -> None:
    model = StubModel.from_wire(b'{"request":{"path":"/a"},"answers":[{"json":{"a":1}}]}')
    assert plain(model) == {"request": {"path": "/a"}, "answers": [{"json": {"a": 1}}]}
    assert Stub(model.request).shape["request"] == {"path": "/a"}
    assert plain({"a": 1}) == {"a": 1}
