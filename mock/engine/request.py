"""A request as a front (HTTP/1.1, HTTP/2) hands it to the engine: bytes and where they came from."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock.engine.api import Method

Headers = list[tuple[bytes, bytes]]
_UNREAD: Any = object()
_NO_JSON: Any = object()


@dataclass(slots=True)
class Connection:
    """`session`: the one that its port belongs to, None where the request says it. `id` counts from 1 over the
    server.
    """

    id: int
    peer: str = ""
    session: str | None = None
    secure: bool = False


class Request:
    """One request. Header names are lower case; `path` is as sent, percent-encoded, without query and session prefix.

    `body` is complete, but for calls that stream: those have `incoming`, pieces of the body as they come, and an empty
    `body`. `protocol` is "HTTP/1.1", "HTTP/2" or "gRPC". `received` is on the monotonic clock.
    """

    __slots__ = (
        "_json",
        "body",
        "connection",
        "fields",
        "headers",
        "incoming",
        "method",
        "path",
        "payload",
        "protocol",
        "query",
        "received",
        "rpc",
        "target",
    )

    def __init__(
        self,
        method: str,
        target: str,
        headers: Headers,
        body: bytes = b"",
        *,
        connection: Connection,
        protocol: str = "HTTP/1.1",
        incoming: AsyncIterator[bytes] | None = None,
    ) -> None:
        self.method = method
        self.target = target
        self.path, _, self.query = target.partition("?")
        self.headers = headers
        self.body = body
        self.incoming = incoming
        self.protocol = protocol
        self.connection = connection
        self.received = time.monotonic()
        # What the router found: the method of the definitions, and the values of the path's variables by field path.
        self.rpc: Method | None = None
        self.fields: dict[str, str] | None = None
        # Of a unary call over gRPC: the message, out of its frame.
        self.payload: bytes | None = None
        self._json: Any = _UNREAD

    def header(self, name: bytes) -> bytes | None:
        """The first of that name (lower case)."""
        for key, value in self.headers:
            if key == name:
                return value
        return None

    def all(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.headers if key == name]

    def json(self) -> Any:
        """The body as JSON values; of protobuf and gRPC what the message is in JSON. Raises ValueError where it is
        neither.
        """
        if self._json is _UNREAD:
            from mock.engine import reading

            try:
                self._json = reading.json_value(self)
            except ValueError:
                self._json = _NO_JSON
                raise
        if self._json is _NO_JSON:
            raise ValueError("the body is no JSON")
        return self._json

    def forget_json(self) -> None:
        """What was decoded is not kept."""
        self._json = _UNREAD

    def replace_json(self, value: Any) -> None:
        """For a call whose messages were read already."""
        self._json = value
