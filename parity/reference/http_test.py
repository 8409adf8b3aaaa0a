from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from parity.reference.dialect import NEW, TINKEX
from parity.reference.errors import ConnectionFailed, StatusError, TimedOut
from parity.reference.http import Answer, Call
from parity.reference.noted_clock import NotedClock

Connect = Callable[..., Any]
GET, POST = Call("GET", "/api/v1/x"), Call("POST", "/api/v1/x", body=b"{}")


def send(service: Any, call: Call = GET) -> Answer:
    answer: Answer = asyncio.run(service.session.http.send(call))
    return answer


def test_again_until_it_works(connect: Connect, server: Any, clock: NotedClock) -> None:
    limited = httpx.Response(429, headers={"retry-after-ms": "20"})
    server.on("x", httpx.Response(503), httpx.ConnectError("no"), limited, {"a": 1})
    assert send(connect(), POST).body == b'{"a":1}'
    assert clock.slept == [0.5, 1.0, 0.02]
    heads = [request.headers for request in server.requests]
    assert [head["x-stainless-retry-count"] for head in heads] == ["0", "1", "2", "3"]
    assert len({head["x-idempotency-key"] for head in heads}) == 1
    assert heads[0]["x-api-key"] == "tml-k"


def test_every_call_has_a_key_of_its_own(connect: Connect, server: Any) -> None:
    server.on("x", {})
    service = connect()

    async def twice() -> None:
        await service.session.http.send(POST)
        await service.session.http.send(POST)
        await service.session.http.send(GET)

    asyncio.run(twice())
    keys = [request.headers.get("x-idempotency-key") for request in server.requests]
    assert keys[0] != keys[1]
    assert keys[2] is None


def test_ten_more_tries(connect: Connect, server: Any, clock: NotedClock) -> None:
    server.on("x", httpx.Response(500, text="down"))
    with pytest.raises(StatusError, match="down"):
        send(connect())
    assert len(server.requests) == 11
    assert clock.slept == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0, 10.0, 10.0]


@pytest.mark.parametrize(
    ("told", "call", "tries"), [({"max_retries": 2}, GET, 3), ({}, Call("GET", GET.path, max_retries=0), 1)]
)
def test_fewer_tries(connect: Connect, server: Any, told: Any, call: Call, tries: int) -> None:
    server.on("x", httpx.Response(500))
    with pytest.raises(StatusError):
        send(connect(**told), call)
    assert len(server.requests) == tries


def test_seeds_take_the_servers_word_for_429_only(connect: Connect, server: Any, clock: NotedClock) -> None:
    after = {"retry-after": "7"}
    server.on("x", httpx.Response(503, headers=after), httpx.Response(429, headers=after), {})
    send(connect(TINKEX))
    assert clock.slept == [0.5, 7.0]


@pytest.mark.parametrize(
    ("error", "kind"), [(httpx.ReadTimeout("slow"), TimedOut), (httpx.ConnectError("no"), ConnectionFailed)]
)
def test_no_answer(connect: Connect, server: Any, error: Exception, kind: type[Exception]) -> None:
    server.on("x", error)
    with pytest.raises(kind, match="http://service/api/v1/x"):
        send(connect(max_retries=0))


def test_users_headers(connect: Connect, server: Any) -> None:
    server.on("x", {})
    call = Call("GET", GET.path, headers={"X-Mine": "call", "user-agent": None})
    send(connect(headers={"x-mine": "user", "Accept": "text/plain"}), call)
    head = server.requests[0].headers
    assert (head["x-mine"], head["accept"]) == ("call", "text/plain")


def test_prefix_of_the_address_stays(connect: Connect, server: Any) -> None:
    server.on("x", {})
    send(connect(NEW, base_url="http://service/pre/fix/"), Call("GET", GET.path, query="a=1"))
    assert str(server.requests[0].url) == "http://service/pre/fix/api/v1/x?a=1"


def test_redirects(connect: Connect, server: Any) -> None:
    server.on("x", httpx.Response(307, headers={"location": "/api/v1/y"}))
    server.on("y", {"y": 1})
    assert send(connect(), POST).body == b'{"y":1}'
    assert send(connect(), Call("GET", GET.path, follow_redirects=False)).headers["location"] == "/api/v1/y"
