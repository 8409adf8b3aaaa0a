"""Every mock, asked by a client that knows nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import grpc
import pytest

from mock.engine.api import Api, Apis
from mock.engine.engine import Engine
from mock.engine.http.testing import serving
from mock.engine.testing.backend import shop_api
from mock.ollama.api import api as ollama_api
from mock.reflected.reflected_client import ReflectedClient
from mock.tinker.api import api as tinker_api

APIS = {"shop": shop_api, "ollama": ollama_api, "tinker": tinker_api}
SHOP = "shop.v1.ShopService"
BUILT_IN = {"grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"}
MODEL = "meta-llama/Llama-3.2-1B"


@contextmanager
def client(api: Callable[[], Api], version: str = "v1") -> Iterator[ReflectedClient]:
    with (
        serving(Engine(Apis([api()]))) as server,
        grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        yield ReflectedClient(channel, version)


@pytest.mark.parametrize("name", APIS)
@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_all_that_is_listed_has_definitions(name: str, version: str) -> None:
    api = APIS[name]
    with client(api, version) as asked:
        listed = asked.services()
        assert set(listed) >= BUILT_IN and len(listed) == len(set(listed))
        found = {f"{service}/{method.name}" for service in listed for method in asked.methods(service)}
    assert found >= {method.rpc for method in api().methods}
    assert "grpc.health.v1.Health/Watch" in found


@pytest.mark.parametrize("name", ["ollama", "tinker"])
def test_no_method_falls_over_an_empty_request(name: str) -> None:
    api = APIS[name]
    told: dict[str, str] = {}
    with client(api) as asked:
        for method in api().methods:
            try:
                asked.call(method.rpc, {})
                told[method.rpc] = "OK"
            except grpc.RpcError as error:
                told[method.rpc] = f"{error.code().name} {error.details()}"
    codes = {each.partition(" ")[0] for each in told.values()}
    assert not codes & {"INTERNAL", "UNKNOWN", "UNAVAILABLE", "DEADLINE_EXCEEDED", "UNIMPLEMENTED"}, told
    assert {"OK", "INVALID_ARGUMENT", "NOT_FOUND"} <= codes
    assert all(each == "OK" or each.partition(" ")[2] for each in told.values()), told


def test_all_four_kinds_of_methods() -> None:
    with client(shop_api) as asked:
        assert asked.call(f"{SHOP}/GetItem", {"id": "7"}) == [{"id": "7", "name": "new", "type": "item"}]
        assert asked.call(f"{SHOP}/Chat", {"prompt": "a b c"}) == [{"text": word} for word in "abc"]
        prices = [{"id": "1", "price": {"cents": "5"}}, {"id": "2", "price": {"cents": "37"}}]
        assert asked.call(f"{SHOP}/Total", *prices) == [{"cents": "42"}]
        assert asked.call(f"{SHOP}/Echo", {"text": "so"}, {"text": "what"}) == [{"text": "SO"}, {"text": "WHAT"}]
        assert asked.call(f"{SHOP}/GetItem", {"id": "7"}, metadata=[("x-dialect", "old")])[0]["name"] == "old"
        with pytest.raises(grpc.RpcError) as caught:
            asked.call(f"{SHOP}/GetItem", {"id": "slow"}, timeout=0.2)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_what_there_is_not(version: str) -> None:
    with client(shop_api, version) as asked:
        with pytest.raises(LookupError, match="not found"):
            asked.methods("no.such.Service")
        with pytest.raises(LookupError, match="no method 'Steal'"):
            asked.call(f"{SHOP}/Steal", {})
        assert asked.services()


def test_ollama() -> None:
    service = "ollama.v1.OllamaService"
    with client(ollama_api) as asked:
        assert asked.call(f"{service}/Version", {})[0]["version"]
        model = asked.call(f"{service}/List", {})[0]["models"][0]["name"]
        parts = asked.call(f"{service}/Chat", {"model": model, "messages": [{"role": "user", "content": "hello"}]})
        assert len(parts) > 1 and parts[-1]["done"] and "".join(part["message"]["content"] for part in parts)
        [embedded] = asked.call(f"{service}/Embed", {"model": model, "input": {"list": {"texts": ["one", "two"]}}})
        assert len(embedded["embeddings"]) == 2
        with pytest.raises(grpc.RpcError) as caught:
            asked.call(f"{service}/Show", {"model": "nobody"})
        assert (caught.value.code(), "nobody" in caught.value.details()) == (grpc.StatusCode.NOT_FOUND, True)


def test_tinker() -> None:
    with client(tinker_api) as asked:
        [session] = asked.call("tinker.v1.SessionService/CreateSession", {"type": "create_session"})
        [promise] = asked.call(
            "tinker.v1.TrainingService/CreateModel",
            {"session_id": session["session_id"], "model_seq_id": 0, "base_model": MODEL, "lora_config": {"rank": 8}},
        )
        [made] = asked.call("tinker.v1.FutureService/RetrieveFuture", {"request_id": promise["request_id"]})
        model = made["result"]["model_id"]
        [info] = asked.call("tinker.v1.TrainingService/GetInfo", {"model_id": model})
        assert info["model_id"] == model
        [sessions] = asked.call("tinker.v1.SessionService/ListSessions", {})
        assert sessions["sessions"] == [session["session_id"]]
