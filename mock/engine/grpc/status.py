"""Status of gRPC calls: codes of google.rpc.Code, their relation to HTTP, and the trailers that carry them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from samewire_wire import MessageSpec, WireError, registry

from mock.engine.answer import Answer, Pairs
from mock.engine.backend import Refusal

CODES = {
    "OK": 0,
    "CANCELLED": 1,
    "UNKNOWN": 2,
    "INVALID_ARGUMENT": 3,
    "DEADLINE_EXCEEDED": 4,
    "NOT_FOUND": 5,
    "ALREADY_EXISTS": 6,
    "PERMISSION_DENIED": 7,
    "RESOURCE_EXHAUSTED": 8,
    "FAILED_PRECONDITION": 9,
    "ABORTED": 10,
    "OUT_OF_RANGE": 11,
    "UNIMPLEMENTED": 12,
    "INTERNAL": 13,
    "UNAVAILABLE": 14,
    "DATA_LOSS": 15,
    "UNAUTHENTICATED": 16,
}
NAMES = {number: name for name, number in CODES.items()}
OK: Pairs = ((b"grpc-status", b"0"),)
KIND: Pairs = ((b"content-type", b"application/grpc"),)
Find = Callable[[str], MessageSpec]

# Source: the comments of google/rpc/code.proto ("HTTP Mapping"), and for statuses that it does not name the nearest.
_FROM_HTTP = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    410: "NOT_FOUND",
    412: "FAILED_PRECONDITION",
    413: "RESOURCE_EXHAUSTED",
    415: "INVALID_ARGUMENT",
    416: "OUT_OF_RANGE",
    422: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_TO_HTTP = {
    "OK": 200,
    "CANCELLED": 499,
    "INVALID_ARGUMENT": 400,
    "DEADLINE_EXCEEDED": 504,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403,
    "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 400,
    "ABORTED": 409,
    "OUT_OF_RANGE": 400,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "UNAUTHENTICATED": 401,
}
_PLAIN = frozenset(range(0x20, 0x7F)) - {ord("%")}
_ANY = "type.googleapis.com/"


def from_http(status: int) -> str:
    """The code's name. What a backend refuses with this status, over gRPC."""
    if 200 <= status < 300:
        return "OK"
    usual = "FAILED_PRECONDITION" if 400 <= status < 500 else "INTERNAL" if 500 <= status < 600 else "UNKNOWN"
    return _FROM_HTTP.get(status, usual)


def to_http(code: str) -> int:
    """The status of HTTP for the name of a code; 500 where there is no better."""
    return _TO_HTTP.get(code, 500)


def percent(message: str) -> bytes:
    """As `grpc-message` wants it: UTF-8, all but printable ASCII percent-encoded."""
    data = message.encode()
    if _PLAIN.issuperset(data):
        return data
    return b"".join(b"%c" % byte if byte in _PLAIN else b"%%%02X" % byte for byte in data)


class BadDetail(ValueError):
    """The detail with this index can't be packed."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(f"$.details[{index}]: {reason}")
        self.index = index
        self.reason = reason


def trailers(
    code: str, message: str = "", details: Sequence[Mapping[str, Any]] = (), find: Find = registry.find
) -> Pairs:
    """`code` as google.rpc.Code names it; `details`: google.protobuf.Any in ProtoJSON. `find`: by full name, what is
    no message of google.rpc; raises LookupError.

    Raises ValueError for a code that there is not, BadDetail for details of which nothing is known.
    """
    if code not in CODES:
        raise ValueError(f"{code!r} is no code of gRPC; there are {', '.join(CODES)}")
    number = CODES[code]
    pairs: Pairs = ((b"grpc-status", b"%d" % number),)
    if message:
        pairs += ((b"grpc-message", percent(message)),)
    if details:
        # "-bin" headers are base64; padding may be left away and all readers take it so.
        pairs += ((b"grpc-status-details-bin", b64encode(rich(number, message, details, find)).rstrip(b"=")),)
    return pairs


def rich(number: int, message: str, details: Sequence[Mapping[str, Any]], find: Find = registry.find) -> bytes:
    """A google.rpc.Status. Raises BadDetail."""
    from google.rpc.status_pb2 import Status

    status = Status(code=number, message=message)
    for index, detail in enumerate(details):
        try:
            type_url, value = _any(detail, find)
        except (WireError, ValueError) as error:
            raise BadDetail(index, str(error)) from None
        except LookupError as error:
            raise BadDetail(index, str(error.args[0] if error.args else error)) from None
        status.details.add(type_url=type_url, value=value)
    return bytes(status.SerializeToString())


def _any(detail: Mapping[str, Any], find: Find) -> tuple[str, bytes]:
    """Type URL and value of an Any in ProtoJSON: of google.rpc's error details, or of a message that is served."""
    from google.protobuf import json_format
    from google.rpc import error_details_pb2

    url = detail.get("@type")
    if not isinstance(url, str) or "/" not in url:
        raise ValueError(f'a detail says what it is: {{"@type": "{_ANY}google.rpc.RetryInfo", …}}')
    name = url.rpartition("/")[2]
    data = {key: value for key, value in detail.items() if key != "@type"}
    package, _, short = name.rpartition(".")
    if package == "google.rpc" and short in error_details_pb2.DESCRIPTOR.message_types_by_name:
        made = getattr(error_details_pb2, short)()
        try:
            json_format.ParseDict(data, made)
        except json_format.ParseError as error:
            raise ValueError(str(error)) from None
        return url, made.SerializeToString()
    spec = find(name)
    if spec.special_json:
        data = data.get("value", data)
    return url, spec.write_binary(spec.read_protojson(orjson.dumps(data)))


def answer(code: str, message: str = "", details: Sequence[Mapping[str, Any]] = (), headers: Pairs = ()) -> Answer:
    """An answer that is nothing but a status ("Trailers-Only")."""
    return Answer(200, (*KIND, *headers, *trailers(code, message, details)))


def of(refusal: Refusal) -> Pairs:
    """The trailers of a refusal."""
    code = refusal.grpc or from_http(refusal.status)
    return trailers("UNKNOWN" if code == "OK" or code not in CODES else code, refusal.message)
