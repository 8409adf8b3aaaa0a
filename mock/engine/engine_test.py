import asyncio
from collections.abc import Coroutine
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from samewire.mock.v1.fault_wire import FaultSchedule
from samewire.mock.v1.stub_wire import Stub
from shop.v1.shop_wire import ChatPart, GetItemRequest, Item, Price

from mock.engine.api import Apis
from mock.engine.engine import Engine
from mock.engine.testing.backend import shop_api
from mock.engine.testing.caller import Told, ask, call

SHOP = "shop.v1.ShopService"


@pytest.fixture
def engine() -> Engine:
    return Engine(Apis([shop_api()]))


def run(waiting: Coroutine[Any, Any, Told]) -> Told:
    return asyncio.run(waiting)


def stub(engine: Engine, session: str = "default", **said: Any) -> None:
    engine.session(session).stubs.add([Stub.from_wire(orjson.dumps(said))])


def faults(engine: Engine, **fault: Any) -> None:
    engine.session("default").set_faults(FaultSchedule.from_wire(orjson.dumps({"rules": [{"fault": fault}]})))


def entries(engine: Engine, session: str = "default") -> list[Any]:
    return [orjson.loads(each.to_wire()) for each in engine.session(session).journal.page().entries]


# The way of a request


def test_backend_answers_in_the_dialect_of_the_request(engine: Engine) -> None:
    assert run(ask(engine, "GET", "/v1/items/a%2Fb")).json() == {"id": "a/b", "name": "new"}
    told = run(ask(engine, "GET", "/v1/items/x", x_dialect="old"))
    assert told.json() == {"id": "x", "name": "old", "type": "item"}
    assert told.headers["content-type"] == "application/json"


def test_status_and_headers_of_the_method_and_the_call(engine: Engine) -> None:
    assert run(ask(engine, "POST", "/v1/items", {"id": "1"})).status == 201
    assert run(ask(engine, "GET", "/v1/items")).headers["x-total"] == "2"
    told = run(ask(engine, "PUT", "/v1/shelves/a/1/items/x/price", {"cents": 1}))
    assert (told.status, told.body) == (200, b"")
    assert run(ask(engine, "GET", "/health")).body == b"fine"


def test_refusals_defects_and_what_is_not_there(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    gone = run(ask(engine, "GET", "/v1/items/gone"))
    assert (gone.status, gone.json()) == (404, {"detail": "no such item"})
    broken = run(ask(engine, "GET", "/v1/items/broken"))
    assert (broken.status, "a defect" in broken.json()["error"]) == (500, True)
    assert "a defect" in capsys.readouterr().err
    told = entries(engine)[-1]
    assert (told["status"], "RuntimeError: a defect" in told["problem"], told["message"]) == (
        500,
        True,
        {"id": "broken"},
    )
    assert run(ask(engine, "GET", "/v1/missing")).status == 501
    assert run(ask(engine, "GET", "/nothing")).status == 404
    assert run(ask(engine, "DELETE", "/v1/items")).headers["allow"] == "GET, POST"
    bad = run(ask(engine, "POST", "/v1/items", {"name": 1}))
    assert (bad.status, "$" in bad.json()["detail"]) == (422, True)


def test_streams_of_lines_and_events(engine: Engine) -> None:
    told = run(ask(engine, "POST", "/v1/chat", {"prompt": "a b c"}))
    assert (told.lines(), told.headers["content-type"]) == (
        [{"text": "a"}, {"text": "b"}, {"text": "c"}],
        "application/x-ndjson",
    )
    assert run(ask(engine, "POST", "/v1/chat", {"prompt": "a b", "stream": False})).json() == {"text": "a b"}
    assert run(ask(engine, "POST", "/v1/chat", {"prompt": "a bad b"})).lines() == [{"text": "a"}, {"error": "bad word"}]
    early = run(ask(engine, "POST", "/v1/chat", {"prompt": "bad"}))
    assert (early.status, early.json()) == (400, {"error": "bad word"})

    async def watched() -> Told:
        waiting = asyncio.create_task(ask(engine, "GET", "/v1/items/x/watch"))
        await asyncio.sleep(0)
        await engine.session("default").clock.advance(5)
        return await waiting

    told = run(watched())
    assert told.body.startswith(b'data: {"id":"x0"}\n\n')
    assert told.body.endswith(b"data: [DONE]\n\n")


def test_lines_that_some_readers_split_are_escaped(engine: Engine) -> None:
    told = run(ask(engine, "POST", "/v1/chat", {"prompt": "a\u2028\u0085b", "stream": False}))
    assert told.status == 200
    streamed = run(ask(engine, "POST", "/v1/chat", {"prompt": "é\u2029"}))
    assert "\u2029" not in streamed.body.decode()
    assert "é" in streamed.body.decode()


def test_binary_and_raw_bodies(engine: Engine) -> None:
    item = Item(id="1", price=Price(cents=2))
    told = run(ask(engine, "POST", "/v1/items", item.to_binary(), content_type="application/x-protobuf"))
    assert told.json()["price"] == {"cents": 2}
    assert run(ask(engine, "PUT", "/v1/items/x/photo", b"\xff" * 9, content_type="image/png")).json() == {
        "id": "x",
        "name": "image/png",
        "price": {"cents": 9},
    }


@pytest.mark.parametrize("name", ["../up", ".", "a b", "a\x1b[2J", "<b>", "x" * 101])
def test_names_of_sessions_are_confined(engine: Engine, name: str) -> None:
    told = run(ask(engine, "GET", "/v1/items/x", x_samewire_session=name))
    assert (told.status, "no name of a session" in told.json()["error"], len(told.body) < 300) == (400, True, True)
    told = run(ask(engine, "GET", f"/__samewire/s/{quote(name, safe='')}/v1/items/x"))
    assert told.status == 400
    assert list(engine.sessions) == []
    assert run(ask(engine, "GET", "/v1/items/x", x_samewire_session="x" * 100)).status == 200


# Stubs, faults, sessions, journal


def test_stubs_come_before_the_backend_and_belong_to_a_session(engine: Engine) -> None:
    stub(engine, "mine", id="s", request={"rpc": f"{SHOP}/GetItem"}, answers=[{"json": {"id": "stubbed"}}])
    assert run(ask(engine, "GET", "/v1/items/x", x_samewire_session="mine")).json() == {"id": "stubbed"}
    assert run(ask(engine, "GET", "/__samewire/s/mine/v1/items/x")).json() == {"id": "stubbed"}
    assert run(ask(engine, "GET", "/v1/items/x")).json()["id"] == "x"
    assert [(each["answered_by"], each["rpc"]) for each in entries(engine, "mine")] == [
        ("stub s", f"{SHOP}/GetItem")
    ] * 2
    assert [each["answered_by"] for each in entries(engine)] == ["backend"]


def test_a_stub_may_pass(engine: Engine) -> None:
    stub(engine, request={"rpc": f"{SHOP}/GetItem"}, answers=[{"pass": True}, {"json": {"id": "2"}}])
    assert [run(ask(engine, "GET", "/v1/items/x")).json()["id"] for _ in range(2)] == ["x", "2"]


def test_a_miss_names_the_nearest_stub(engine: Engine) -> None:
    stub(engine, id="s", request={"method": "GET", "path": "/else"}, answers=[{"text": "x"}])
    told = run(ask(engine, "POST", "/else"))
    assert told.status == 404
    assert told.json()["near_misses"][0]["stub"] == "s"


def test_faults_strike_before_and_after_the_backend(engine: Engine) -> None:
    faults(engine, kind="status", status=503)
    assert run(ask(engine, "POST", "/v1/items", {"id": "1"})).status == 503
    faults(engine, kind="malformed_json")
    with pytest.raises(ValueError, match="JSON|json|unexpected"):
        run(ask(engine, "GET", "/v1/items/x")).json()
    assert [(each["answered_by"], each["fault"]) for each in entries(engine)] == [
        ("fault rule-1", "rule-1"),
        ("backend", "rule-1"),
    ]


def test_what_waits_waits_on_the_sessions_clock(engine: Engine) -> None:
    async def story() -> Told:
        waiting = asyncio.create_task(ask(engine, "GET", "/v1/items/slow"))
        await engine.session("default").clock.advance(9)
        assert not waiting.done()
        await engine.session("default").clock.advance(1)
        return await waiting

    assert run(story()).json()["id"] == "slow"


def test_reset_forgets_everything(engine: Engine) -> None:
    stub(engine, request={}, answers=[{"json": {"id": "2"}}])
    faults(engine, kind="status", status=500)
    run(ask(engine, "GET", "/v1/items/x"))
    asyncio.run(engine.session("default").reset())
    assert run(ask(engine, "GET", "/v1/items/x")).json()["id"] == "x"
    assert [each["seq"] for each in entries(engine)] == [1]


# gRPC


def test_unary_over_grpc(engine: Engine) -> None:
    request = GetItemRequest(id="x").to_binary()
    for pieces in (False, True):
        told = run(call(engine, f"{SHOP}/GetItem", request, pieces=pieces))
        assert [Item.from_binary(each).id for each in told.messages()] == ["x"]
        assert told.trailers["grpc-status"] == "0"
    refused = run(call(engine, f"{SHOP}/GetItem", GetItemRequest(id="gone").to_binary()))
    assert refused.headers["grpc-status"] == "5"
    assert entries(engine)[0]["protocol"] == "gRPC"


def test_streams_over_grpc(engine: Engine) -> None:
    chat = run(call(engine, f"{SHOP}/Chat", b"\n\x03a b"))
    assert [ChatPart.from_binary(each).text for each in chat.messages()] == ["a", "b"]
    items = [Item(id=str(cents), price=Price(cents=cents)).to_binary() for cents in (1, 2)]
    assert Price.from_binary(run(call(engine, f"{SHOP}/Total", *items, pieces=True)).messages()[0]).cents == 3
    parts = [ChatPart(text=text).to_binary() for text in ("a", "bad")]
    echo = run(call(engine, f"{SHOP}/Echo", *parts, pieces=True))
    assert [ChatPart.from_binary(each).text for each in echo.messages()] == ["A"]
    assert (echo.trailers["grpc-status"], echo.trailers["grpc-message"]) == ("3", "bad word")


def test_stubs_and_faults_over_grpc(engine: Engine) -> None:
    stub(
        engine,
        request={"rpc": f"{SHOP}/GetItem", "body": [{"path": "$.id", "equals": "x"}]},
        answers=[{"json": {"id": "stubbed"}}, {"grpc": {"code": "UNAVAILABLE", "message": "later"}}],
    )
    request = GetItemRequest(id="x").to_binary()
    assert Item.from_binary(run(call(engine, f"{SHOP}/GetItem", request)).messages()[0]).id == "stubbed"
    told = run(call(engine, f"{SHOP}/GetItem", request))
    assert (told.headers | told.trailers)["grpc-status"] == "14"
    faults(engine, kind="grpc_status", grpc={"code": "ABORTED"})
    told = run(call(engine, f"{SHOP}/GetItem", request))
    assert (told.headers | told.trailers)["grpc-status"] == "10"


@pytest.mark.parametrize(
    ("rpc", "message", "status"),
    [(f"{SHOP}/Nothing", b"", "12"), (f"{SHOP}/GetItem", b"\xff", "3"), (f"{SHOP}/Missing", b"", "12")],
)
def test_what_grpc_can_not_do(engine: Engine, rpc: str, message: bytes, status: str) -> None:
    told = run(call(engine, rpc, message))
    assert (told.headers | told.trailers)["grpc-status"] == status


def test_a_deadline_is_kept_on_the_sessions_clock(engine: Engine) -> None:
    async def story() -> Told:
        request = GetItemRequest(id="slow").to_binary()
        waiting = asyncio.create_task(call(engine, f"{SHOP}/GetItem", request, grpc_timeout="5S"))
        await engine.session("default").clock.advance(6)
        return await waiting

    assert run(story()).headers["grpc-status"] == "4"


def test_health_and_reflection_are_there(engine: Engine) -> None:
    told = run(call(engine, "grpc.health.v1.Health/Check", b""))
    assert told.messages() == [b"\x08\x01"]
