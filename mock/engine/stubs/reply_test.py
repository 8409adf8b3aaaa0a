from typing import Any

import orjson
import pytest
from samewire.mock.v1.stub_wire import Stub
from shop.v1.shop_wire import ChatPart, Item

from mock.engine.answer import Answer
from mock.engine.api import Apis
from mock.engine.grpc.framing import messages
from mock.engine.request import Request
from mock.engine.stubs.conftest import Ask, Session, settled
from mock.engine.stubs.error import StubError
from mock.engine.stubs.stub_set import StubSet

SHOP = "shop.v1.ShopService/"


def stubs_of(apis: Apis, match: dict[str, Any], *answers: dict[str, Any], **more: Any) -> StubSet:
    stubs = StubSet(apis)
    stubs.add([Stub.from_wire(orjson.dumps({"id": "s", "request": match, "answers": answers, **more}))])
    return stubs


def answer(stubs: StubSet, request: Request, session: Session) -> tuple[Answer, bytes, float]:
    hit = stubs.find(request, {})
    assert hit is not None
    made, body, took = settled(hit.reply.answer(request, session), session)
    assert made is not None
    return made, body, took


ITEM = {"id": "a", "name": "Ann"}


def test_a_static_answer(apis: Apis, ask: Ask, session: Session) -> None:
    stubs = stubs_of(apis, {"rpc": SHOP + "CreateItem"}, {"json": ITEM, "headers": {"X-A": "b"}})
    request = ask(body=ITEM)
    made, body, _ = answer(stubs, request, session)
    assert (made.status, orjson.loads(body)) == (201, ITEM)
    assert made.headers == ((b"content-type", b"application/json"), (b"x-a", b"b"))
    again = stubs.find(request, {})
    assert again is not None
    assert again.reply.answer(request, session) is not made  # each has its own record


@pytest.mark.parametrize(
    ("reply", "status", "kind", "body"),
    [
        ({"text": "hi"}, 200, b"text/plain; charset=utf-8", b"hi"),
        ({"text": "<a>", "headers": {"Content-Type": "text/html"}}, 200, b"text/html", b"<a>"),
        ({"base64": "AAE="}, 200, b"application/octet-stream", b"\0\1"),
        ({"status": 503, "json": {"any": 1}}, 503, b"application/json", b'{"any":1}'),
        ({"status": 204}, 204, None, b""),
        ({"stream": [{"a": 1}, "b"]}, 200, b"application/x-ndjson", b'{"a":1}\n"b"\n'),
    ],
)
def test_bodies_where_no_method_is_known(
    reply: dict[str, Any], status: int, kind: bytes | None, body: bytes, apis: Apis, ask: Ask, session: Session
) -> None:
    made, found, _ = answer(stubs_of(apis, {"path": "/elsewhere"}, reply), ask("GET", "/elsewhere"), session)
    assert (made.status, dict(made.headers).get(b"content-type"), found) == (status, kind, body)


def test_templates(apis: Apis, ask: Ask, session: Session) -> None:
    reply = {
        "json": {"id": "{{ request.fields.id }}", "name": "call {{ call }}"},
        "headers": {"x-q": "{{ request.query.q }}"},
    }
    stubs = stubs_of(apis, {"rpc": SHOP + "GetItem"}, reply)
    for call in (1, 2):
        made, body, _ = answer(stubs, ask("GET", "/v1/items/a%20b?q=z"), session)
        assert orjson.loads(body) == {"id": "a b", "name": f"call {call}"}
        assert (b"x-q", b"z") in made.headers
    made, body, _ = answer(stubs, ask("GET", "/v1/items/a"), session)
    assert made.status == 500
    wanted = '$.stubs[0].answers[0].headers["x-q"]: {{ request.query.q }}: the request has nothing there'
    assert wanted in orjson.loads(body)["error"]
    made, body, _ = answer(stubs, ask("GET", "/v1/items/a?q=%0d%0aX:1"), session)
    assert (made.status, b"can't stand in a header" in body) == (500, True)
    own = stubs_of(apis, {"path": "/x/{name}"}, {"text": "{{ request.fields.name }}"})
    assert answer(own, ask("GET", "/x/y"), session)[1] == b"y"


def test_streams(apis: Apis, ask: Ask, session: Session) -> None:
    chat = stubs_of(
        apis, {"rpc": SHOP + "Chat"}, {"stream": [{"text": "a"}, {"text": "b\u2028"}], "between": {"fixed_s": 1}}
    )
    made, body, took = answer(chat, ask(target="/v1/chat", body={"prompt": "x"}), session)
    assert made.headers == ((b"content-type", b"application/x-ndjson"),)
    assert body == b'{"text":"a"}\n{"text":"b\\u2028"}\n'
    assert took >= 1
    watch = stubs_of(apis, {"rpc": SHOP + "Watch"}, {"stream": [ITEM]})
    made, body, _ = answer(watch, ask("GET", "/v1/items/a/watch"), session)
    assert (b"content-type", b"text/event-stream") in made.headers
    assert body == b'data: {"id":"a","name":"Ann"}\n\ndata: [DONE]\n\n'
    whole = stubs_of(apis, {"rpc": SHOP + "Chat"}, {"json": {"text": "a"}})
    kinds = {True: b"application/x-ndjson", False: b"application/json"}
    for wanted, kind in kinds.items():
        made, body, _ = answer(whole, ask(target="/v1/chat", body={"prompt": "x", "stream": wanted}), session)
        assert (dict(made.headers)[b"content-type"], orjson.loads(body)) == (kind, {"text": "a"})


def test_over_grpc(apis: Apis, ask: Ask, session: Session) -> None:
    def call(reply: dict[str, Any], name: str = "CreateItem") -> tuple[Answer, bytes]:
        stubs = stubs_of(apis, {"rpc": SHOP + name}, reply)
        return answer(stubs, ask("POST", f"/{SHOP}{name}", b"", protocol="gRPC"), session)[:2]

    made, body = call({"json": {**ITEM, "legacy": True}})
    assert Item.from_binary(messages(body)[0]).name == "Ann"
    assert made.trailers is not None
    assert (dict(made.headers)[b"content-type"], dict(made.trailers())) == (b"application/grpc", {b"grpc-status": b"0"})
    made, body = call({"stream": [{"text": "a"}, {"text": "n{{ call }}"}]}, "Chat")
    assert [ChatPart.from_binary(each).text for each in messages(body)] == ["a", "n1"]
    for reply, status in (
        ({"grpc": {"code": "NOT_FOUND", "message": "no 100%"}}, b"5"),
        ({"status": 404, "json": {"detail": "gone"}}, b"5"),
        ({"text": "x"}, b"13"),
        ({"json": {"id": "{{ request.json.nope }}"}}, b"13"),
    ):
        made, body = call(reply)
        assert (dict(made.headers)[b"grpc-status"], body) == (status, b"")


def test_a_grpc_error_over_http(apis: Apis, ask: Ask, session: Session) -> None:
    stubs = stubs_of(apis, {"rpc": SHOP + "CreateItem"}, {"grpc": {"code": "NOT_FOUND", "message": "gone"}})
    made, body, _ = answer(stubs, ask(body=ITEM), session)
    assert (made.status, orjson.loads(body)) == (404, {"code": 5, "message": "gone"})


def test_delay_pass_and_fault(apis: Apis, ask: Ask, session: Session) -> None:
    slow = stubs_of(apis, {}, {"text": "x", "delay": {"fixed_s": 2}})
    _, body, took = answer(slow, ask(), session)
    assert body == b"x"
    assert took == pytest.approx(2, abs=0.3)
    passing = stubs_of(apis, {}, {"pass": True, "delay": {"fixed_s": 1}, "fault": {"kind": "truncate"}})
    hit = passing.find(ask(), {})
    assert hit is not None
    assert settled(hit.reply.answer(ask(), session), session)[0] is None
    strike = hit.reply.strike(ask(), session)
    assert strike is not None
    assert strike.fault.kind == "truncate"
    cut = stubs_of(apis, {}, {"text": "x", "fault": {"kind": "truncate"}})
    made, _, _ = answer(cut, ask(), session)
    assert made.strike is not None
    spoiled = stubs_of(apis, {}, {"text": "x", "fault": {"kind": "status", "status": 503}})
    assert answer(spoiled, ask(), session)[0].status == 503


@pytest.mark.parametrize(
    ("rpc", "reply", "path", "reason"),
    [
        ("CreateItem", {"json": {"name": "x"}}, ".json.id", "missing"),
        ("CreateItem", {"json": {"id": "a", "nme": "x"}}, ".json.nme", "unknown key"),
        ("CreateItem", {"json": {"id": 1}}, ".json.id", "expected a string"),
        ("CreateItem", {"json": {"id": "{{ call }}", "price": {"cents": "x"}}}, ".json.price.cents", "integer"),
        ("ListItems", {"json": {"items": [{"id": "a"}, {"id": 2}]}}, ".json.items[1].id", "string"),
        (
            "ListItems",
            {"json": {"items": [{"id": "{{ uuid }}", "price": "{{ call }}", "x": 1}]}},
            ".json.items[0].x",
            "unknown",
        ),
        ("Chat", {"stream": [{"text": "a"}, {"txt": "b"}]}, ".stream[1].txt", "unknown key"),
        ("Chat", {"text": "a", "json": {}}, "", "one of them"),
        ("Chat", {"grpc": {"code": "NOT_FOND"}}, ".grpc.code", "'NOT_FOUND'"),
        ("Chat", {"headers": {"content-length": "1"}}, '.headers["content-length"]', "fault"),
        ("Chat", {"headers": {"x": "a\nb"}}, ".headers.x", "can't stand"),
        ("Chat", {"headers": {"a b": "x"}}, '.headers["a b"]', "no name"),
        ("Chat", {"delay": {}}, ".delay", "one of"),
        ("Chat", {"stream": [{"text": "{{ cal }}"}]}, ".stream[0].text", "did you mean 'call'"),
    ],
)
def test_what_is_refused(rpc: str, reply: dict[str, Any], path: str, reason: str, apis: Apis) -> None:
    with pytest.raises(StubError) as caught:
        stubs_of(apis, {"rpc": SHOP + rpc}, reply)
    assert caught.value.path == "$.stubs[0].answers[0]" + path
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("match", "reply", "more"),
    [
        ({"rpc": SHOP + "CreateItem"}, {"json": {"broken": 1}}, {"unchecked": True}),
        ({"rpc": SHOP + "CreateItem"}, {"json": {"broken": 1}, "status": 400}, {}),
        ({"rpc": SHOP + "CreateItem"}, {"json": {"id": "a", "legacy": True}}, {}),  # another dialect has it
        ({"rpc": SHOP + "CreateItem"}, {"json": {"id": "a", "price": {"cents": "{{ request.json.n }}"}}}, {}),
        ({"rpc": SHOP + "CreateItem"}, {"json": {"id": "a", "price": "{{ request.json.p }}"}}, {}),
        ({"rpc": SHOP + "CreateItem"}, {"json": "{{ request.json }}"}, {}),
        ({"path": "/elsewhere"}, {"json": {"broken": 1}}, {}),
        ({"path_regex": "^/v1/items$"}, {"json": {"broken": 1}}, {}),
    ],
)
def test_what_is_allowed(match: dict[str, Any], reply: dict[str, Any], more: dict[str, Any], apis: Apis) -> None:
    stubs_of(apis, match, reply, **more)


@pytest.mark.parametrize("match", [{"path": "/v1/items", "method": "POST"}, {"path": "/v1/items/{any}"}])
def test_a_path_says_the_method_too(match: dict[str, Any], apis: Apis) -> None:
    with pytest.raises(StubError, match="broken"):
        stubs_of(apis, match, {"json": {"id": "a", "broken": 1}})
