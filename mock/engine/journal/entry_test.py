import gzip
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop.v1.shop_wire import ChatPart, Item, Price

from mock.engine.answer import JSON, Answer
from mock.engine.journal.body import body
from mock.engine.journal.entry import entry
from mock.engine.journal.journal import Journal
from mock.engine.journal.testing import CLOCK, GRPC, SSE, exchange, frame, pieces_of, request, stream

BINARY = (b"content-type", b"application/x-protobuf")


def test_everything_of_an_exchange() -> None:
    journal = Journal(session="mine")
    asked = request("POST", "/v1/chat?a=1", b'{"prompt":"hi"}', [(b"x-api-key", b"secret"), (b"x-name", "é".encode())])
    record = journal.open(asked, CLOCK)
    record.by, record.fault = "stub two", "rule-1"
    record.answered(Answer(201, (*JSON, (b"x-a", b"\xff")), b'{"text":"hi"}'))
    record.close()
    said = journal.entry(1)
    assert (said.seq, said.session, said.connection, said.protocol) == (1, "mine", 7, "HTTP/1.1")
    assert (said.method, said.target, said.rpc) == ("POST", "/v1/chat?a=1", "shop.v1.ShopService/Chat")
    assert [(each.name, each.value) for each in said.headers] == [("x-api-key", "secret"), ("x-name", "é")]
    assert said.request is not None and (said.request.size, said.request.json_) == (15, {"prompt": "hi"})
    assert (said.dialect, said.message) == ("new", {"prompt": "hi"})
    assert (said.answered_by, said.fault, said.status, said.ended) == ("stub two", "rule-1", 201, "complete")
    assert said.answer_headers[-1].value == "ÿ"
    assert said.answer is not None and said.answer.json_ == {"text": "hi"}
    assert not said.parts and said.grpc_status is None and said.problem is None
    assert type(said).from_wire(said.to_wire()) == said


async def test_a_stream_that_fails_on_its_way_says_why() -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"one"
        raise RuntimeError("a defect")

    journal = Journal()
    record = journal.open(request("POST", "/v1/chat", b'{"prompt":"hi"}'), CLOCK)
    answer = Answer(200, SSE, chunks=failing())
    record.answered(answer)
    assert answer.chunks is not None
    with pytest.raises(RuntimeError):
        async for _ in answer.chunks:
            pass
    record.close("cut")
    said = journal.entry(1)
    assert (said.problem, said.ended) == ("the answer failed on its way: RuntimeError: a defect", "cut")
    assert said.message == {"prompt": "hi"}


def test_one_that_is_not_answered_yet() -> None:
    journal = Journal()
    journal.open(request(), CLOCK)
    said = journal.entry(1)
    assert (said.ended, said.status, said.wait_s, said.took_s, said.answer, said.request) == ("open", *[None] * 5)


def test_the_message_has_what_path_and_query_say() -> None:
    journal = Journal()
    exchange(journal, request("GET", "/v1/items?limit=3&tags=a"))
    exchange(journal, request("PUT", "/v1/shelves/a/b/items/7/price", b'{"cents":3}'))
    assert journal.entry(1).message == {"limit": 3, "tags": ["a"]}
    assert journal.entry(2).message == {"shelf": "a/b", "id": "7", "price": {"cents": 3}}


def test_the_dialect_is_the_one_that_takes_it() -> None:
    journal = Journal()
    exchange(journal, request("POST", "/v1/items", b'{"id":"1","type":"item","legacy":true}'))
    said = journal.entry(1)
    assert said.dialect == "old" and isinstance(said.message, dict) and said.message["legacy"] is True


def test_why_the_definitions_would_not_take_it() -> None:
    journal = Journal()
    exchange(journal, request("POST", "/v1/chat", b'{"prompt":1}'))
    exchange(journal, request("POST", "/v1/chat", b"{"))
    exchange(journal, request("POST", "/v1/items", b"\xff\xff", [BINARY]))
    wrong, broken, binary = (journal.entry(seq) for seq in (1, 2, 3))
    assert wrong.problem is not None and "$.prompt" in wrong.problem and wrong.dialect is None
    assert broken.problem and broken.request and broken.request.text == "{"
    assert binary.problem and binary.request and binary.request.base64 == b"\xff\xff"


def test_protobuf_bodies_are_decoded() -> None:
    journal = Journal()
    exchange(journal, request("POST", "/v1/items", Item(id="7", tags=["a"]).to_binary(), [BINARY]))
    said = journal.entry(1)
    assert isinstance(said.message, dict) and said.message["id"] == "7" and said.message["tags"] == ["a"]
    assert said.dialect == "old"


async def test_events() -> None:
    journal = Journal()
    events = [b": beat\n\n", b'data: {"id":"1"}\n\n', b"event: end\ndata: 1\n\n", b"data: [DONE]\n\n"]
    await stream(journal, request("GET", "/v1/items/1/watch"), SSE, events)
    bodies = [part.body for part in journal.entry(1).parts]
    assert [each.json_ for each in bodies if each.text is None] == [{"id": "1"}]
    assert [each.text for each in bodies if each.text] == [": beat\n\n", "event: end\ndata: 1\n\n", "data: [DONE]\n\n"]


async def test_a_packed_stream_is_shown_unpacked() -> None:
    journal = Journal()
    packed = gzip.compress(b'data: {"n":1}\n\ndata: {"n":2}\n\n')
    headers = (*SSE, (b"content-encoding", b"gzip"))
    await stream(journal, request(), headers, [packed[:15], packed[15:]])
    said = journal.entry(1)
    assert [part.body.json_ for part in said.parts] == [{"n": 1}, {"n": 2}]
    assert said.answer is not None and said.answer.size == len(packed)


def test_packed_bodies_are_shown_unpacked_and_unknown_packings_as_they_are() -> None:
    journal = Journal()
    packed = gzip.compress(b'{"n":1}')
    asked = request("POST", "/", packed, [(b"content-encoding", b"gzip")])
    exchange(journal, asked, Answer(200, (*JSON, (b"content-encoding", b"br")), b"\xfe\xff"))
    said = journal.entry(1)
    assert said.request is not None and (said.request.json_, said.request.size) == ({"n": 1}, len(packed))
    assert said.answer is not None and said.answer.base64 == b"\xfe\xff"


async def test_grpc_unary() -> None:
    journal = Journal()
    asked = request(
        "POST",
        "/shop.v1.ShopService/CreateItem",
        headers=[(b"content-type", b"application/grpc"), (b"grpc-encoding", b"gzip")],
        protocol="gRPC",
        incoming=pieces_of(frame(gzip.compress(Item(id="7").to_binary()), packed=True)),
    )
    record = journal.open(asked, CLOCK)
    assert asked.incoming is not None
    assert [piece async for piece in asked.incoming]
    trailers = ((b"grpc-status", b"0"),)
    record.answered(Answer(200, GRPC, frame(Item(id="8").to_binary()), trailers=lambda: trailers))
    record._trailed(lambda: trailers)
    record.close()
    said = journal.entry(1)
    assert said.request is not None and isinstance(said.request.json_, dict) and said.request.json_["id"] == "7"
    assert said.message == said.request.json_
    assert said.answer is not None and isinstance(said.answer.json_, dict) and said.answer.json_["id"] == "8"
    assert said.grpc_status == "OK"
    assert record.request().json()["id"] == "7"


async def test_grpc_streams_both_ways() -> None:
    journal = Journal()
    asked = request(
        "POST",
        "/shop.v1.ShopService/Echo",
        headers=[(b"content-type", b"application/grpc")],
        protocol="gRPC",
        incoming=pieces_of(frame(ChatPart(text="a").to_binary()) + frame(ChatPart(text="b").to_binary())[:3], b"x"),
    )
    trailers = ((b"grpc-status", b"5"),)
    answers = [frame(ChatPart(text=each).to_binary()) for each in "AB"]
    record = await stream(journal, asked, GRPC, answers, trailers)
    said = journal.entry(1)
    assert [part.body.json_ for part in said.parts] == [{"text": "A"}, {"text": "B"}]
    assert said.grpc_status == "NOT_FOUND"
    assert said.request is not None and said.request.base64 is not None  # the second message is cut
    assert record.seq == 1


async def test_client_streams_are_lists_for_matchers() -> None:
    journal = Journal()
    asked = request(
        "POST",
        "/shop.v1.ShopService/Total",
        headers=[(b"content-type", b"application/grpc")],
        protocol="gRPC",
        incoming=pieces_of(*[frame(Item(id=each, price=Price(cents=1)).to_binary()) for each in "ab"]),
    )
    record = journal.open(asked, CLOCK)
    assert asked.incoming is not None
    assert [piece async for piece in asked.incoming]
    assert [each["id"] for each in record.request().json()] == ["a", "b"]
    said = journal.entry(1)
    assert isinstance(said.message, list) and len(said.message) == 2


@given(st.binary(max_size=50) | st.text(max_size=50).map(str.encode))
def test_any_bytes_can_be_shown(data: bytes) -> None:
    shown = body(data)
    assert type(shown).from_wire(shown.to_wire()) == shown
    assert shown.size == len(data)


def test_json_that_is_too_deep_is_text() -> None:
    deep = b"[" * 300 + b"]" * 300
    shown = body(deep)
    assert shown.text == deep.decode()
    shown.to_wire()


def test_a_character_that_is_cut_is_left_out() -> None:
    assert body("aé".encode()[:-1], cut=True).text == "a"
    assert body("aé".encode()[:-1]).base64 == b"a\xc3"


@pytest.mark.parametrize("target", ["/v1/chat", "/nowhere"])
def test_any_request_has_an_entry(target: str) -> None:
    journal = Journal()

    @given(st.binary(max_size=40), st.binary(max_size=20))
    def show(data: bytes, kind: bytes) -> None:
        record = exchange(
            journal, request("POST", target, data, [(b"content-type", kind), (b"content-encoding", kind)])
        )
        said = entry(record, journal)
        assert type(said).from_wire(said.to_wire()) == said

    show()
