import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from shop.v1.shop_wire import ChatPart, Item

from mock.engine import writing
from mock.engine.answer import Answer
from mock.engine.api import Api
from mock.engine.backend import Call, Refusal
from mock.engine.request import Connection, Request
from mock.engine.testing.backend import shop_api


@pytest.fixture(scope="module")
def api() -> Api:
    return shop_api()


def a_call(api: Api, name: str, streamed: bool = False) -> Call:
    method = next(each for each in api.methods if each.name == name)
    return Call(method, Request("GET", "/", [], connection=Connection(1)), "new", streamed)


def test_dialect_decides_what_is_written(api: Api) -> None:
    call = a_call(api, "GetItem")
    assert writing.unary(call, Item(id="1")).body == b'{"id":"1"}'
    call.dialect = "old"
    assert orjson.loads(writing.unary(call, Item(id="1")).body)["type"] == "item"


def test_a_message_of_another_kind_speaks_for_itself(api: Api) -> None:
    assert writing.unary(a_call(api, "GetItem"), ChatPart(text="x")).body == b'{"text":"x"}'


def test_an_answer_is_what_it_is(api: Api) -> None:
    answer = Answer(302, ((b"location", b"/x"),))
    assert writing.unary(a_call(api, "GetItem"), answer) is answer


def test_call_headers_and_status(api: Api) -> None:
    call = a_call(api, "GetItem")
    call.status, call.headers["X-More"] = 202, "é"
    answer = writing.unary(call, Item(id="1"))
    assert answer.status == 202
    assert dict(answer.headers)[b"x-more"] == b"\xe9"


@pytest.mark.parametrize(
    ("body", "kind", "written"),
    [
        ({"a": 1}, b"application/json", b'{"a":1}'),
        ("text", b"text/plain; charset=utf-8", b"text"),
        (ChatPart(text="x"), b"application/json", b'{"text":"x"}'),
    ],
)
def test_refusals(api: Api, body: Any, kind: bytes, written: bytes) -> None:
    answer = writing.refused(a_call(api, "GetItem"), Refusal(418, body, {"Retry-After": "1"}))
    assert (answer.status, answer.body) == (418, written)
    assert answer.headers == ((b"content-type", kind), (b"retry-after", b"1"))


@pytest.mark.parametrize("name", ["GetItem", "Health"])
def test_one_content_type_goes_out_and_it_is_the_calls(api: Api, name: str) -> None:
    call = a_call(api, name)
    call.headers = {"X-More": "1", "Content-Type": "application/json; charset=utf-8"}
    answer = writing.unary(call, Item(id="1"))
    assert answer.headers == ((b"x-more", b"1"), (b"content-type", b"application/json; charset=utf-8"))
    call.headers = {}
    call.json = ((b"content-type", b"a/json"),)
    if name == "GetItem":
        assert writing.unary(call, Item(id="1")).headers == call.json
    assert writing.refused(call, Refusal(400, {})).headers == call.json


def test_one_content_type_of_a_stream(api: Api) -> None:
    async def parts() -> AsyncIterator[ChatPart]:
        yield ChatPart(text="x")

    call = a_call(api, "Chat", True)
    usual = asyncio.run(writing.stream(call, parts())).headers
    call.headers = {"content-type": "a/stream"}
    said = asyncio.run(writing.stream(call, parts())).headers
    assert [value for name, value in said if name == b"content-type"] == [b"a/stream"]
    assert len(said) == len(usual)


def test_an_empty_stream_is_an_answer(api: Api) -> None:
    async def nothing() -> AsyncIterator[ChatPart]:
        for part in list[ChatPart]():
            yield part

    answer = asyncio.run(writing.stream(a_call(api, "Chat", True), nothing()))
    assert (answer.status, answer.body) == (200, b"")


def test_a_client_that_leaves_closes_the_stream(api: Api) -> None:
    closed = []

    async def parts() -> AsyncIterator[ChatPart]:
        try:
            while True:
                yield ChatPart(text="x")
        finally:
            closed.append(True)

    async def story() -> None:
        answer = await writing.stream(a_call(api, "Chat", True), parts())
        assert answer.chunks is not None
        await anext(answer.chunks)
        await answer.chunks.aclose()  # type: ignore[attr-defined]

    asyncio.run(story())
    assert closed == [True]
