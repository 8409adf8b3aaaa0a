"""Server reflection: which services there are and the definitions behind them, for clients like grpcurl."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from functools import cached_property
from typing import Any

from mock.engine.backend import Refusal

# The same messages under two names.
SERVICES = ("grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection")


class Reflection:
    """`services`: full names of all that are listed. `modules`: the generated modules that they come from.

    What it takes to answer is imported when the first client asks: servers start quickly without it.
    """

    def __init__(self, services: Sequence[str], modules: Sequence[str]) -> None:
        self._services = tuple(services)
        self._modules = tuple(modules)

    async def info(self, requests: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """ServerReflectionInfo, messages as bytes. Raises Refusal."""
        async for request in requests:
            yield self.answer(request)

    def answer(self, request: bytes) -> bytes:
        from google.protobuf.message import DecodeError
        from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest

        try:
            message = ServerReflectionRequest.FromString(request)
        except DecodeError as error:
            raise Refusal(400, message=f"no ServerReflectionRequest: {error}") from None
        (response,) = self._servicer.ServerReflectionInfo(iter((message,)), None)
        response.original_request.CopyFrom(message)
        response.valid_host = message.host
        return response.SerializeToString()  # type: ignore[no-any-return]

    @cached_property
    def _servicer(self) -> Any:
        from google.protobuf import descriptor_pool

        # Imported for its file, which is in the default pool from then on.
        from grpc_health.v1 import health_pb2
        from grpc_reflection.v1alpha.reflection import ReflectionServicer
        from samewire_wire import _binary

        assert health_pb2.DESCRIPTOR
        own = _binary.pool
        for module in self._modules:
            package, _, stem = module.rpartition(".")
            own.load(f"{package}._{stem}_binary" if package else f"_{stem}_binary")
        return ReflectionServicer(self._services, _Pools(own.POOL, _v1(), descriptor_pool.Default()))


def _v1() -> Any:
    """Definitions of grpc.reflection.v1, which are those of v1alpha (the package has no others) under its name."""
    from google.protobuf import descriptor_pb2, descriptor_pool
    from grpc_reflection.v1alpha.reflection_pb2 import DESCRIPTOR

    file = descriptor_pb2.FileDescriptorProto()
    DESCRIPTOR.CopyToProto(file)
    old, new = f".{file.package}.", ".grpc.reflection.v1."
    file.name, file.package = "grpc/reflection/v1/reflection.proto", new.strip(".")
    for message in file.message_type:
        for field in message.field:
            if field.type_name:
                field.type_name = field.type_name.replace(old, new)
    for method in file.service[0].method:
        method.input_type = method.input_type.replace(old, new)
        method.output_type = method.output_type.replace(old, new)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


class _Pools:
    """Definitions that are served, then what Google's packages brought along."""

    def __init__(self, *pools: Any) -> None:
        self._pools = pools

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def find(*arguments: Any) -> Any:
            for pool in self._pools[:-1]:
                try:
                    return getattr(pool, name)(*arguments)
                except (KeyError, TypeError):  # TypeError: a descriptor of the other pool
                    continue
            return getattr(self._pools[-1], name)(*arguments)

        return find
