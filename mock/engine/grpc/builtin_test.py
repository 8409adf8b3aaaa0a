"""Reflection and health as the clients of grpcio see them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pool
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from mock.engine.answer import Answer
from mock.engine.api import Apis
from mock.engine.clock import Clock
from mock.engine.grpc.builtin import Builtin
from mock.engine.http.testing import Serving, serving
from mock.engine.request import Request
from mock.engine.testing.backend import shop_api

SHOP = "shop.v1.ShopService"


class Engine:
    def __init__(self) -> None:
        self.builtin = Builtin(Apis([shop_api()]), ["shop.v1.shop_wire"])
        self.clock = Clock()

    def handle(self, request: Request) -> Answer:
        assert request.path in self.builtin.paths
        return self.builtin.handle(request, self.clock)  # type: ignore[return-value]


@pytest.fixture(name="engine", scope="module")
def fixture_engine() -> Engine:
    return Engine()


@pytest.fixture(name="server", scope="module")
def fixture_server(engine: Engine) -> Iterator[Serving]:
    with serving(engine) as server:
        yield server


@pytest.fixture(name="channel", scope="module")
def fixture_channel(server: Serving) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        yield channel


def test_reflection_gives_a_client_all_it_needs(channel: grpc.Channel) -> None:
    database = ProtoReflectionDescriptorDatabase(channel)
    assert {SHOP, "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"} <= set(database.get_services())
    pool = descriptor_pool.DescriptorPool(database)
    service = pool.FindServiceByName(SHOP)
    item = service.methods_by_name["GetItem"].output_type
    assert "id" in item.fields_by_name
    made: Any = GetMessageClass(item)(id="7")
    assert made.SerializeToString() == b"\n\x017"
    assert "Watch" in pool.FindServiceByName("grpc.health.v1.Health").methods_by_name


def test_reflection_has_the_name_v1_too(channel: grpc.Channel) -> None:
    call = channel.stream_stream(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    requests = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol="no.such.Thing"),
    ]
    listed, missing = call(iter(requests), timeout=5)
    assert SHOP in [service.name for service in listed.list_services_response.service]
    assert missing.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


def test_reflection_of_what_is_no_request(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        list(
            channel.stream_stream(f"/{'grpc.reflection.v1alpha.ServerReflection'}/ServerReflectionInfo")(
                iter([b"\xff"])
            )
        )
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    # The connection is as good as before.
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    assert next(stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="")])))


def test_health(channel: grpc.Channel, engine: Engine, server: Serving) -> None:
    stub = health_pb2_grpc.HealthStub(channel)
    serving_now = health_pb2.HealthCheckResponse.SERVING
    assert stub.Check(health_pb2.HealthCheckRequest(), timeout=5).status == serving_now
    assert stub.Check(health_pb2.HealthCheckRequest(service=SHOP), timeout=5).status == serving_now
    with pytest.raises(grpc.RpcError) as caught:
        stub.Check(health_pb2.HealthCheckRequest(service="nobody"), timeout=5)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    assert stub.List(health_pb2.HealthListRequest(), timeout=5).statuses[SHOP].status == serving_now

    watch = stub.Watch(health_pb2.HealthCheckRequest(service=SHOP), timeout=10)
    unknown = stub.Watch(health_pb2.HealthCheckRequest(service="nobody"), timeout=10)
    assert next(watch).status == serving_now
    assert next(unknown).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
    server.call(engine.builtin.health.set, SHOP, False)
    assert next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING
    server.call(engine.builtin.health.set, SHOP, True)
    assert next(watch).status == serving_now
    watch.cancel()
    unknown.cancel()
