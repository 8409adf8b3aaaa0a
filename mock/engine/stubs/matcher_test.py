import re
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonpath_rfc9535 import find
from samewire.mock.v1.match_wire import CallRange, Match

from mock.engine.api import Apis
from mock.engine.request import Request
from mock.engine.stubs.calls import Calls
from mock.engine.stubs.conftest import Ask
from mock.engine.stubs.error import StubError
from mock.engine.stubs.matcher import Matcher


def matcher(match: dict[str, Any], apis: Apis) -> Matcher:
    return Matcher(Match.from_wire(orjson.dumps(match)), apis)


ITEM = {"id": "a", "name": "Ann", "tags": ["x", "y"], "price": {"cents": 100}}
CREATE = "shop.v1.ShopService/CreateItem"


@pytest.mark.parametrize(
    ("match", "wanted"),
    [
        ({}, True),
        ({"rpc": CREATE}, True),
        ({"rpc": "shop.v1.ShopService/GetItem"}, False),
        ({"method": "POST", "path": "/v1/items"}, True),
        ({"path": "/v1/{what}"}, True),
        ({"path": "/v1/{what}/{more}"}, False),
        ({"path": "/v1"}, False),
        ({"path_regex": "items$"}, True),
        ({"path_regex": "^items"}, False),
        ({"query": {"q": {"equals": "a b"}}}, True),
        ({"query": {"q": {"equals": "second"}}}, True),
        ({"query": {"q": {"regex": "^se"}}}, True),
        ({"query": {"q": {"exists": False}}}, False),
        ({"query": {"empty": {"equals": ""}}}, True),
        ({"query": {"none": {"exists": True}}}, False),
        ({"headers": {"X-Trace": {"contains": "b"}}}, True),
        ({"headers": {"x-trace": {"equals": "ABC"}}}, False),
        ({"body": [{"path": "$.name", "equals": "Ann"}]}, True),
        ({"body": [{"path": "$.price.cents", "equals": 100.0}]}, True),
        ({"body": [{"path": "$.price", "equals": {"cents": 100}}]}, True),
        ({"body": [{"equals": ITEM}]}, True),
        ({"body": [{"equals": {"id": "a"}}]}, False),
        ({"body": [{"subset": {"price": {}, "tags": ["x", "y"]}}]}, True),
        ({"body": [{"subset": {"tags": ["x"]}}]}, False),
        ({"body": [{"path": "$.tags[*]", "equals": "y"}]}, True),
        ({"body": [{"path": "$.tags", "regex": '"x","y"'}]}, True),
        ({"body": [{"path": "$.price.cents", "contains": "10"}]}, True),
        ({"body": [{"path": "$.nope", "exists": False}]}, True),
        ({"body": [{"path": "$.name", "exists": True}, {"path": "$.id", "equals": "b"}]}, False),
        ({"message": "shop.v1.Item"}, True),
        ({"message": "shop.v1.Price"}, False),
        ({"dialect": "new"}, True),
        ({"message": "shop.v1.Item", "dialect": "protojson"}, True),
    ],
)
def test_what_holds(match: dict[str, Any], wanted: bool, apis: Apis, ask: Ask) -> None:
    request = ask("POST", "/v1/items?q=a+b&q=second&empty=", ITEM, {"X-Trace": "abc"})
    compiled = matcher(match, apis)
    assert compiled.matches(request) is wanted
    assert bool(compiled.differences(request)) is not wanted


@pytest.mark.parametrize(
    ("wanted", "value", "holds"),
    [
        (True, 1, False),
        (1, True, False),
        (0, False, False),
        ([1], [True], False),
        ({"a": 1}, {"a": 1.0}, True),
        (None, 0, False),
        ({"a": [0, 1]}, {"a": [0, True]}, False),
        (2**53 + 1, 2**53, False),
        ("1", 1, False),
    ],
)
@pytest.mark.parametrize("how", ["equals", "subset"])
def test_equality_of_json(how: str, wanted: Any, value: Any, holds: bool, apis: Apis, ask: Ask) -> None:
    compiled = matcher({"body": [{"path": "$.v", how: wanted}]}, apis)
    assert compiled.matches(ask(body={"v": value})) is holds


def test_every_difference_is_told(apis: Apis, ask: Ask) -> None:
    match = {
        "rpc": "shop.v1.ShopService/GetItem",
        "method": "GET",
        "query": {"q": {"equals": "a"}},
        "headers": {"x-a": {"exists": True}},
        "body": [
            {"path": "$.name", "equals": "Bob"},
            {"subset": {"price": {"cents": 5}, "tags": ["x"], "nope": None}},
            {"path": "$.id", "regex": "^b"},
        ],
    }
    found = [(each.where, each.wanted, each.got) for each in matcher(match, apis).differences(ask(body=ITEM))]
    assert found == [
        ("rpc", "shop.v1.ShopService/GetItem", CREATE),
        ("method", "GET", "POST"),
        ("query q", 'equals "a"', "nothing"),
        ("header x-a", "to be there", "nothing"),
        ("body $.name", 'equals "Bob"', '"Ann"'),
        ("body $.price.cents", "equals 5", "100"),
        ("body $.tags", 'equals 1 item: ["x"]', '2 items: ["x","y"]'),
        ("body $.nope", "equals null", "nothing"),
        ("body $.id", "matches ^b", '"a"'),
    ]


@pytest.mark.parametrize(
    ("body", "got"), [(b"", "no body"), (b"{", "a body that is no JSON"), (b"\xff", "a body that is no JSON")]
)
def test_bodies_that_are_no_json(body: bytes, got: str, apis: Apis, ask: Ask) -> None:
    compiled = matcher({"body": [{"path": "$.a", "equals": 1}]}, apis)
    (difference,) = compiled.differences(ask(body=body))
    assert difference.got == ("a body that is no JSON" if body else "no body")
    assert matcher({"body": [{"path": "$.a", "exists": False}]}, apis).matches(ask(body=body))


@pytest.mark.parametrize(
    ("match", "path", "reason"),
    [
        ({"rpc": "shop.v1.ShopService/GetItems"}, "$.rpc", "GetItem"),
        ({"message": "shop.v1.Itm"}, "$.message", "'shop.v1.Item'"),
        ({"dialect": "ned"}, "$.dialect", "'new'"),
        ({"method": "post"}, "$.method", "'POST'"),
        ({"path": "v1"}, "$.path", "begin with /"),
        ({"path": "/v1?a=b"}, "$.path", "query"),
        ({"path": "/v1/{a"}, "$.path", "brace"),
        ({"path": "/{a}/{a}"}, "$.path", "twice"),
        ({"path_regex": "("}, "$.path_regex", "not closed"),
        ({"query": {"a": {}}}, "$.query.a", "says nothing"),
        ({"headers": {"a b": {"exists": True}}}, "$.headers", "no name"),
        ({"headers": {"a": {"regex": "["}}}, "$.headers.a.regex", "not closed"),
        ({"body": [{"path": "$.a"}]}, "$.body[0]", "says nothing"),
        ({"body": [{"path": "a", "equals": 1}]}, "$.body[0].path", "begins with $"),
        ({"body": [{"regex": "*"}]}, "$.body[0].regex", "repeat"),
        ({"calls": {"from": 3, "to": 2}}, "$.calls", "before"),
    ],
)
def test_what_is_refused(match: dict[str, Any], path: str, reason: str, apis: Apis) -> None:
    with pytest.raises(StubError) as caught:
        matcher(match, apis)
    assert caught.value.path == path
    assert reason in caught.value.reason


def test_dialects_of_what_was_sent(apis: Apis, ask: Ask) -> None:
    legacy = ask(body={"id": "a", "type": "item", "legacy": True})
    assert matcher({"dialect": "old"}, apis).matches(legacy)
    (difference,) = matcher({"dialect": "new"}, apis).differences(legacy)
    assert (difference.where, "legacy" in difference.got) == ("dialect", True)
    # What path and query say belongs to the message too.
    assert matcher({"dialect": "new"}, apis).matches(ask("GET", "/v1/items?limit=3"))
    assert not matcher({"dialect": "new"}, apis).matches(ask("GET", "/v1/items?limit=many"))
    assert not matcher({"dialect": "new"}, apis).matches(ask("GET", "/nowhere"))


def test_variables_of_the_path(apis: Apis, ask: Ask) -> None:
    compiled = matcher({"path": "/x/{a}/y/{b.c}"}, apis)
    request = ask("GET", "/x/1%202/y/z")
    assert compiled.matches(request)
    assert compiled.fields(request) == {"a": "1 2", "b.c": "z"}
    assert not compiled.matches(ask("GET", "/x/1/2/y/z"))


def test_calls_are_counted_from_the_first_in_bounds() -> None:
    def meant(**bounds: int) -> list[int]:
        calls = Calls(CallRange(**bounds), "$")
        return [number for number in range(1, 11) if calls.take()]

    assert meant() == [*range(1, 11)]
    assert meant(from_=3, to=4) == [3, 4]
    assert meant(every=3) == [3, 6, 9]
    assert meant(from_=2, every=3) == [4, 7, 10]


# Against an evaluator that knows no compilation.

SCALARS = st.sampled_from([None, True, False, 0, 1, 1.0, 2, "", "a", "ab", "1"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)
PATHS = st.sampled_from(["$", "$.a", "$.b", "$.a.b", "$.a[0]", "$.a[-1].b", "$..a", "$.*", "$.a[*]", "$[?@.a==1]"])
TEXT = st.one_of(
    st.sampled_from(["a", "b", ""]).map(lambda each: {"equals": each}),
    st.sampled_from(["^a", "b$", "."]).map(lambda each: {"regex": each}),
    st.sampled_from(["a", "ab"]).map(lambda each: {"contains": each}),
    st.booleans().map(lambda each: {"exists": each}),
)
BODY = st.tuples(
    PATHS,
    st.one_of(
        VALUES.map(lambda each: {"equals": each}),
        VALUES.map(lambda each: {"subset": each}),
        TEXT.filter(lambda each: "equals" not in each),
    ),
).map(lambda pair: {"path": pair[0], **pair[1]})
MATCHES = st.fixed_dictionaries(
    {},
    optional={
        "rpc": st.sampled_from([CREATE, "shop.v1.ShopService/Chat"]),
        "method": st.sampled_from(["POST", "GET"]),
        "path": st.sampled_from(["/v1/items", "/v1/{a}", "/v1/chat", "/other"]),
        "path_regex": st.sampled_from(["items", "^/v1"]),
        "query": st.dictionaries(st.sampled_from("qr"), TEXT, max_size=2),
        "headers": st.dictionaries(st.sampled_from(["x-a", "X-B"]), TEXT, max_size=2),
        "body": st.lists(BODY, max_size=2),
    },
)
REQUESTS = st.tuples(
    st.sampled_from(["POST", "GET"]),
    st.sampled_from(["/v1/items", "/v1/chat", "/other"]),
    st.lists(st.tuples(st.sampled_from("qr"), st.sampled_from(["a", "b", "ab"])), max_size=3),
    st.dictionaries(st.sampled_from(["X-A", "x-b"]), st.sampled_from(["a", "b", "ab"]), max_size=2),
    VALUES,
)


def naive(match: dict[str, Any], request: Request) -> bool:
    """What match.proto says, word by word."""
    if "rpc" in match and (request.rpc is None or request.rpc.rpc != match["rpc"]):
        return False
    if match.get("method", request.method) != request.method:
        return False
    if "path" in match and not re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", match["path"]), request.path):
        return False
    if "path_regex" in match and not re.search(match["path_regex"], request.path):
        return False
    for name, how in match.get("query", {}).items():
        if not naive_text(how, [value for key, value in parse_qsl(request.query) if key == name]):
            return False
    for name, how in match.get("headers", {}).items():
        if not naive_text(how, [value.decode() for key, value in request.headers if key.decode() == name.lower()]):
            return False
    for how in match.get("body", []):
        found = [node.value for node in find(how["path"], orjson.loads(request.body))]
        if "equals" in how:
            holds = any(naive_same(how["equals"], each) for each in found)
        elif "subset" in how:
            holds = any(naive_part(how["subset"], each) for each in found)
        else:
            holds = naive_text(how, [each if isinstance(each, str) else orjson.dumps(each).decode() for each in found])
        if not holds:
            return False
    return True


def naive_text(how: dict[str, Any], values: list[str]) -> bool:
    if "exists" in how:
        return bool(values) is bool(how["exists"])
    if "equals" in how:
        return str(how["equals"]) in values
    if "contains" in how:
        return any(how["contains"] in each for each in values)
    return any(re.search(how["regex"], each) for each in values)


def naive_same(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, int | float) and isinstance(value, int | float):
        return isinstance(wanted, bool) == isinstance(value, bool) and wanted == value
    if isinstance(wanted, list) and isinstance(value, list):
        return len(wanted) == len(value) and all(map(naive_same, wanted, value))
    if isinstance(wanted, dict) and isinstance(value, dict):
        return wanted.keys() == value.keys() and all(naive_same(wanted[key], value[key]) for key in wanted)
    return type(wanted) is type(value) and bool(wanted == value)


def naive_part(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, dict) and isinstance(value, dict):
        return all(key in value and naive_part(wanted[key], value[key]) for key in wanted)
    if isinstance(wanted, list) and isinstance(value, list):
        return len(wanted) == len(value) and all(map(naive_part, wanted, value))
    return naive_same(wanted, value)


@given(match=MATCHES, asked=REQUESTS)
def test_compiled_conditions_say_what_the_definition_says(match: Any, asked: Any, apis: Apis, ask: Ask) -> None:
    verb, path, query, headers, body = asked
    target = path + ("?" + "&".join(f"{name}={value}" for name, value in query) if query else "")
    request = ask(verb, target, orjson.dumps(body), headers)
    compiled = matcher(match, apis)
    wanted = naive(match, request)
    assert compiled.matches(request) is wanted
    assert bool(compiled.differences(request)) is not wanted
