from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from parity.reference.dialect import NEW, OLD, TINKEX
from parity.reference.errors import RequestFailed, StatusError
from parity.reference.path import PathError
from parity.reference.service import ServiceClient
from parity.reference.sync import ServiceClient as SyncServiceClient

Connect = Callable[..., Any]
PATH = "tinker://run/weights/a"
RUN = {
    "training_run_id": "run",
    "base_model": "b",
    "model_owner": "o",
    "is_lora": True,
    "lora_rank": 8,
    "last_request_time": "2026-01-01T00:00:00Z",
}


def paths(server: Any) -> list[str]:
    return [request.url.path.removeprefix("/api/v1/") for request in server.requests]


def test_create(connect: Connect, server: Any) -> None:
    server.on("retrieve_future", {"model_id": "m"})
    service = connect(tags=("a",), user_metadata={"u": "1"})

    async def two() -> None:
        await service.create_lora_training_client("b", 8, seed=3)
        await service.create_lora_training_client("b")

    asyncio.run(two())
    assert server.sent("create_session") == [{"tags": ["a"], "user_metadata": {"u": "1"}, "sdk_version": "0.4.1"}]
    first, second = server.sent("create_model")
    assert first == {
        "session_id": "s",
        "model_seq_id": 0,
        "base_model": "b",
        "user_metadata": None,
        "lora_config": {"rank": 8, "seed": 3, "train_unembed": True, "train_mlp": True, "train_attn": True},
    }
    assert (second["model_seq_id"], second["lora_config"]["rank"]) == (1, 32)


def test_the_newer_asks_first(connect: Connect, server: Any) -> None:
    server.on("retrieve_future", {"model_id": "m", "type": "create_model"})
    server.on("client/config", {"fwdbwd_max_chunk_len": 2, "parallel_fwdbwd_chunks": False})
    server.on("client/dynamic_config", httpx.Response(404, json={}))
    service = connect(NEW)
    asyncio.run(service.create_lora_training_client("b"))
    assert paths(server)[:4] == ["client/config", "client/dynamic_config", "create_session", "create_model"]
    assert paths(server)[-1] == "get_info"
    assert (service.session.chunk_limits.len, service.session.chunks_parallel) == (2, False)


def test_from_state(connect: Connect, server: Any) -> None:
    server.on("training_runs/run", RUN)
    server.on("retrieve_future", {"model_id": "m"}, {"path": PATH})
    server.on("load_weights", {"request_id": "r"})
    asyncio.run(connect(OLD).create_training_client_from_state(PATH))
    assert [path for path in paths(server) if path != "retrieve_future"] == [
        "create_session",
        "training_runs/run",
        "create_model",
        "load_weights",
    ]
    assert server.sent("create_model")[0]["lora_config"]["rank"] == 8
    assert server.sent("load_weights")[0]["seq_id"] == 1


def test_from_state_by_the_seeds(connect: Connect, server: Any) -> None:
    server.on("weights_info", {"base_model": "b", "is_lora": True, "lora_rank": 4})
    done = {"status": "completed", "result": {"model_id": "m", "type": "create_model"}}
    server.on("retrieve_future", done, {"status": "failed", "error": {"message": "corrupt", "category": "user"}})
    server.on("load_weights", {"request_id": "r"})
    with pytest.raises(RequestFailed, match="corrupt"):
        asyncio.run(connect(TINKEX).create_training_client_from_state(PATH, optimizer=True))
    assert server.sent("create_model")[0]["lora_config"]["rank"] == 4
    assert server.sent("load_weights")[0]["optimizer"] is True


def test_from_state_in_one_call(connect: Connect, server: Any) -> None:
    server.on("retrieve_future", {"path": PATH, "model_id": "s:train:0", "type": "load_weights"})
    server.on("load_weights", {"request_id": "r"})
    client = asyncio.run(connect(NEW).create_training_client_from_state(PATH))
    assert client.model_id == "s:train:0"
    (body,) = server.sent("load_weights")
    assert body == {
        "session_id": "s",
        "model_seq_id": 0,
        "path": PATH,
        "optimizer": False,
        "type": "load_weights",
    }


def test_a_path_that_is_none_is_not_sent(connect: Connect, server: Any) -> None:
    with pytest.raises(PathError):
        asyncio.run(connect().create_training_client_from_state("tinker://run/odd/a"))
    with pytest.raises(ValueError, match="either"):
        asyncio.run(connect().create_sampling_client())
    assert server.requests == []


def test_errors_of_making_are_told(connect: Connect, server: Any) -> None:
    server.on("create_model", httpx.Response(400, json={"detail": "no"}))
    with pytest.raises(StatusError, match="no"):
        asyncio.run(connect().create_lora_training_client("b"))


def test_keys_side_by_side(connect: Connect, server: Any) -> None:
    server.on("get_server_capabilities", {"supported_models": []})

    async def both() -> None:
        one, other = connect(api_key="tml-1"), connect(api_key="tml-2")
        await asyncio.gather(one.get_server_capabilities(), other.get_server_capabilities())

    asyncio.run(both())
    assert {request.headers["x-api-key"] for request in server.requests} == {"tml-1", "tml-2"}


def test_the_newer_says_goodbye(connect: Connect, server: Any) -> None:
    async def use(service: ServiceClient) -> None:
        async with service:
            await service.session.begin()

    asyncio.run(use(connect(OLD)))
    assert paths(server) == ["create_session"]
    server.on("sessions/s/finish", {})
    asyncio.run(use(connect(NEW)))
    assert server.sent("sessions/s/finish") == [{"reason": {"type": "success"}, "detail": None}]


def test_without_an_event_loop(connect: Connect, server: Any) -> None:
    server.on("retrieve_future", {"model_id": "m"}, {"metrics": {"a": 1.0}})
    server.on("optim_step", {"request_id": "r"})
    made = connect()
    with SyncServiceClient(made.session.config, lambda _: connect()) as service:
        client = service.create_lora_training_client("b")
        assert client.model_id == "m"
        pending = client.optim_step()
        assert pending.result(5.0).metrics == {"a": 1.0}
        assert pending.done()
