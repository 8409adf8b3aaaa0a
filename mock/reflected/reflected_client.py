"""A client that knows no .proto, like grpcurl: it asks the server's reflection for all it needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.descriptor import MethodDescriptor
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse

Json = Mapping[str, Any]


class ReflectedClient:
    """`version`: of grpc.reflection, "v1" or "v1alpha"; both have the same messages.

    Messages are ProtoJSON with the names of the definitions. What the server refuses is grpc.RpcError; what it has no
    definitions of is LookupError.
    """

    def __init__(self, channel: grpc.Channel, version: str = "v1", timeout: float = 10.0) -> None:
        self._channel = channel
        self._timeout = timeout
        self._ask = channel.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
            request_serializer=ServerReflectionRequest.SerializeToString,
            response_deserializer=ServerReflectionResponse.FromString,
        )
        self._pool = descriptor_pool.DescriptorPool()
        self._files: set[str] = set()

    def services(self) -> list[str]:
        answer = self._asked(ServerReflectionRequest(list_services="*"))
        return [service.name for service in answer.list_services_response.service]

    def methods(self, service: str) -> list[MethodDescriptor]:
        return list(self._service(service).methods)

    def call(
        self, rpc: str, *requests: Json, metadata: Iterable[tuple[str, str]] = (), timeout: float | None = None
    ) -> list[dict[str, Any]]:
        """`rpc`: "pkg.Service/Method". All answers of the call, one of a unary one."""
        return list(self.stream(rpc, requests, metadata, timeout))

    def stream(
        self,
        rpc: str,
        requests: Iterable[Json],
        metadata: Iterable[tuple[str, str]] = (),
        timeout: float | None = None,
    ) -> Iterator[dict[str, Any]]:
        """The answers as they come."""
        service, _, name = rpc.partition("/")
        method = self._service(service).methods_by_name.get(name)
        if method is None:
            raise LookupError(f"{service} has no method {name!r}")
        kind = "{}_{}".format(*("stream" if each else "unary" for each in _streams(method)))
        request = message_factory.GetMessageClass(method.input_type)
        response = message_factory.GetMessageClass(method.output_type)
        made = (json_format.ParseDict(dict(each), request(), descriptor_pool=self._pool) for each in requests)
        callable_ = getattr(self._channel, kind)(
            f"/{rpc}", request_serializer=request.SerializeToString, response_deserializer=response.FromString
        )
        wanted = {"metadata": tuple(metadata), "timeout": timeout or self._timeout}
        answered = callable_(made if method.client_streaming else next(made), **wanted)
        for each in answered if method.server_streaming else (answered,):
            yield json_format.MessageToDict(each, preserving_proto_field_name=True, descriptor_pool=self._pool)

    # Definitions

    def _service(self, name: str) -> Any:
        try:
            return self._pool.FindServiceByName(name)
        except KeyError:
            self._load(ServerReflectionRequest(file_containing_symbol=name))
            return self._pool.FindServiceByName(name)

    def _load(self, request: Any) -> None:
        """Into the pool: a file after all that it imports, each of which is asked for unless it came along."""
        answer = self._asked(request)
        came = [
            descriptor_pb2.FileDescriptorProto.FromString(each)
            for each in answer.file_descriptor_response.file_descriptor_proto
        ]
        files = {each.name: each for each in came}
        for each in came:
            self._add(each, files)

    def _add(self, file: Any, files: Mapping[str, Any]) -> None:
        if file.name in self._files:
            return
        self._files.add(file.name)
        for name in file.dependency:
            if name in files:
                self._add(files[name], files)
            elif name not in self._files:
                self._load(ServerReflectionRequest(file_by_filename=name))
        self._pool.Add(file)

    def _asked(self, request: Any) -> Any:
        [answer] = self._ask(iter((request,)), timeout=self._timeout)
        if answer.HasField("error_response"):
            raise LookupError(answer.error_response.error_message)
        return answer


def _streams(method: MethodDescriptor) -> tuple[bool, bool]:
    return method.client_streaming, method.server_streaming
