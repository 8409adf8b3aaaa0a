"""Services that every gRPC server has: reflection and health."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence

from mock.engine.answer import Answer
from mock.engine.api import Apis
from mock.engine.backend import Refusal
from mock.engine.clock import Clock
from mock.engine.grpc import health, reflection
from mock.engine.grpc.call import GrpcCall, refused
from mock.engine.request import Request

_REFLECTION = {f"/{service}/ServerReflectionInfo" for service in reflection.SERVICES}
_HEALTH = {f"/{health.SERVICE}/{method}" for method in ("Check", "Watch", "List")}


class Builtin:
    """`modules`: the generated modules of the APIs, "tinker.v1.service_wire". `paths`: those that are answered here.
    `health` is there for tests that make a service unwell.
    """

    paths = frozenset(_REFLECTION | _HEALTH)

    def __init__(self, apis: Apis, modules: Sequence[str]) -> None:
        services = sorted({method.service for method in apis.methods})
        self.health = health.Health(services)
        self._reflection = reflection.Reflection([*services, *reflection.SERVICES, health.SERVICE], modules)

    def handle(self, request: Request, clock: Clock) -> Answer | Awaitable[Answer]:
        try:
            call = GrpcCall(request, clock)
        except Refusal as refusal:
            return refused(refusal)
        if request.path in _REFLECTION:
            return call.stream(self._reflection.info(call.messages()))
        if request.path.endswith("/Watch"):
            return call.stream(self._watch(call))
        return self._unary(call, request.path.endswith("/List"))

    async def _watch(self, call: GrpcCall) -> AsyncIterator[bytes]:
        async for status in self.health.watch(await call.one_message()):
            yield status

    async def _unary(self, call: GrpcCall, listed: bool) -> Answer:
        try:
            message = await call.one_message()
            return call.unary(self.health.list(message) if listed else self.health.check(message))
        except Refusal as refusal:
            return refused(refusal)
