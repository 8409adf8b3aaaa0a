"""From what a backend, a stub or the generator says to an Answer, in the form that the client asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

import orjson
from samewire_wire import MessageSpec, Model

from mock.engine.answer import JSON, TEXT, Answer, Pairs
from mock.engine.backend import Refusal

if TYPE_CHECKING:
    from mock.engine.api import Method
    from mock.engine.backend import Call

PROTOBUF: Pairs = ((b"content-type", b"application/x-protobuf"),)
NDJSON: Pairs = ((b"content-type", b"application/x-ndjson"),)
SSE: Pairs = ((b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache"))
DONE = b"data: [DONE]\n\n"
EMPTY = "google.protobuf.Empty"
HTTP_BODY = "google.api.HttpBody"
# Characters that line readers of some clients take for the end of a line, as they stand inside JSON strings.
_LINES = ((b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"), (b"\xc2\x85", b"\\u0085"))


def json_bytes(spec: MessageSpec, value: Any, dialect: str) -> bytes:
    """In the dialect, or the message's usual one where it does not have it."""
    if dialect not in spec.dialects and dialect != "protojson":
        dialect = spec.dialects[0] if spec.dialects else "protojson"
    return spec.write(value, dialect)


def spec_of(value: Any, usual: MessageSpec) -> MessageSpec:
    """A model that is not of the usual class speaks for itself (an error, a message of another package)."""
    if isinstance(value, Model) and usual.model is not None and not isinstance(value, usual.model):
        return value.WIRE
    return usual


def binary(spec: MessageSpec, value: Any) -> bytes:
    return spec.write_binary(value)


def unary(call: Call, value: Any) -> Answer:
    """One message. `value` may also be an Answer, which is what it is."""
    if isinstance(value, Answer):
        return value
    method = call.method
    status = call.status or method.status or 200
    headers = _headers(call)
    spec = method.response
    if value is None or spec.full_name == EMPTY:
        if method.body_ignored or value is None:
            return Answer(status, headers)
        return Answer(status, _typed(call.json, headers), b"{}")
    if isinstance(value, Model) and call.accepts_binary and value.WIRE.full_name in method.api.binary_results:
        return Answer(status, _typed(PROTOBUF, headers), value.to_binary())
    if spec.full_name == HTTP_BODY:
        return Answer(status, _typed(((b"content-type", value.content_type.encode()),), headers), value.data)
    data = json_bytes(spec_of(value, spec), value, call.dialect)
    if method.produces:
        said = orjson.loads(data)
        text = said if isinstance(said, str) else _only(said)
        if text is not None:
            kind = method.produces + ("; charset=utf-8" if method.produces.startswith("text/") else "")
            return Answer(status, _typed(((b"content-type", kind.encode()),), headers), text.encode())
    return Answer(status, _typed(call.json, headers), data)


def _only(said: Any) -> str | None:
    """The text of a message that holds nothing else."""
    if isinstance(said, dict) and len(said) == 1:
        (value,) = said.values()
        return value if isinstance(value, str) else None
    return None


async def stream(call: Call, values: AsyncIterator[Any]) -> Answer:
    """A streamed answer of HTTP; a refusal before the first message is an answer of its own, a later one is the last
    line.

    A client that did not ask for a stream gets the one message.
    """
    method = call.method
    try:
        first = await anext(values)
    except StopAsyncIteration:
        return Answer(call.status or method.status, _kind(call), DONE if method.stream == "sse" else b"")
    except Refusal as refusal:
        return refused(call, refusal)
    if not call.streamed:
        try:
            async for last in values:
                first = last
        except Refusal as refusal:
            return refused(call, refusal)
        return unary(call, first)
    return Answer(call.status or method.status, _kind(call), chunks=_pieces(call, first, values))


async def _pieces(call: Call, first: Any, values: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    method = call.method
    try:
        yield piece(method, json_bytes(spec_of(first, method.response), first, call.dialect))
        try:
            async for value in values:
                yield piece(method, json_bytes(spec_of(value, method.response), value, call.dialect))
        except Refusal as refusal:
            yield piece(method, refusal_json(refusal, call.dialect))
            return
        if method.stream == "sse":
            yield DONE
    finally:
        if hasattr(values, "aclose"):
            await values.aclose()


def piece(method: Method, data: bytes) -> bytes:
    """One message of a stream: an SSE event or a line."""
    data = one_line(data)
    return b"data: " + data + b"\n\n" if method.stream == "sse" else data + b"\n"


def one_line(data: bytes) -> bytes:
    """JSON text without the characters that some clients split lines at."""
    if data.isascii():
        return data
    for raw, escaped in _LINES:
        data = data.replace(raw, escaped)
    return data


def _kind(call: Call) -> Pairs:
    return _typed(SSE if call.method.stream == "sse" else NDJSON, _headers(call))


def _headers(call: Call) -> Pairs:
    return _pairs(call.headers) if call.headers else ()


def _pairs(headers: Mapping[str, str]) -> Pairs:
    """Latin-1, as HTTP has it; what that does not have is replaced."""
    return tuple(
        (name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        for name, value in headers.items()
    )


def _typed(usual: Pairs, headers: Pairs) -> Pairs:
    """`usual` says what the body is, unless `headers` do."""
    if any(name == b"content-type" for name, _ in headers):
        return tuple(pair for pair in usual if pair[0] != b"content-type") + headers
    return usual + headers


def refusal_json(refusal: Refusal, dialect: str) -> bytes:
    """The body of a refusal as JSON; text stands for itself."""
    body = refusal.body
    if isinstance(body, Model):
        return json_bytes(body.WIRE, body, dialect)
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    return orjson.dumps(body)


def refused(call: Call | None, refusal: Refusal, json: Pairs = JSON) -> Answer:
    """`json`: how JSON says what it is, where there is no call that knows."""
    text = isinstance(refusal.body, bytes | str)
    headers = _pairs(refusal.headers)
    if refusal.body not in (b"", ""):
        headers = _typed(TEXT if text else call.json if call else json, headers)
    return Answer(refusal.status, headers, refusal_json(refusal, call.dialect if call else ""))
