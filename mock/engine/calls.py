"""One call of a backend's method: its message is read, the backend asked, what it says is written."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable
from copy import copy
from typing import TYPE_CHECKING, Any

from samewire_wire import WireError

from mock.engine import reading, writing
from mock.engine.answer import Answer
from mock.engine.backend import Call, Refusal
from mock.engine.grpc.call import GrpcCall, refused

if TYPE_CHECKING:
    from mock.engine.api import Method, Route
    from mock.engine.backend import Backend
    from mock.engine.journal.record import Record
    from mock.engine.request import Request


def over_http(
    request: Request, method: Method, route: Route | None, backend: Backend, record: Record | None
) -> Answer | Awaitable[Answer]:
    hint = backend.dialect(request)
    call = Call(method, request, hint or method.dialects[0])
    call.json = backend.json_type(request)
    call.accepts_binary = b"application/x-protobuf" in (request.header(b"accept") or b"")
    try:
        backend.admit(request)
        if request.incoming is not None and method.py_name not in backend.raw:
            return _when_complete(request, method, route, backend, record)
        message, call.dialect = reading.message(request, method, route, hint)
    except Refusal as refusal:
        return writing.refused(call, refusal)
    except (WireError, ValueError) as error:
        if record is not None:
            record.problem = str(error)
        mended = backend.mended(request, error) if isinstance(error, WireError) else None
        if mended is not None:
            # The journal keeps what was sent.
            request = copy(request)
            request.body = mended
            request.forget_json()
            return over_http(request, method, route, backend, record)
        return backend.unreadable(request, error if isinstance(error, WireError) else str(error))
    if record is not None:
        record.dialect = call.dialect
    call.streamed = method.server_streaming and _wants_stream(method, message)
    try:
        result = _handler(backend, method)(message, call)
    except Refusal as refusal:
        return writing.refused(call, refusal)
    if inspect.isawaitable(result):
        return _awaited(call, result)
    if isinstance(result, AsyncIterator):
        return writing.stream(call, result)
    return writing.unary(call, result)


async def _when_complete(
    request: Request, method: Method, route: Route | None, backend: Backend, record: Record | None
) -> Answer:
    """A big body of a method that wants a message."""
    assert request.incoming is not None
    request.body = b"".join([piece async for piece in request.incoming])
    request.incoming = None
    answer = over_http(request, method, route, backend, record)
    return answer if isinstance(answer, Answer) else await answer


async def _awaited(call: Call, waiting: Awaitable[Any]) -> Answer:
    try:
        result = await waiting
    except Refusal as refusal:
        return writing.refused(call, refusal)
    return await writing.stream(call, result) if isinstance(result, AsyncIterator) else writing.unary(call, result)


def over_grpc(
    request: Request, method: Method, backend: Backend, record: Record | None, grpc: GrpcCall
) -> Answer | Awaitable[Answer]:
    """The messages are those of the definitions; the dialect is the backend's word or the usual one."""
    hint = backend.dialect(request)
    call = Call(method, request, hint if hint in method.dialects else method.dialects[0], method.server_streaming)
    if record is not None:
        record.dialect = call.dialect
    try:
        backend.admit(request)
        handler = _handler(backend, method)
        if method.client_streaming:
            result = handler(_messages(method, grpc), call)
        else:
            result = handler(method.request.read_binary(reading.plain(request)), call)
    except Refusal as refusal:
        return refused(refusal)
    except (WireError, ValueError) as error:
        if record is not None:
            record.problem = str(error)
        return refused(_unreadable(error))
    if inspect.isawaitable(result):
        return _awaited_grpc(call, result, grpc)
    return _answer_grpc(call, result, grpc)


async def _awaited_grpc(call: Call, waiting: Awaitable[Any], grpc: GrpcCall) -> Answer:
    try:
        return _answer_grpc(call, await waiting, grpc)
    except Refusal as refusal:
        return refused(refusal)


def _answer_grpc(call: Call, result: Any, grpc: GrpcCall) -> Answer:
    if isinstance(result, Answer):
        return refused(Refusal(501, message=f"{call.method.rpc} answers this over HTTP only", grpc="UNIMPLEMENTED"))
    if isinstance(result, AsyncIterator):
        return grpc.stream(_payloads(call, result), call.headers)
    if call.method.server_streaming:
        return grpc.stream(_once(_payload(call, result)), call.headers)
    return grpc.unary(_payload(call, result), call.headers)


def _payload(call: Call, value: Any) -> bytes:
    """Raises Refusal for what is a message of HTTP alone."""
    spec = call.method.response
    if value is None:
        return b""
    if writing.spec_of(value, spec) is not spec:
        raise Refusal(501, message=f"{call.method.rpc} answers {value.WIRE.full_name}, which gRPC has no place for")
    return spec.write_binary(value)


async def _once(payload: bytes) -> AsyncIterator[bytes]:
    yield payload


async def _payloads(call: Call, values: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    try:
        async for value in values:
            yield _payload(call, value)
    except (WireError, ValueError) as error:
        raise _unreadable(error) from None
    finally:
        close = getattr(values, "aclose", None)
        if close is not None:
            await close()


async def _messages(method: Method, grpc: GrpcCall) -> AsyncIterator[Any]:
    async for payload in grpc.messages():
        try:
            yield method.request.read_binary(payload)
        except WireError as error:
            raise _unreadable(error) from None


def unknown(path: str) -> Refusal:
    return Refusal(404, message=f"no method {path[1:]} is served here", grpc="UNIMPLEMENTED")


def _unreadable(error: Exception) -> Refusal:
    return Refusal(400, message=str(error), grpc="INVALID_ARGUMENT")


def _handler(backend: Backend, method: Method) -> Any:
    handler = getattr(backend, method.py_name, None)
    if handler is None:
        raise Refusal(501, {"error": f"{method.rpc} is not built in this mock"}, message=f"{method.rpc} is not built")
    return handler


def _wants_stream(method: Method, message: Any) -> bool:
    if not method.stream_field:
        return True
    value = message
    for name in method.stream_field.split("."):
        value = getattr(value, name, None)
    return value if isinstance(value, bool) else method.stream_default
