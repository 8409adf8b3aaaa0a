"""Record and replay is a round trip."""

import asyncio
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samewire.mock.v1.stub_wire import Scenario
from shop.v1.shop_wire import ChatPart, Item

from mock.engine.answer import JSON, Answer
from mock.engine.engine import Engine
from mock.engine.journal.journal import Journal
from mock.engine.journal.recording import record, stubs
from mock.engine.journal.testing import GRPC, NDJSON, SSE, apis, exchange, frame, pieces_of, request, stream
from mock.engine.request import Request

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | st.text("a{} '\"é", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab{", max_size=3), inner, max_size=3),
    max_leaves=6,
)
_PATHS = st.sampled_from(["/a", "/a/b", "/v1/items", "/x%20y", "/a{b}.c"])
_QUERIES = st.dictionaries(st.sampled_from("pq"), st.sampled_from(["", "1", "2"]), max_size=2)
_ASKED = st.tuples(st.sampled_from(["GET", "POST"]), _PATHS, _QUERIES, st.none() | _JSON)
_SAID = st.tuples(st.sampled_from([200, 201, 404, 503]), _JSON)


def asked(method: str, path: str, query: dict[str, str], body: Any) -> Request:
    target = path + ("?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else "")
    return request(method, target, b"" if body is None else orjson.dumps(body))


def served(journal: Journal) -> Engine:
    """A server with nothing but what was recorded, by way of a file's text."""
    engine = Engine(apis())
    scenario = Scenario.from_wire(Scenario(stubs=stubs(journal)).to_wire())
    engine.session("default").stubs.add(scenario.stubs)
    return engine


async def ask(engine: Engine, each: Request) -> tuple[Answer, bytes]:
    made = engine.handle(each)
    answer = made if isinstance(made, Answer) else await made
    pieces = [answer.body] if answer.chunks is None else [piece async for piece in answer.chunks]
    return answer, b"".join(pieces)


@given(st.lists(st.tuples(_ASKED, _SAID), min_size=1, max_size=8))
def test_the_same_questions_get_the_same_answers_again(exchanges: list[Any]) -> None:
    journal = Journal()
    for question, (status, said) in exchanges:
        exchange(journal, asked(*question), Answer(status, JSON, orjson.dumps(said)))
    assert not record(journal).left_out
    engine = served(journal)

    async def replay() -> None:
        for question, (status, said) in exchanges:
            answer, body = await ask(engine, asked(*question))
            assert (answer.status, orjson.loads(body)) == (status, said)

    asyncio.run(replay())


async def answers_to(journal: Journal, *questions: Request) -> list[Any]:
    engine = served(journal)
    return [orjson.loads((await ask(engine, each))[1]) for each in questions]


async def test_a_parameter_that_is_missing_is_a_difference() -> None:
    """The recording has no stub for what was not asked: its answer is not that of /a."""
    journal = Journal()
    exchange(journal, request("GET", "/a"), Answer(200, JSON, b'"none"'))
    exchange(journal, request("GET", "/a?p=1"), Answer(200, JSON, b'"one"'))
    one, none, other = await answers_to(
        journal, request("GET", "/a?p=1"), request("GET", "/a"), request("GET", "/a?p=2")
    )
    assert (one, none) == ("one", "none")
    assert isinstance(other, dict) and "error" in other


async def test_numbers_that_are_equal_are_one_question() -> None:
    journal = Journal()
    exchange(journal, request("POST", "/a", b'{"n":1,"m":2}'), Answer(200, JSON, b"1"))
    exchange(journal, request("POST", "/a", b'{"m":2.0,"n":1.0}'), Answer(200, JSON, b"2"))
    assert len(stubs(journal)) == 1
    again = [request("POST", "/a", b'{"n":1,"m":2}') for _ in range(3)]
    assert await answers_to(journal, *again) == [1, 2, 2]


@given(
    st.binary(max_size=30), st.sampled_from([b"text/plain", b"application/json", b"image/png", b"text/event-stream"])
)
def test_any_body_comes_again(body: bytes, kind: bytes) -> None:
    journal = Journal()
    exchange(journal, request("GET", "/a"), Answer(200, ((b"content-type", kind),), body))

    async def replay() -> None:
        answer, again = await ask(served(journal), request("GET", "/a"))
        try:
            assert orjson.loads(again) == orjson.loads(body)
        except ValueError:
            assert again == body
        assert dict(answer.headers).get(b"content-type") == kind

    asyncio.run(replay())


@pytest.mark.parametrize(
    ("method", "target", "body", "headers", "pieces"),
    [
        ("POST", "/v1/chat", b'{"prompt":"a"}', NDJSON, [b'{"text":"a"}\n', b'{"text":"{{ b }}"}\n']),
        ("GET", "/v1/items/1/watch", b"", SSE, [b'data: {"id":"1"}\n\n', b"data: [DONE]\n\n"]),
        ("GET", "/v1/items/1/watch", b"", SSE, [b'data: {"id":"1"}\n\n']),
        ("GET", "/v1/items/1/watch", b"", SSE, [b'event: x\ndata: {"id":"1"}\n\n', b": beat\n\n"]),
        ("GET", "/nowhere", b"", SSE, [b'data: {"id":"1"}\n\n']),
        ("GET", "/nowhere", b"", NDJSON, [b'{"id":"1"}\n', b"no json\n"]),
        ("POST", "/v1/chat", b'{"prompt":"b"}', NDJSON, []),
    ],
)
async def test_streams_come_again(method: str, target: str, body: bytes, headers: Any, pieces: list[bytes]) -> None:
    journal = Journal()
    await stream(journal, request(method, target, body), headers, pieces)
    answer, again = await ask(served(journal), request(method, target, body))
    assert again == b"".join(pieces)
    assert dict(answer.headers)[b"content-type"] == dict(headers)[b"content-type"]


async def test_grpc_is_recorded_by_message() -> None:
    journal = Journal()

    def call(name: str, *sent: bytes) -> Request:
        kind = [(b"content-type", b"application/grpc")]
        framed = pieces_of(*map(frame, sent))
        return request("POST", f"/shop.v1.ShopService/{name}", headers=kind, protocol="gRPC", incoming=framed)

    good, bad = ((b"grpc-status", b"0"),), ((b"grpc-status", b"5"), (b"grpc-message", b"not%20there"))
    await stream(journal, call("CreateItem", Item(id="1").to_binary()), GRPC, [frame(Item(id="2").to_binary())], good)
    parts = [frame(ChatPart(text=each).to_binary()) for each in "AB"]
    await stream(journal, call("Echo", ChatPart(text="a").to_binary()), GRPC, parts, good)
    await stream(journal, call("CreateItem", Item(id="9").to_binary()), GRPC, [], bad)
    await stream(journal, call("Echo", ChatPart(text="b").to_binary()), GRPC, parts, bad)
    made = record(journal)
    assert made.left_out == [
        "entry 4 (POST /shop.v1.ShopService/Echo): it sent messages before it ended with NOT_FOUND;"
        " a stub has one or the other"
    ]
    create, echo, refused = made.stubs
    assert create.request.rpc == "shop.v1.ShopService/CreateItem"
    assert isinstance(create.answers[0].json_, dict) and create.answers[0].json_["id"] == "2"
    assert echo.answers[0].stream == [{"text": "A"}, {"text": "B"}]
    status = refused.answers[0].grpc
    assert status is not None and (status.code, status.message) == ("NOT_FOUND", "not there")
    served(journal)


def test_credentials_and_what_changes_are_not_in_it() -> None:
    journal = Journal()
    said = (
        (b"date", b"now"),
        (b"x-request-id", b"7"),
        (b"set-cookie", b"a=secret"),
        (b"x-auth-token", b"secret"),
        (b"x-a", b"1"),
    )
    asked = request("GET", "/a", headers=[(b"authorization", b"Bearer secret")])
    exchange(journal, asked, Answer(200, JSON + said, b"{}"))
    (stub,) = stubs(journal)
    assert stub.answers[0].headers == {"set-cookie": "***", "x-auth-token": "***", "x-a": "1"}
    assert b"secret" not in stub.to_wire()


def test_what_no_stub_can_say_is_told() -> None:
    journal = Journal(body_limit=100)
    exchange(journal, request("GET", "/big"), Answer(200, JSON, b" " * 200))
    exchange(journal, request("GET", "/miss"), by="miss")
    exchange(journal, request("GET", "/gone"), ended="client gone")
    made = record(journal)
    assert not made.stubs
    assert [line.split(":")[0] for line in made.left_out] == ["entry 1 (GET /big)", "entry 3 (GET /gone)"]


async def test_timing_can_be_recorded() -> None:
    journal = Journal()
    await stream(journal, request("GET", "/a"), NDJSON, [b"1\n", b"2\n", b"3\n"])
    found = journal.find(1).answer_pieces
    assert found is not None
    for index in range(3):
        found.times[index] = journal.find(1).asked.received + 0.25 + index * 0.5
    (stub,) = record(journal, timing=True).stubs
    reply = stub.answers[0]
    assert reply.delay is not None and reply.delay.fixed_s == 0.25
    assert reply.between is not None and reply.between.fixed_s == 0.5
    assert stubs(journal)[0].answers[0].delay is None
