"""A gRPC status as an answer: trailers over gRPC, else google.rpc.Status in JSON with the HTTP status of its code."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import orjson
from samewire_wire import WireError

from mock.engine.answer import Pairs
from mock.engine.grpc.status import CODES, percent, to_http
from mock.engine.stubs.error import StubError, meant

# Google's runtime is imported where there are details: servers start quickly without it.
if TYPE_CHECKING:
    from google.protobuf.any_pb2 import Any as AnyMessage
    from samewire.mock.v1.fault_wire import GrpcStatus

    from mock.engine.api import Apis


class Status:
    """`http`: the HTTP status, `body` the JSON of it, `trailers` what gRPC clients get. Raises StubError for a code
    that there is not and for details that can't be packed."""

    __slots__ = ("body", "http", "trailers")

    def __init__(self, status: GrpcStatus, apis: Apis, where: str) -> None:
        if status.code not in CODES:
            hint = f"{meant(status.code, CODES)}; there are {', '.join(CODES)}"
            raise StubError(f"{where}.code", f"{status.code!r} is no code of google.rpc.Code{hint}")
        code = CODES[status.code]
        message = status.message or ""
        said: dict[str, Any] = {"code": code, "message": message}
        if status.details:
            said["details"] = status.details
        self.http = to_http(status.code)
        self.body = orjson.dumps(said)
        self.trailers: Pairs = ((b"grpc-status", b"%d" % code),)
        if message:
            self.trailers += ((b"grpc-message", percent(message)),)
        if status.details:
            from google.rpc.status_pb2 import Status as StatusMessage

            packed = StatusMessage(code=code, message=message)
            for index, detail in enumerate(status.details):
                packed.details.append(_pack(detail, apis, f"{where}.details[{index}]"))
            # "-bin" headers are base64; padding may be left away and all readers take it so.
            self.trailers += ((b"grpc-status-details-bin", b64encode(packed.SerializeToString()).rstrip(b"=")),)


def _pack(detail: dict[str, Any], apis: Apis, where: str) -> AnyMessage:
    """An Any in ProtoJSON: a type of google.rpc, or a message that is served."""
    from google.protobuf import any_pb2, json_format
    from google.rpc import error_details_pb2

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
