"""What an API does: one backend per API and session. A method of the definitions is a method here, by its `py_name`.

    class ShopBackend(Backend):
        def get_order(self, request: GetOrderRequest, call: Call) -> Order: ...
        async def watch(self, request: WatchRequest, call: Call) -> AsyncIterator[Event]: ...   # server streaming
        def upload(self, requests: AsyncIterator[Part], call: Call) -> Awaitable[Summary]: ...  # client streaming

It gets generated models and gives generated models (or, for messages that are no class in Python, their value); it
knows nothing of HTTP, JSON and gRPC but what it raises: `Refusal`. A method that has to wait is `async`; everything
runs on one thread, so state needs no locks, but may change across an `await`. Methods that are missing answer 501.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from mock.engine.answer import JSON, TEXT, Answer, Pairs

if TYPE_CHECKING:
    from samewire_wire import MessageSpec, WireError

    from mock.engine.api import Method
    from mock.engine.clock import Clock
    from mock.engine.request import Request


class Refusal(Exception):
    """An answer that is an error. `body`: a model, JSON data, bytes or text. gRPC gets the code that `status` maps to,
    or `grpc` ("NOT_FOUND"), and `message`."""

    def __init__(
        self,
        status: int,
        body: Any = b"",
        headers: Mapping[str, str] | None = None,
        *,
        message: str = "",
        grpc: str | None = None,
    ) -> None:
        super().__init__(message or str(body))
        self.status = status
        self.body = body
        self.headers = dict(headers or {})
        self.message = message or (body if isinstance(body, str) else "")
        self.grpc = grpc


@dataclass(slots=True)
class Call:
    """One call of a method. `dialect`: the one that the request was read in and the answer is written in.

    `status`, `headers`: what the backend wants of the answer beyond the message (HTTP; over gRPC headers are metadata).
    `streamed`: whether the client asked for a stream (`stream_field` of the method); a streaming method of HTTP that is
    asked not to stream gives one message, and is given that chance by looking here.
    `accepts_binary`: the client takes application/x-protobuf. `json`: how JSON answers say what they are, unless
    `headers` do.
    """

    method: Method
    request: Request
    dialect: str
    streamed: bool = False
    accepts_binary: bool = False
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    json: Pairs = JSON


class Backend:
    """`clock` is the session's; `random` is seeded by the session and the API, so equal calls give equal answers."""

    # What `PATCH …/backends/{api}` takes: the spec of a message; None where there is nothing to set.
    settings: ClassVar[MessageSpec | None] = None
    # Methods (py_name) that read big bodies piece by piece from `call.request.incoming`; it is None for small ones.
    raw: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, clock: Clock, seed: int, session: str) -> None:
        self.clock = clock
        self.seed = seed
        self.session = session
        self.random = random.Random(seed)

    def configure(self, settings: Any) -> None:
        """`settings`: a value of `settings`, in which only what changes is set. Raises Refusal."""

    def dialect(self, request: Request) -> str | None:
        """Which generation of clients this is, told by headers; None: told by the body."""
        return None

    def admit(self, request: Request) -> None:
        """Called before the body is read, e.g. to check credentials. Raises Refusal."""

    def json_type(self, request: Request) -> Pairs:
        """How JSON answers to it say what they are."""
        return JSON

    def mended(self, request: Request, error: WireError) -> bytes | None:
        """Its body as the real server would understand it, where that takes more than the definitions say."""
        return None

    def unreadable(self, request: Request, error: WireError | str) -> Answer:
        """The body is not what the definitions say."""
        return Answer(422, JSON, _detail(str(error)))

    def no_route(self, request: Request, verbs: list[str]) -> Answer:
        """The path has no method; `verbs`: those that it has for other HTTP methods."""
        if verbs:
            allow: Pairs = (*TEXT, (b"allow", ", ".join(verbs).encode()))
            return Answer(405, allow, b"405 method not allowed")
        return Answer(404, TEXT, b"404 page not found")

    async def close(self) -> None:
        """The session is reset or deleted."""


def _detail(text: str) -> bytes:
    from orjson import dumps

    return dumps({"detail": text})
