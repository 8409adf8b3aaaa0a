"""A gRPC status as an answer: trailers over gRPC, else google.rpc.Status in JSON with the HTTP status of its code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from mock.engine.grpc import status
from mock.engine.stubs.error import StubError, meant

if TYPE_CHECKING:
    from samewire.mock.v1.fault_wire import GrpcStatus

    from mock.engine.api import Apis


class Status:
    """`http`: the HTTP status, `body` the JSON of it, `trailers` what gRPC clients get. Raises StubError for a code
    that there is not and for details that can't be packed."""

    __slots__ = ("body", "http", "trailers")

    def __init__(self, said: GrpcStatus, apis: Apis, where: str) -> None:
        if said.code not in status.CODES:
            hint = f"{meant(said.code, status.CODES)}; there are {', '.join(status.CODES)}"
            raise StubError(f"{where}.code", f"{said.code!r} is no code of google.rpc.Code{hint}")
        message = said.message or ""
        try:
            self.trailers = status.trailers(said.code, message, said.details, apis.message)
        except status.BadDetail as error:
            raise StubError(f"{where}.details[{error.index}]", error.reason) from None
        body: dict[str, Any] = {"code": status.CODES[said.code], "message": message}
        if said.details:
            body["details"] = said.details
        self.http = status.to_http(said.code)
        self.body = orjson.dumps(body)
