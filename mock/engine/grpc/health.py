"""grpc.health.v1: whether services are serving."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

from mock.engine.backend import Refusal

SERVICE = "grpc.health.v1.Health"


class Health:
    """`set` is what a test calls to make a service unwell; "" is the whole server. Messages are bytes."""

    def __init__(self, services: Iterable[str]) -> None:
        self._serving = dict.fromkeys(("", *services), True)
        self._changed: set[asyncio.Event] = set()

    def set(self, service: str, serving: bool) -> None:
        self._serving[service] = serving
        for event in self._changed:
            event.set()

    def check(self, request: bytes) -> bytes:
        """Raises Refusal."""
        service = _service(request)
        if service not in self._serving:
            raise Refusal(404, message=f"no service {service!r} is served here")
        return self._status(service)

    async def watch(self, request: bytes) -> AsyncIterator[bytes]:
        """The status now and whenever it changes."""
        service = _service(request)
        event = asyncio.Event()
        self._changed.add(event)
        told = b""
        try:
            while True:
                status = self._status(service)
                if status != told:
                    told = status
                    yield status
                await event.wait()
                event.clear()
        finally:
            self._changed.discard(event)

    def list(self, request: bytes) -> bytes:
        from grpc_health.v1.health_pb2 import HealthListResponse

        response = HealthListResponse()
        for service in self._serving:
            response.statuses[service].ParseFromString(self._status(service))
        return bytes(response.SerializeToString())

    def _status(self, service: str) -> bytes:
        from grpc_health.v1.health_pb2 import HealthCheckResponse

        kinds = HealthCheckResponse
        serving = self._serving.get(service)
        status = kinds.SERVICE_UNKNOWN if serving is None else kinds.SERVING if serving else kinds.NOT_SERVING
        return bytes(HealthCheckResponse(status=status).SerializeToString())


def _service(request: bytes) -> str:
    from google.protobuf.message import DecodeError
    from grpc_health.v1.health_pb2 import HealthCheckRequest

    try:
        return str(HealthCheckRequest.FromString(request).service)
    except DecodeError as error:
        raise Refusal(400, message=f"no HealthCheckRequest: {error}") from None
