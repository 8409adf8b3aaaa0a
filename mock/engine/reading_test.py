import gzip
from typing import Any

import orjson
import pytest
import zstandard
from samewire_wire import WireError
from shop.v1.shop_wire import ChatRequest, Item, Price, PutPriceRequest

from mock.engine import reading
from mock.engine.api import Api
from mock.engine.reading import Unreadable
from mock.engine.request import Connection, Request
from mock.engine.router import Router
from mock.engine.testing.backend import shop_api


@pytest.fixture(scope="module")
def api() -> Api:
    return shop_api()


def read(
    api: Api, verb: str, target: str, body: bytes = b"", hint: str | None = None, **headers: str
) -> tuple[Any, str]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    request = Request(verb, target, pairs, body, connection=Connection(1))
    found = Router(api.methods).find(verb, request.path)
    assert found is not None
    request.rpc, route, request.fields = found
    return reading.message(request, request.rpc, route, hint)


def test_query_is_typed_by_the_definitions(api: Api) -> None:
    message, dialect = read(api, "GET", "/v1/items?limit=7&tags=a&tags=b&sold=true&under=1.5&unknown=1")
    assert (message.limit, message.tags, message.sold, message.under) == (7, ["a", "b"], True, 1.5)
    assert dialect == "new"


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("limit=many", "$.limit"),
        ("limit=0", "$.limit"),
        ("sold=maybe", "$.sold"),
        ("limit=1_0", "$.limit"),
        (f"limit={1 << 64}", "$.limit"),
        ("limit=" + "1" * 5000, "$.limit"),
        ("under=inf", "$.under"),
    ],
)
def test_query_that_the_definitions_refuse(api: Api, query: str, path: str) -> None:
    with pytest.raises(WireError) as error:
        read(api, "GET", f"/v1/items?{query}")
    assert error.value.path == path


def test_path_and_body_field(api: Api) -> None:
    message, _ = read(api, "PUT", "/v1/shelves/a/7/items/x%2Fy/price", b'{"cents":5}')
    assert message == PutPriceRequest(shelf="a/7", id="x/y", price=Price(cents=5))


@pytest.mark.parametrize("kind", ["image/png", "application/x-protobuf", "application/json"])
def test_raw_body(api: Api, kind: str) -> None:
    message, _ = read(api, "PUT", "/v1/items/x/photo", b"\x00\xff", content_type=kind)
    assert (message.photo.data, message.photo.content_type) == (b"\x00\xff", kind)


def test_the_dialect_is_the_hint_or_the_first_that_takes_it(api: Api) -> None:
    old = b'{"id":"1","type":"item","legacy":true}'
    assert read(api, "POST", "/v1/items", old)[1] == "old"
    assert read(api, "POST", "/v1/items", b'{"id":"1"}')[1] == "new"
    assert read(api, "POST", "/v1/items", b'{"id":"1","type":"item"}', hint="old")[1] == "old"


def test_unknown_keys_are_dropped_but_not_required_ones_made_up(api: Api) -> None:
    message, _ = read(api, "POST", "/v1/items", b'{"id":"1","later":{"x":1}}')
    assert message == Item(id="1")
    with pytest.raises(WireError) as error:
        read(api, "POST", "/v1/items", b'{"name":"x","later":1}')
    assert error.value.field == "id"


def test_binary_of_the_dialects_that_have_it(api: Api) -> None:
    body = Item(id="1", price=Price(cents=3)).to_binary()
    message, dialect = read(api, "POST", "/v1/items", body, content_type="application/x-protobuf")
    assert (message.price, dialect) == (Price(cents=3), "old")
    request = Request(
        "POST", "/v1/items", [(b"content-type", b"application/x-protobuf")], body, connection=Connection(1)
    )
    request.rpc = next(each for each in api.methods if each.name == "CreateItem")
    assert request.json() == {"id": "1", "price": {"cents": 3}}


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("zstd", zstandard.ZstdCompressor().compress)], ids=["gzip", "zstd"]
)
def test_encoded_bodies(api: Api, encoding: str, pack: object) -> None:
    body = pack(b'{"prompt":"a"}')  # type: ignore[operator]
    assert read(api, "POST", "/v1/chat", body, content_encoding=encoding)[0] == ChatRequest(prompt="a")
    with pytest.raises(Unreadable, match=encoding):
        read(api, "POST", "/v1/chat", b"not packed", content_encoding=encoding)


def test_forms(api: Api) -> None:
    message, _ = read(
        api, "POST", "/v1/items", b"id=1&name=a+b&tags=x&tags=y", content_type="application/x-www-form-urlencoded"
    )
    assert message == Item(id="1", name="a b", tags=["x", "y"])
    part = b'--B\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    body = part % (b"id", b"", b"1") + part % (b"price", b'; filename="p.json"', b'{"cents":4}') + b"--B--\r\n"
    message, _ = read(api, "POST", "/v1/items", body, content_type="multipart/form-data; boundary=B")
    assert message == Item(id="1", price=Price(cents=4))
    with pytest.raises(ValueError, match="form"):
        read(api, "POST", "/v1/items", b"--B", content_type="multipart/form-data")


@pytest.mark.parametrize(
    ("body", "text"), [(b"", "missing request body"), (b"[]", "object"), (b'{"prompt":', "JSON"), (b"\xff", "JSON")]
)
def test_what_is_no_message(api: Api, body: bytes, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        read(api, "POST", "/v1/chat", body)


def test_a_bomb_is_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_UNPACKED", 1000)
    body = gzip.compress(orjson.dumps({"prompt": "a" * 2000}))
    with pytest.raises(Unreadable, match="unpacks"):
        read(api, "POST", "/v1/chat", body, content_encoding="gzip")


def test_what_nests_too_deep_to_be_written(api: Api) -> None:
    deep = b'{"a":' * 400 + b"1" + b"}" * 400
    with pytest.raises(Unreadable, match="can't be taken: "):
        read(api, "PUT", "/v1/shelves/a/7/items/x/price", deep)
