from __future__ import annotations

import json
from typing import Any

import pytest

from tools.wire.emit import openapi
from tools.wire.emit.openapi_paths import Variable, convert, hierarchy, renamed
from tools.wire.testing import cover, schema_of

SHOP = """syntax = "proto3"; package shop.v1;
import "google/api/annotations.proto"; import "google/api/httpbody.proto"; import "google/protobuf/empty.proto";
import "google/protobuf/timestamp.proto"; import "google/protobuf/struct.proto"; import "wire/v1/wire.proto";
option (wire.v1.dialects) = {name: "old"}; option (wire.v1.dialects) = {name: "new"};
// The shop.
service Shop {
  // Finds orders.
  rpc Find(FindRequest) returns (Order) { option (google.api.http) = {get: "/orders/{shop=shops/*/floors/*}/{id}"}; }
  rpc Watch(FindRequest) returns (stream Order) {
    option (google.api.http) = {post: "/orders:watch" body: "*"};
    option (wire.v1.method) = {stream: STREAM_NDJSON stream_field: "live"};
  }
  rpc Listen(FindRequest) returns (stream Order) {
    option (google.api.http) = {post: "/orders/{id}/listen" body: "*"};
    option (wire.v1.method) = {stream: STREAM_SSE only: "new"};
  }
  rpc Upload(Photo) returns (google.protobuf.Empty) {
    option (google.api.http) = {put: "/photos/{path=**}" body: "data"};
    option (wire.v1.method) = {status: 204};
  }
  rpc Cancel(FindRequest) returns (Order) { option (google.api.http) = {delete: "/orders/{order.id}/{id}"}; }
  rpc Link(FindRequest) returns (Order) {
    option (google.api.http) = {custom: {kind: "LINK" path: "/orders/{id}/{shop}"}};
  }
}
message FindRequest {
  string id = 1 [(wire.v1.field).presence = PRESENCE_ALWAYS];
  string shop = 2;
  int32 limit = 3 [(wire.v1.field) = {presence: PRESENCE_ALWAYS limit: {min: 1}}];
  repeated string states = 4;
  Order order = 5;
  repeated Order orders = 6;
  map<string, string> labels = 7;
  google.protobuf.Timestamp since = 8;
  google.protobuf.Struct more = 9;
  bool live = 10;
}
message Order { string id = 1; Order before = 2; }
message Photo { string path = 1; google.api.HttpBody data = 2; }
"""


@pytest.fixture(scope="module")
def shop() -> dict[str, Any]:
    texts = openapi.emit(schema_of(SHOP))
    assert sorted(texts) == ["shop/v1/new.openapi.json", "shop/v1/old.openapi.json"]
    return {dialect: json.loads(texts[f"shop/v1/{dialect}.openapi.json"]) for dialect in ("old", "new")}


@pytest.mark.parametrize(
    ("template", "path", "variables"),
    [
        ("/v1/things", "/v1/things", []),
        ("/v1/{id}", "/v1/{id}", [Variable("id", "id", "{id}", False)]),
        ("/v1/{a.b}:stop", "/v1/{a_b}:stop", [Variable("a_b", "a.b", "{a_b}", False)]),
        ("/v1/{name=things/*}", "/v1/things/{name}", [Variable("name", "name", "things/{name}", False)]),
        (
            "/{id=*/*}/x",
            "/{id_1}/{id_2}/x",
            [Variable("id_1", "id", "{id_1}/{id_2}", False), Variable("id_2", "id", "{id_1}/{id_2}", False)],
        ),
        ("/{path=**}", "/{path}", [Variable("path", "path", "{path}", True)]),
        ("/*/{a_b}/{a.b}", "/{segment_1}/{a_b}/{a_b_1}", None),
    ],
)
def test_paths(template: str, path: str, variables: list[Variable] | None) -> None:
    found, named = convert(template)
    assert found == path
    assert variables is None or named == variables


def test_one_hierarchy_is_one_path() -> None:
    path, variables = convert("/{id=*/x/*}")
    assert hierarchy(path) == hierarchy("/{a}/x/{b}")
    assert [each.name for each in renamed(path, variables, "/{a}/x/{b}")] == ["a", "b"]
    assert renamed(path, variables, "/{a}/x/{b}")[0].pattern == "{a}/x/{b}"


def test_parameters_of_path_and_query(shop: dict[str, Any]) -> None:
    find = shop["old"]["paths"]["/orders/shops/{shop_1}/floors/{shop_2}/{id}"]["get"]
    assert find["description"] == "Finds orders."
    parameters = {each["name"]: each for each in find["parameters"]}
    assert list(parameters) == ["shop_1", "shop_2", "id", "limit", "states", "order.id", "since", "live"]
    assert parameters["shop_2"]["x-samewire-field"] == {"name": "shop", "template": "shops/{shop_1}/floors/{shop_2}"}
    assert parameters["id"] == {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1},
    }
    assert parameters["limit"]["required"]
    assert parameters["limit"]["schema"]["anyOf"][0]["minimum"] == 1
    assert parameters["states"]["schema"] == {"type": "array", "items": {"type": "string"}}
    assert find["x-samewire-rpc"]["match"] == "^/orders/(shops/[^/]+/floors/[^/]+)/([^/]+)$"
    assert "default" in find["responses"]


def test_paths_that_openapi_can_not_tell_apart_are_one(shop: dict[str, Any]) -> None:
    item = shop["old"]["paths"]["/orders/{order_id}/{id}"]
    assert item["delete"]["parameters"][0]["x-samewire-field"] == {"name": "order.id", "template": "{order_id}"}
    link = item["x-samewire-verbs"]["LINK"]
    assert [each["x-samewire-field"]["name"] for each in link["parameters"][:2]] == ["id", "shop"]


def test_bodies_are_without_what_stands_in_the_path(shop: dict[str, Any]) -> None:
    paths = shop["new"]["paths"]
    whole = paths["/orders:watch"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert whole == {"$ref": "#/components/schemas/shop.v1.FindRequest"}
    less = paths["/orders/{id}/listen"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert "id" not in less["properties"]
    assert less["required"] == ["limit"]
    upload = paths["/photos/{path}"]["put"]
    assert upload["requestBody"]["content"] == {"application/octet-stream": {}}
    assert upload["parameters"][0]["x-samewire-slashes"]
    assert "content" not in upload["responses"]["204"]


def test_streams_and_dialects(shop: dict[str, Any]) -> None:
    content = shop["new"]["paths"]["/orders:watch"]["post"]["responses"]["200"]["content"]
    assert list(content) == ["application/json", "application/x-ndjson"]
    assert content["application/x-ndjson"]["x-samewire-items"] == content["application/json"]["schema"]
    events = shop["new"]["paths"]["/orders/{id}/listen"]["post"]["responses"]["200"]["content"]
    assert list(events) == ["text/event-stream"]
    # An event is no string to who reads descriptions.
    assert list(events["text/event-stream"]) == ["x-samewire-items"]
    assert "/orders/{id}/listen" not in shop["old"]["paths"]


def test_binary_requests_are_those_of_the_dialects_that_send_them() -> None:
    texts = openapi.emit(cover())
    chatty, terse = (json.loads(texts[f"cover/v1/{name}.openapi.json"]) for name in ("chatty-1.0", "terse"))
    content = chatty["paths"]["/v1/{name}"]["patch"]["requestBody"]["content"]
    assert content["application/x-protobuf"] == {"x-samewire-message": "cover.v1.Forms"}
    assert list(terse["paths"]["/v1/{name}"]["patch"]["requestBody"]["content"]) == ["application/json"]


def test_a_package_without_routes_has_no_description() -> None:
    assert not [path for path in openapi.emit(cover()) if path.startswith("cover/plain")]


def test_every_reference_has_its_component(shop: dict[str, Any]) -> None:
    for document in (*shop.values(), *map(json.loads, openapi.emit(cover()).values())):
        names = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
        assert set(_references(document)) <= names
        identifiers = [
            each["operationId"] for item in document["paths"].values() for each in item.values() if "tags" in each
        ]
        assert len(identifiers) == len(set(identifiers))


def _references(thing: Any) -> list[str]:
    if isinstance(thing, list):
        return [each for item in thing for each in _references(item)]
    if isinstance(thing, dict):
        own = [thing["$ref"]] if "$ref" in thing else []
        return own + [each for item in thing.values() for each in _references(item)]
    return []
