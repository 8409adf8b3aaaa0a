import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samewire.mock.v1.match_wire import Match
from samewire.mock.v1.stub_wire import Stub

from mock.engine.answer import Answer
from mock.engine.api import Apis
from mock.engine.stubs import index as index_module
from mock.engine.stubs.conftest import Ask, Session
from mock.engine.stubs.error import StubError
from mock.engine.stubs.index import Index
from mock.engine.stubs.matcher import Matcher
from mock.engine.stubs.matcher_test import MATCHES, REQUESTS
from mock.engine.stubs.stub_set import StubSet
from mock.engine.stubs.view import View


def stub(**parts: Any) -> Stub:
    found: Stub = Stub.from_wire(orjson.dumps({"request": {}, "answers": [{"text": parts.get("id", "x")}], **parts}))
    return found


def body(path: str, value: Any) -> dict[str, Any]:
    return {"body": [{"path": path, "equals": value}]}


def said(stubs: StubSet, request: Any, states: dict[str, str] | None = None) -> str | None:
    """The text of the answer."""
    hit = stubs.find(request, {} if states is None else states)
    if hit is None:
        return None
    answer = hit.reply.answer(request, Session())
    assert isinstance(answer, Answer)
    return answer.body.decode()


def test_the_highest_priority_answers_and_among_equals_the_last(apis: Apis, ask: Ask) -> None:
    stubs = StubSet(apis)
    stubs.add(
        [stub(id="a"), stub(id="b", priority=1), stub(id="c", priority=1), stub(id="d", priority=-1), stub(id="e")]
    )
    order = []
    while (found := said(stubs, ask())) is not None:
        order.append(found)
        assert stubs.remove(found)
    assert order == ["c", "b", "e", "a", "d"]
    assert not stubs.remove("a")


def test_one_with_the_same_id_replaces(apis: Apis, ask: Ask) -> None:
    stubs = StubSet(apis)
    stubs.add([stub(id="a", answers=[{"text": "old"}]), stub(id="b")])
    stubs.add([stub(id="a", answers=[{"text": "new"}])])
    assert said(stubs, ask()) == "new"
    assert [each.id for each in stubs.list()] == ["b", "a"]
    stubs.clear()
    assert said(stubs, ask()) is None
    assert stubs.add([stub(), stub(id="stub-2"), stub()]) == ["stub-1", "stub-2", "stub-3"]


def test_all_or_none(apis: Apis, ask: Ask) -> None:
    stubs = StubSet(apis)
    with pytest.raises(StubError) as caught:
        stubs.add([stub(id="a"), stub(request={"rpc": "shop.v1.ShopService/GetItm"})])
    assert caught.value.path == "$.stubs[1].request.rpc"
    assert stubs.list() == []
    with pytest.raises(StubError, match=r"\$\.stubs\[1\]\.id"):
        stubs.add([stub(id="a"), stub(id="a")])


@pytest.mark.parametrize(
    ("after", "wanted"),
    [
        (None, ["1", "2", "2", "2"]),
        ("repeat_last", ["1", "2", "2", "2"]),
        ("cycle", ["1", "2", "1", "2"]),
        ("retire", ["1", "2", None, None]),
    ],
)
def test_answers_in_turn(after: str | None, wanted: list[str | None], apis: Apis, ask: Ask) -> None:
    stubs = StubSet(apis)
    more = {} if after is None else {"after": after}
    stubs.add([stub(id="a", answers=[{"text": "1"}, {"text": "2"}], **more)])
    assert [said(stubs, ask()) for _ in range(4)] == wanted


def test_states(apis: Apis, ask: Ask) -> None:
    stubs, states = StubSet(apis), dict[str, str]()
    stubs.add(
        [
            stub(id="in", scenario={"name": "login", "state": "in", "next": "started"}),
            stub(id="out", scenario={"name": "login", "state": "started", "next": "in"}),
        ]
    )
    assert [said(stubs, ask(), states) for _ in range(3)] == ["out", "in", "out"]
    assert states == {"login": "in"}
    states["login"] = "elsewhere"
    assert said(stubs, ask(), states) is None
    near = stubs.explain(ask(), states)
    assert [(each.where, each.wanted, each.got) for each in near[0].differences][0][0::2] == (
        "scenario login",
        "elsewhere",
    )


def test_calls_are_counted_over_all_requests_that_hold_otherwise(apis: Apis, ask: Ask) -> None:
    stubs = StubSet(apis)
    stubs.add(
        [
            stub(id="rest"),
            stub(id="early", request={**body("$.a", 1), "calls": {"to": 2}}),
            stub(id="second", request={**body("$.a", 1), "calls": {"from": 2, "to": 2}}),
            stub(id="third", request={**body("$.a", 1), "calls": {"every": 3}}, priority=-1),
        ]
    )
    asked = [1, 2, 1, 1, 2, 1]
    assert [said(stubs, ask(body={"a": value})) for value in asked] == [
        "early",
        "rest",
        "second",
        "rest",
        "rest",
        "rest",
    ]
    stubs.remove("rest")
    assert said(stubs, ask(body={"a": 1})) is None  # the fifth
    near = stubs.explain(ask(body={"a": 1}), {})
    assert sorted((each.stub, [one.where for one in each.differences]) for each in near) == [
        ("early", ["calls"]),
        ("second", ["calls"]),
        ("third", ["calls"]),
    ]
    assert said(stubs, ask(body={"a": 1})) == "third"  # the sixth


def test_near_misses_come_nearest_first_with_everything_that_differs(apis: Apis, ask: Ask) -> None:
    stubs = StubSet(apis)
    rpc = "shop.v1.ShopService/CreateItem"
    stubs.add(
        [stub(id=f"item-{number}", request={"rpc": rpc, **body("$.name", f"name {number}")}) for number in range(2000)]
        + [stub(id="other", request={"rpc": "shop.v1.ShopService/Chat", **body("$.name", "name 1234x")})]
        + [
            stub(
                id="two",
                request={"rpc": rpc, "body": [{"path": "$.name", "equals": "no"}, {"path": "$.id", "equals": 1}]},
            )
        ]
    )
    assert said(stubs, ask(body={"id": "a", "name": "name 1234x"})) is None
    near = stubs.explain(ask(body={"id": "a", "name": "name 1234x"}), {})
    assert near[0].stub == "item-1234"
    assert [(each.where, each.wanted, each.got) for each in near[0].differences] == [
        ("body $.name", 'equals "name 1234"', '"name 1234x"')
    ]
    assert len(near) == 3
    assert all(str(each.stub).startswith("item-") for each in near)
    retired = StubSet(apis)
    retired.add([stub(id="once", after="retire")])
    assert said(retired, ask()) == "once"
    assert [each.where for each in retired.explain(ask(), {})[0].differences] == ["answers"]
    assert StubSet(apis).explain(ask(), {}) == []


def test_the_index_looks_at_few(apis: Apis, ask: Ask) -> None:
    """Whatever it is in which most of a group differ: method, path, header, parameter, or a value of the body."""

    class Entry:
        def __init__(self, rank: int, match: dict[str, Any]) -> None:
            self.rank = rank
            self.facts = Matcher(Match.from_wire(orjson.dumps(match)), apis).facts

    chat = {"rpc": "shop.v1.ShopService/Chat"}
    kinds: list[Callable[[int], dict[str, Any]]] = [
        lambda n: {**chat, **body("$.prompt", f"p{n}")},
        lambda n: {**chat, "body": [{"equals": {"prompt": "same", "deep": [{"n": n}]}}]},
        lambda n: {"path": f"/v1/things/{n}", "method": "POST"},
        lambda n: {"path": "/v1/chat", "headers": {"X-N": {"equals": str(n)}}},
        lambda n: {"path": "/v1/chat", "query": {"n": {"equals": str(n)}}},
        lambda n: {**chat, **body("$.a", n % 40), "headers": {"x-m": {"equals": str(n // 40)}}},
    ]
    matches = [kind(number) for number in range(500) for kind in kinds]
    index = Index([Entry(rank, match) for rank, match in enumerate(matches)])
    for number in range(0, 500, 17):
        request = ask(
            "POST",
            f"/v1/chat?n={number}",
            {"prompt": "same", "deep": [{"n": number}], "a": number % 40},
            {"x-n": str(number), "x-m": str(number // 40)},
        )
        assert sum(map(len, index.candidates(View(request)))) <= 24


def test_adding_one_by_one_between_requests_costs_little(apis: Apis, ask: Ask) -> None:
    """The index is not made anew for each: sizes of its parts at least double."""
    stubs = StubSet(apis)
    for number in range(1000):
        stubs.add([stub(id=str(number), request=body("$.n", number))])
        assert said(stubs, ask(body={"n": number})) == str(number)
    sizes = [len(level.index.entries) for level in stubs._levels]
    assert sum(sizes) == 1000
    assert all(large > small for large, small in pairwise(sizes))
    assert len(sizes) <= 10


# The index against a look at all of them.

NAMES = st.sampled_from("abcdefgh")
ACTIONS = st.lists(
    st.one_of(
        st.tuples(
            st.just("add"), st.lists(st.tuples(MATCHES, st.integers(-1, 1), st.sampled_from("abcdefgh")), max_size=6)
        ),
        st.tuples(st.just("remove"), st.sampled_from("abcdefgh")),
        st.tuples(st.just("ask"), REQUESTS),
    ),
    max_size=12,
)
RANGES = st.sampled_from([None, None, {"to": 1}, {"from": 2}, {"every": 2}])


@pytest.fixture(scope="module")
def eager() -> Iterator[None]:
    """Every fact becomes a node, however few entries there are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_module, "_FEW", 0)
        patch.setattr(index_module, "_GAIN", -1)
        yield


@settings(deadline=None)
@given(actions=ACTIONS, ranges=st.lists(RANGES, min_size=1, max_size=4))
@pytest.mark.usefixtures("eager")
def test_the_index_finds_what_a_look_at_all_finds(actions: Any, ranges: Any, apis: Apis, ask: Ask) -> None:
    stubs = StubSet(apis)
    linear: dict[str, tuple[int, int, Matcher]] = {}
    added = 0
    for kind, what in actions:
        if kind == "add":
            batch: dict[str, tuple[int, int, Any]] = {}
            for match, priority, name in what:
                batch.pop(name, None)
                calls = ranges[added % len(ranges)]
                added += 1
                request = match | ({"calls": calls} if calls else {})
                batch[name] = (priority, added, request)
            stubs.add(
                [stub(id=name, priority=priority, request=request) for name, (priority, _, request) in batch.items()]
            )
            for name, (priority, number, request) in batch.items():
                linear.pop(name, None)
                linear[name] = (priority, number, Matcher(Match.from_wire(orjson.dumps(request)), apis))
        elif kind == "remove":
            assert stubs.remove(what) is (linear.pop(what, None) is not None)
        else:
            verb, path, query, headers, data = what
            target = path + ("?" + "&".join(f"{name}={value}" for name, value in query) if query else "")
            request = ask(verb, target, orjson.dumps(data), headers)
            holding = []
            for name, (priority, number, matcher) in linear.items():
                if matcher.matches(request) and (matcher.calls is None or matcher.calls.take()):
                    holding.append((priority, number, name))
            hit = stubs.find(request, {})
            assert (None if hit is None else hit.stub) == (max(holding)[2] if holding else None)
            if hit is None and linear:
                assert stubs.explain(request, {})


def test_many_stubs_against_a_look_at_all(apis: Apis, ask: Ask) -> None:
    rng = random.Random(5)
    matches = []
    for _ in range(3000):
        match: dict[str, Any] = {}
        if rng.random() < 0.6:
            match["rpc"] = rng.choice(["shop.v1.ShopService/CreateItem", "shop.v1.ShopService/Chat"])
        if rng.random() < 0.3:
            match["headers"] = {"x-a": {"equals": str(rng.randrange(30))}}
        conditions = [
            {
                "path": rng.choice(["$.a", "$.b", "$.c.d", "$"]),
                "equals": rng.choice([rng.randrange(40), True, "s", [1], {"d": 1}]),
            }
            for _ in range(rng.randrange(3))
        ]
        matches.append(match | {"body": conditions})
    stubs = StubSet(apis)
    stubs.add([stub(id=str(number), request=match) for number, match in enumerate(matches)])
    compiled = [Matcher(Match.from_wire(orjson.dumps(match)), apis) for match in matches]
    hits = 0
    for _ in range(300):
        data = {"a": rng.randrange(40), "b": rng.choice([True, 1, "s", [1], 7]), "c": {"d": rng.randrange(40)}}
        request = ask("POST", rng.choice(["/v1/items", "/v1/chat", "/x"]), data, {"x-a": str(rng.randrange(30))})
        wanted = next((str(number) for number in range(2999, -1, -1) if compiled[number].matches(request)), None)
        hit = stubs.find(request, {})
        assert (hit and hit.stub) == wanted
        hits += hit is not None
    assert hits > 100


def test_all_values_of_a_repeated_parameter_are_followed(apis: Apis, ask: Ask) -> None:
    stubs = StubSet(apis)
    stubs.add([stub(id=f"{n}", request={"query": {"n": {"equals": str(n)}}}) for n in range(50)])
    assert said(stubs, ask("GET", "/x?n=nope&n=7&n=3&n=7")) == "7"
    assert said(stubs, ask("GET", "/x?n=nope")) is None
    assert said(stubs, ask("GET", "/x")) is None
