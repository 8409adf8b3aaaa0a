from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tinker.v1.future_wire import QueueState

from parity.reference import promise
from parity.reference.dialect import NEW, OLD, TINKEX
from parity.reference.errors import Expired, RequestFailed, StatusError, ValidationError, WaitTimeout
from parity.reference.noted_clock import NotedClock
from parity.reference.promise import Promise

STEP = Promise(promise.OPTIM_STEP, "r", 0.25)
BATCH = Promise(promise.FORWARD_BACKWARD, "r")
Connect = Callable[..., Any]


def ask(service: Any, wanted: Promise[Any] = STEP, observed: list[QueueState] | None = None) -> Any:
    seen: list[QueueState] = [] if observed is None else observed
    return asyncio.run(service.session.poller.result(wanted, seen.append))


def test_asks_until_it_is_there(connect: Connect, server: Any, clock: NotedClock) -> None:
    not_ready = httpx.Response(408, json={"queue_state": "paused_rate_limit"})
    server.on("retrieve_future", not_ready, httpx.Response(500), httpx.ConnectError("gone"), {"metrics": {"a": 1.0}})
    observed: list[QueueState] = []
    assert ask(connect(), observed=observed).metrics == {"a": 1.0}
    assert observed == ["paused_rate_limit"]
    assert clock.slept == [1.0]
    heads = [request.headers for request in server.requests]
    assert [head["x-tinker-request-iteration"] for head in heads] == ["0", "1", "2", "3"]
    assert {head["x-tinker-request-type"] for head in heads} == {"OptimStep"}
    assert [head.get("x-tinker-create-promise-roundtrip-time") for head in heads[:2]] == ["0.250000", None]
    assert heads[0]["x-stainless-read-timeout"] == "45"


def test_waits_grow_only_in_a_row(connect: Connect, server: Any, clock: NotedClock) -> None:
    lost = httpx.ReadError("lost")
    server.on("retrieve_future", lost, lost, httpx.Response(408), lost, {})
    ask(connect())
    assert clock.slept == [1.0, 2.0, 1.0]


def test_the_newer_asks_for_metadata_first_and_is_active_in_the_end(connect: Connect, server: Any) -> None:
    server.on("retrieve_future", {"status": "complete_metadata", "response_payload_size": 2}, {"metrics": {}})
    observed: list[QueueState] = []
    ask(connect(NEW), observed=observed)
    assert [body["allow_metadata_only"] for body in server.sent("retrieve_future")] == [True, False]
    assert observed == ["active"]


def test_binary(connect: Connect, server: Any) -> None:
    golden = (
        "0a1643726f7373456e74726f70794c6f737352657475726e12520a1643726f7373456e74726f70794c6f737352657475726e12360a08"
        "6c6f6770726f6273122a0a0c000080bf000000c0000040c01218000000000000000008000000000000000c00000000000000180118021a"
        "130a086c6f73733a73756d110000000000001840"
    )
    proto = {"content-type": "application/x-protobuf"}
    server.on("retrieve_future", httpx.Response(200, headers=proto, content=bytes.fromhex(golden)))
    output = ask(connect(NEW), BATCH)
    assert [each["logprobs"].data for each in output.loss_fn_outputs] == [[-1.0, -2.0], [-3.0]]
    assert [each["logprobs"].shape for each in output.loss_fn_outputs] == [[2], [1]]
    assert output.metrics == {"loss:sum": 6.0}
    assert server.requests[0].headers["accept"] == "application/x-protobuf"


def test_json_where_binary_has_to_come(connect: Connect, server: Any) -> None:
    server.on("retrieve_future", {"loss_fn_output_type": "t", "loss_fn_outputs": [], "metrics": {}})
    with pytest.raises(ValidationError, match="as JSON"):
        ask(connect(NEW), BATCH)
    assert ask(connect(OLD), BATCH).loss_fn_output_type == "t"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"error": "no", "category": "user"}, RequestFailed),
        (httpx.Response(410), Expired),
        (httpx.Response(404), StatusError),
        ({"metrics": 5}, ValidationError),
        (httpx.Response(200, content=b"{"), ValidationError),
    ],
)
def test_fails(connect: Connect, server: Any, answer: Any, error: type[Exception]) -> None:
    server.on("retrieve_future", answer)
    with pytest.raises(error):
        ask(connect())
    assert len(server.requests) == 1


def test_the_newer_takes_three_bad_requests_for_accidents(connect: Connect, server: Any, clock: NotedClock) -> None:
    server.on("retrieve_future", httpx.Response(400))
    with pytest.raises(StatusError):
        ask(connect(NEW))
    assert len(server.requests) == 4
    assert clock.slept == []


def test_many_await_one_result_and_one_gives_up(connect: Connect, server: Any, clock: NotedClock) -> None:
    server.on("retrieve_future", *[{"status": "pending"}] * 4, {"status": "completed", "result": {"metrics": {}}})

    async def both() -> list[Any]:
        session = connect(TINKEX).session
        future = session.future(session.poller.result(STEP))
        waits = (future.result(2.5), future.result(), future.result())
        return list(await asyncio.gather(*waits, return_exceptions=True))

    gave_up, *others = asyncio.run(both())
    assert isinstance(gave_up, WaitTimeout)
    assert [other.metrics for other in others] == [{}, {}]
    assert clock.slept == [1.0, 2.0, 4.0, 8.0]
