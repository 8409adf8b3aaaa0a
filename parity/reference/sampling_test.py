from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tinker.v1.sampling_wire import SamplingParams

from parity.reference.dialect import NEW, OLD, TINKEX, Dialect
from parity.reference.limiter import RateLimits
from parity.reference.noted_clock import NotedClock
from parity.reference.sampling import CONCURRENT, SamplingClient, text
from parity.reference.service import ServiceClient

Connect = Callable[..., Any]
RESULT = {"sequences": [{"stop_reason": "stop", "tokens": [1]}], "type": "sample", "prompt_logprobs": [None, -0.5]}
LIMITED = httpx.Response(429, headers={"retry-after-ms": "2500"})


def sampled(service: Any, work: Callable[[SamplingClient], Any]) -> Any:
    async def run() -> Any:
        return await work(await service.create_sampling_client(base_model="b"))

    return asyncio.run(run())


@pytest.mark.parametrize(("dialect", "numbers"), [(OLD, [0, 1, 2]), (TINKEX, [0, 1, 2]), (NEW, [0, 0, 0])])
def test_a_429_is_waited_out(
    connect: Connect, server: Any, clock: NotedClock, dialect: Dialect, numbers: list[int]
) -> None:
    server.on("asample", LIMITED, LIMITED, {"request_id": "r"})
    server.on("retrieve_future", httpx.Response(404))

    async def work(client: SamplingClient) -> None:
        await asyncio.wait([asyncio.ensure_future(_result(client))])

    sampled(connect(dialect), work)
    assert clock.slept == ([2.5, 2.5] if dialect is TINKEX else [1.0, 1.0])
    assert [body["seq_id"] for body in server.sent("asample")] == numbers


async def _result(client: SamplingClient) -> Any:
    return await client.sample(text([1, 2]), SamplingParams(max_tokens=3))


def test_logprobs(connect: Connect, server: Any) -> None:
    server.on("asample", {"request_id": "r"})
    server.on("retrieve_future", RESULT)
    assert sampled(connect(), lambda client: client.compute_logprobs(text([1, 2]))) == [None, -0.5]
    (body,) = server.sent("asample")
    assert (body["num_samples"], body["sampling_params"], body["prompt_logprobs"]) == (1, {"max_tokens": 1}, True)


def test_forgotten_requests_are_sent_anew(connect: Connect, server: Any, clock: NotedClock) -> None:
    server.on("asample", {"request_id": "r"})
    server.on("retrieve_future", httpx.Response(410), RESULT)
    sampled(connect(), _result)
    assert len(server.sent("asample")) == 2
    assert clock.slept == [0.375]  # half a second, less the quarter that a draw of 0 takes


def test_not_too_many_at_once(connect: Connect, server: Any) -> None:
    server.on("asample", {"request_id": "r"})
    server.on("retrieve_future", RESULT)
    under_way = most = 0
    service = connect()
    send = service.session.promise

    async def counted(method: str, *args: Any, **kwargs: Any) -> Any:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        try:
            return await send(method, *args, **kwargs)
        finally:
            under_way -= 1

    service.session.promise = counted

    async def work(client: SamplingClient) -> None:
        await asyncio.gather(*[_result(client) for _ in range(CONCURRENT + 50)])

    sampled(service, work)
    assert most == CONCURRENT
    numbers = [body["seq_id"] for body in server.sent("asample")]
    assert sorted(numbers) == list(range(CONCURRENT + 50))


@pytest.mark.parametrize(("key", "slept"), [("tml-k", [2.5]), ("tml-other", [])])
def test_clients_of_one_key_wait_together(
    connect: Connect, server: Any, clock: NotedClock, key: str, slept: list[float]
) -> None:
    limits = RateLimits(clock)

    def client_of(api_key: str) -> ServiceClient:
        config = connect(TINKEX, api_key=api_key).session.config
        return ServiceClient(config, clock=clock, random=lambda: 0.0, limits=limits, transport=server.transport())

    limits.of(client_of("tml-k").session.config.tenant).pause(2.5)
    server.on("asample", {"request_id": "r"})
    server.on("retrieve_future", {"status": "completed", "result": RESULT})
    sampled(client_of(key), _result)
    assert clock.slept == slept
