"""A gRPC status as an answer: trailers over gRPC, else google.rpc.Status in JSON with the HTTP status of its code."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import orjson
from google.protobuf import any_pb2, json_format
from google.rpc import code_pb2, error_details_pb2, status_pb2
from samewire_wire import WireError

from mock.engine.answer import Pairs
from mock.engine.stubs.error import StubError, meant

if TYPE_CHECKING:
    from samewire.mock.v1.fault_wire import GrpcStatus

    from mock.engine.api import Apis

# The HTTP status that google/rpc/code.proto gives for each code.
_HTTP = {
    "OK": 200,
    "CANCELLED": 499,
    "UNKNOWN": 500,
    "INVALID_ARGUMENT": 400,
    "DEADLINE_EXCEEDED": 504,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403,
    "UNAUTHENTICATED": 401,
    "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 400,
    "ABORTED": 409,
    "OUT_OF_RANGE": 400,
    "UNIMPLEMENTED": 501,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DATA_LOSS": 500,
}
_PRINTABLE = frozenset(range(0x20, 0x7F)) - {0x25}


class Status:
    """`http`: the HTTP status, `body` the JSON of it, `trailers` what gRPC clients get. Raises StubError for a code
    that there is not and for details that can't be packed."""

    __slots__ = ("body", "http", "trailers")

    def __init__(self, status: GrpcStatus, apis: Apis, where: str) -> None:
        if status.code not in _HTTP:
            hint = f"{meant(status.code, _HTTP)}; there are {', '.join(_HTTP)}"
            raise StubError(f"{where}.code", f"{status.code!r} is no code of google.rpc.Code{hint}")
        code = code_pb2.Code.Value(status.code)
        message = status.message or ""
        said: dict[str, Any] = {"code": code, "message": message}
        packed = status_pb2.Status(code=code, message=message)
        for index, detail in enumerate(status.details):
            packed.details.append(_pack(detail, apis, f"{where}.details[{index}]"))
        if status.details:
            said["details"] = status.details
        self.http = _HTTP[status.code]
        self.body = orjson.dumps(said)
        self.trailers: Pairs = ((b"grpc-status", b"%d" % code),)
        if message:
            self.trailers += ((b"grpc-message", _percent(message)),)
        if status.details:
            # "-bin" headers are base64; padding may be left away and all readers take it so.
            self.trailers += ((b"grpc-status-details-bin", b64encode(packed.SerializeToString()).rstrip(b"=")),)


def _pack(detail: dict[str, Any], apis: Apis, where: str) -> any_pb2.Any:
    """An Any in ProtoJSON: a type of google.rpc, or a message that is served."""
    url = detail.get("@type")
    if not isinstance(url, str):
        raise StubError(where, 'a detail says what it is: {"@type": "type.googleapis.com/google.rpc.RetryInfo", …}')
    name = url.rpartition("/")[2]
    rest = {key: value for key, value in detail.items() if key != "@type"}
    known = error_details_pb2.DESCRIPTOR.message_types_by_name
    try:
        if name.startswith("google.rpc.") and name.removeprefix("google.rpc.") in known:
            message = getattr(error_details_pb2, name.removeprefix("google.rpc."))()
            data = json_format.ParseDict(rest, message).SerializeToString()
        else:
            spec = apis.message(name)
            data = spec.write_binary(spec.read(orjson.dumps(rest), "protojson"))
    except (LookupError, WireError, json_format.ParseError) as error:
        raise StubError(where, str(error).strip('"')) from None
    return any_pb2.Any(type_url=url, value=data)


def _percent(message: str) -> bytes:
    """As the gRPC protocol has it: all but printable ASCII is percent-encoded, and % itself."""
    return b"".join([b"%c" % byte if byte in _PRINTABLE else b"%%%02X" % byte for byte in message.encode()])
