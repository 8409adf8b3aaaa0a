"""What a fault does to the content of an answer."""

import asyncio
import json
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import orjson
import pytest
from samewire.mock.v1.fault_wire import Fault

from mock.engine.answer import JSON, TEXT, Answer, Pairs
from mock.engine.api import Apis
from mock.engine.clock import Clock
from mock.engine.faults.delivery import ON_THE_WAY
from mock.engine.faults.strike import Strike, Striker
from mock.engine.request import Connection, Request

BODY = b'{"text":"a"}'
EVENT = b'data: {"text":"a"}\n\n'
LINE = b'{"text":"a"}\n'
HTML: Pairs = ((b"content-type", b"text/html"),)


def strike(kind: str, **said: Any) -> Strike:
    fault = Fault.from_wire(orjson.dumps({"kind": kind} | said))
    return Striker(fault, Apis([]), "$").strike("rule-1", Clock(), Random(1))


def spoiled(answer: Answer, kind: str, protocol: str = "HTTP/1.1", **said: Any) -> Answer:
    return strike(kind, **said).spoil(answer, Request("GET", "/", [], connection=Connection(1), protocol=protocol))


async def _each(pieces: tuple[bytes, ...]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def stream(*pieces: bytes) -> Answer:
    return Answer(200, TEXT, chunks=_each(pieces))


def read(answer: Answer) -> list[bytes]:
    async def all_of() -> list[bytes]:
        assert answer.chunks is not None
        return [piece async for piece in answer.chunks]

    return asyncio.run(all_of())


def test_status() -> None:
    kept = ((b"x-own", b"1"), *JSON)
    answer = spoiled(Answer(200, kept, BODY), "status", status=503, headers={"Retry-After": "3", "X-Own": "2"})
    assert answer.status == 503
    assert orjson.loads(answer.body) == {"detail": "Service Unavailable"}
    assert dict(answer.headers) == {b"content-type": b"application/json", b"retry-after": b"3", b"x-own": b"2"}
    assert len(answer.headers) == 3
    assert orjson.loads(spoiled(Answer(200), "status", status=599).body) == {"detail": "Status 599"}
    assert spoiled(Answer(200), "status", status=500, json=[1]).body == b"[1]"
    assert spoiled(Answer(200), "status", status=500, json=None).body == b"null"
    text = spoiled(Answer(200), "status", status=500, text="no")
    assert (text.body, text.headers) == (b"no", TEXT)


@pytest.mark.parametrize("body", [b"", b"1", b"true", b"{}", b"[]", BODY, BODY + b"\n", b'"a"', b"[[1]]"])
def test_malformed_json_is_none(body: bytes) -> None:
    broken = spoiled(Answer(200, JSON, body), "malformed_json").body
    for loads in (json.loads, orjson.loads):
        with pytest.raises(ValueError):
            loads(broken)


@pytest.mark.parametrize("piece", [LINE, EVENT])
def test_a_malformed_message_breaks_no_stream(piece: bytes) -> None:
    first, *rest = read(spoiled(stream(b"", piece, piece), "malformed_json"))[1:]
    assert rest == [piece]
    assert first == piece.replace(b"}", b"{")


def test_malformed_protobuf_is_longer_than_its_last_field() -> None:
    answer = Answer(200, ((b"content-type", b"application/x-protobuf"),), b"\x0a\x01a")
    assert spoiled(answer, "malformed_json").body == b"\x0a\x01a\x07"


def test_wrong_content_type() -> None:
    assert spoiled(Answer(200, JSON, BODY), "wrong_content_type").headers == (
        (b"content-type", HTML[0][1] + b"; charset=utf-8"),
    )
    assert spoiled(Answer(200, HTML, BODY), "wrong_content_type").headers == JSON
    own = spoiled(Answer(200, JSON, BODY), "wrong_content_type", headers={"Content-Type": "a/b"})
    assert own.headers == ((b"content-type", b"a/b"),)
    assert own.body == BODY


@pytest.mark.parametrize(("after", "twice"), [(None, 0), (0, 0), (2, 0), (3, 1), (8, 2), (9, None)])
def test_duplicate_chunk(after: int | None, twice: int | None) -> None:
    pieces = [b"one", b"two", b"end"]
    said: dict[str, Any] = {} if after is None else {"after_bytes": after}
    if twice is None:
        assert read(spoiled(stream(*pieces), "duplicate_chunk", **said)) == pieces
    else:
        assert read(spoiled(stream(*pieces), "duplicate_chunk", **said)) == [
            *pieces[: twice + 1],
            *pieces[twice:],
        ]
    assert spoiled(Answer(200, JSON, BODY), "duplicate_chunk").body == BODY * 2


def test_grpc_status() -> None:
    over_http = spoiled(Answer(200, JSON, BODY), "grpc_status", grpc={"code": "NOT_FOUND", "message": "gone"})
    assert (over_http.status, orjson.loads(over_http.body)) == (404, {"code": 5, "message": "gone"})
    said = {"code": "NOT_FOUND", "message": "ü", "details": []}
    over_grpc = spoiled(Answer(200), "grpc_status", "gRPC", grpc=said)
    assert over_grpc.trailers is not None
    assert over_grpc.trailers() == ((b"grpc-status", b"5"), (b"grpc-message", b"%C3%BC"))
    after = spoiled(stream(b"message"), "grpc_status", "gRPC", grpc={"code": "ABORTED"}, unserved=False)
    assert read(after) == [b"message"]
    assert after.trailers is not None and after.trailers() == ((b"grpc-status", b"10"),)


@pytest.mark.parametrize(
    ("kind", "said", "unserved"),
    [
        ("status", {"status": 500}, True),
        ("grpc_status", {"grpc": {"code": "ABORTED"}}, True),
        ("hang", {}, True),
        ("hang", {"after_bytes": 0}, False),  # a part of an answer needs an answer
        ("reset_before_headers", {}, True),
        ("empty", {}, True),
        ("truncate", {}, False),
        ("delay", {"latency": {"fixed_s": 1}}, False),
        ("truncate", {"unserved": True}, True),
        ("status", {"status": 500, "unserved": False}, False),
    ],
)
def test_whether_the_backend_is_asked(kind: str, said: dict[str, Any], unserved: bool) -> None:
    assert strike(kind, **said).unserved is unserved


@pytest.mark.parametrize("kind", sorted(ON_THE_WAY - {"delay", "slow_first_byte", "bandwidth"}))
def test_the_rest_is_left_to_the_front(kind: str) -> None:
    answer = spoiled(Answer(200, JSON, BODY), kind)
    assert answer.strike is not None and answer.strike.fault.kind == kind
    assert (answer.status, answer.headers, answer.body) == (200, JSON, BODY)


def test_closing_a_spoiled_stream_closes_the_stream() -> None:
    for kind in ("malformed_json", "duplicate_chunk"):
        closed: list[bool] = []

        async def endless(closed: list[bool] = closed) -> AsyncIterator[bytes]:
            try:
                while True:
                    yield LINE
            finally:
                closed.append(True)

        async def story(answer: Answer) -> None:
            assert answer.chunks is not None
            await anext(answer.chunks)
            await answer.chunks.aclose()  # type: ignore[attr-defined]

        asyncio.run(story(spoiled(Answer(200, TEXT, chunks=endless()), kind)))
        assert closed == [True]
