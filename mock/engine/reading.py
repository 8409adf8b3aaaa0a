"""From the bytes of a request to a message of the definitions."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson
from samewire_wire import MessageSpec, WireError
from samewire_wire import _rules as r

from mock.engine import form

if TYPE_CHECKING:
    from mock.engine.api import Method, Route
    from mock.engine.request import Request

EMPTY = "google.protobuf.Empty"
HTTP_BODY = "google.api.HttpBody"
_BINARY = (b"application/x-protobuf", b"application/protobuf", b"application/grpc")
_FORMS = (b"multipart/form-data", b"application/x-www-form-urlencoded")
# What a small body may become: a bomb is refused, not unpacked.
_UNPACKED = 256 * 1024 * 1024


class Unreadable(ValueError):
    """The request is not what its headers say."""


def json_value(request: Request) -> Any:
    """The body as JSON values: JSON text as it is, forms and protobuf as what they hold. Raises ValueError where it is
    none of these."""
    kind, packed = b"", False
    for name, value in request.headers:
        if name == b"content-type":
            kind = value
        elif name == b"content-encoding":
            packed = True
    if request.protocol == "gRPC" or kind.startswith(_BINARY):
        return _message_json(request)
    if kind.startswith(_FORMS) and not _like_json(request):
        return form.read(request)
    return orjson.loads(plain(request) if packed else request.body)


def _message_json(request: Request) -> Any:
    if request.rpc is None:
        raise Unreadable("a protobuf body of a method that the definitions do not have")
    spec = binary_spec(request.rpc, request)
    return orjson.loads(spec.write(spec.read_binary(plain(request)), None))


def is_form(request: Request) -> bool:
    return (request.header(b"content-type") or b"").startswith(_FORMS) and not _like_json(request)


def _like_json(request: Request) -> bool:
    """Under the content type that curl gives to everything."""
    return request.body.lstrip()[:1] == b"{"


def is_binary(request: Request) -> bool:
    return request.protocol == "gRPC" or (request.header(b"content-type") or b"").startswith(_BINARY)


def binary_spec(method: Method, request: Request) -> MessageSpec:
    """gRPC speaks the definitions themselves, HTTP the message that the binary dialects send."""
    return method.request if request.protocol == "gRPC" else method.binary_request


def plain(request: Request) -> bytes:
    """The body without its content encoding and frame."""
    if request.payload is not None:
        return request.payload
    encoding = (request.header(b"content-encoding") or b"").strip().lower()
    if encoding in (b"", b"identity") or request.protocol == "gRPC":
        return request.body
    try:
        return _unpack(encoding, request.body)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise Unreadable(f"the body is not {encoding.decode('latin-1')}: {error}") from None


def _unpack(encoding: bytes, body: bytes) -> bytes:
    if encoding in (b"gzip", b"x-gzip"):
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            data = file.read(_UNPACKED + 1)
    elif encoding == b"deflate":
        data = zlib.decompressobj().decompress(body, _UNPACKED + 1)
    elif encoding == b"zstd":
        import zstandard

        try:
            with zstandard.ZstdDecompressor().stream_reader(body) as reader:
                data = reader.read(_UNPACKED + 1)
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from None
    else:
        raise ValueError("an encoding that is not known here; there are gzip, deflate and zstd")
    if len(data) > _UNPACKED:
        raise ValueError(f"it unpacks to more than {_UNPACKED} bytes")
    return data


def message(request: Request, method: Method, route: Route | None, hint: str | None) -> tuple[Any, str]:
    """The request's message and the dialect that it was read in: `hint`, else the first that takes it.

    A body that no dialect takes as it is, is read again without the keys that are not known. Raises WireError for one
    that is not even then a message, Unreadable for what is no JSON or protobuf at all.
    """
    usual = hint if hint in method.dialects else method.dialects[0]
    if is_binary(request) and not _takes_any(request, method, route, usual):
        if request.protocol != "gRPC" and method.binary_dialects and hint not in method.binary_dialects:
            usual = method.binary_dialects[0]
        return binary_spec(method, request).read_binary(plain(request)), usual
    spec = method.request
    if spec.full_name == EMPTY:
        return spec.read(b"{}", None), usual
    if route is None or (route.body == "*" and not route.fields and not request.query and not is_form(request)):
        if not request.body:
            raise Unreadable("missing request body")
        return _read(spec, method, plain(request), hint)
    raw = _raw_field(spec, route, usual)
    value, dialect = _read(spec, method, text(compose(request, spec, route, usual, raw)), hint)
    if raw:
        from google.api.httpbody_wire import HttpBody

        kind = (request.header(b"content-type") or b"application/octet-stream").decode("latin-1")
        setattr(value, raw, HttpBody(content_type=kind, data=request.body))
    return value, dialect


def text(value: Any) -> bytes:
    """JSON data as it is written. Raises Unreadable for what could be read, but nests deeper than can be written."""
    try:
        return orjson.dumps(value)
    except TypeError as error:
        raise Unreadable(f"the body can't be taken: {error}") from None


def _read(spec: MessageSpec, method: Method, data: bytes, hint: str | None) -> tuple[Any, str]:
    """In each dialect as it is, then in each without unknown keys; the error that is told is the likeliest
    dialect's.
    """
    order = [each for each in method.dialects if each in spec.dialects] or list(spec.dialects)
    if not order:
        order = ["protojson"]
    if hint in order:
        order.remove(hint)
        order.insert(0, hint)
    refused: WireError | None = None
    for read in (spec.read, spec.read_lenient):
        for dialect in order:
            try:
                return read(data, dialect), dialect
            except WireError as error:
                if refused is None or (read is not spec.read and dialect == order[0]):
                    refused = error
    assert refused is not None
    raise refused


def compose(request: Request, spec: MessageSpec, route: Route, dialect: str, raw: str) -> dict[str, Any]:
    """The message as JSON from path, query and body."""
    value: dict[str, Any] = {}
    if route.body and route.body != raw:
        value = _body(request, route)
        if route.body != "*":
            value = {_key(spec, dialect, route.body): value}
    if route.body != "*":
        for name, said in parse_qsl(request.query, keep_blank_values=True):
            _put(value, spec, dialect, name, said, known_only=True)
    for name, said in (request.fields or {}).items():
        _put(value, spec, dialect, name, said)
    return value


def _body(request: Request, route: Route) -> Any:
    if is_form(request):
        return form.read(request)
    if not request.body:
        raise Unreadable("missing request body")
    try:
        value = orjson.loads(plain(request))
    except ValueError as error:
        raise Unreadable(f"not JSON: {error}") from None
    if route.body == "*" and not isinstance(value, dict):
        raise Unreadable("the body is no JSON object")
    return value


def _object(spec: MessageSpec, dialect: str) -> r.Object | None:
    rule = spec.rule(dialect if dialect in spec.dialects else spec.dialects[0])
    return rule if isinstance(rule, r.Object) else None


def _find(spec: MessageSpec, dialect: str, name: str) -> r.Key | None:
    rule = _object(spec, dialect)
    return next((key for key in rule.keys if name in (key.field, key.key, *key.also)), None) if rule else None


def _key(spec: MessageSpec, dialect: str, field: str) -> str:
    found = _find(spec, dialect, field)
    return found.key if found and found.key != r.ABSENT else field


def _takes_any(request: Request, method: Method, route: Route | None, dialect: str) -> bool:
    """The body is a file, whatever its type says."""
    return request.protocol != "gRPC" and route is not None and bool(_raw_field(method.request, route, dialect))


def _raw_field(spec: MessageSpec, route: Route, dialect: str) -> str:
    """The field that takes the body as it is (google.api.HttpBody), "" where there is none."""
    found = _find(spec, dialect, route.body) if route.body not in ("", "*") else None
    return route.body if found and isinstance(found.type, r.Ref) and found.type.message == HTTP_BODY else ""


def _put(
    value: dict[str, Any], spec: MessageSpec, dialect: str, name: str, text: str, known_only: bool = False
) -> None:
    """Sets a field, given as text; dotted names lead into messages. Unknown ones of a query are dropped."""
    from samewire_wire import registry

    head, _, rest = name.partition(".")
    found = _find(spec, dialect, head)
    if found is None:
        if not known_only:
            value[head] = text
        return
    if rest and isinstance(found.type, r.Ref):
        inner = value.setdefault(found.key, {})
        if isinstance(inner, dict):
            _put(inner, registry.find(found.type.message), dialect, rest, text, known_only)
    elif isinstance(found.type, r.List):
        held = value.setdefault(found.key, [])
        if isinstance(held, list):
            held.append(_typed(found.type.item, text))
    else:
        value[found.key] = _typed(found.type, text)


def _typed(kind: r.Type, text: str) -> Any:
    """Text as the JSON that the field takes; what is none stays text, for the reader to refuse."""
    try:
        if isinstance(kind, r.Int | r.Float):
            # As JSON has it: not "1_0", not "inf", and nothing that has more digits than a number of 64 bits.
            number = orjson.loads(text)
            return number if isinstance(number, int | float) and not isinstance(number, bool) else text
    except ValueError:
        return text
    if isinstance(kind, r.Bool):
        return {"true": True, "false": False, "1": True, "0": False}.get(text.lower(), text)
    return text
