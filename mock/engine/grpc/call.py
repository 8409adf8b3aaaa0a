"""One call over gRPC, as the engine handles it: its messages in, its answer out."""

from __future__ import annotations

import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from mock.engine.answer import Answer, Pairs
from mock.engine.backend import Refusal
from mock.engine.clock import Clock
from mock.engine.grpc import deadline, framing, metadata, status
from mock.engine.request import Request

_KIND: Pairs = (*status.KIND, (b"grpc-accept-encoding", b"identity,deflate,gzip"))
_PACKED = {
    encoding: (*_KIND, (b"grpc-encoding", encoding.encode()))
    for encoding in framing.ENCODINGS
    if encoding != "identity"
}


class GrpcCall:
    """What gRPC says of a call in its headers. Making one raises Refusal; `refused` answers it.

        try:
            call = GrpcCall(request, session.clock)
            request.body = call.message()              # unary, body complete
            request.body = await call.one_message()    # unary, body still coming
            messages = call.messages()                 # client streaming
            return call.unary(payload) | call.stream(payloads) | await call.within(awaitable of an answer)
        except Refusal as refusal:
            return refused(refusal)

    `until`: the deadline on the session's clock, None for none.
    """

    __slots__ = ("_clock", "_encoding", "_replies", "_request", "until")

    def __init__(self, request: Request, clock: Clock) -> None:
        self._request = request
        self._clock = clock
        self._encoding = "identity"
        self._replies = "identity"
        timeout = None
        for name, value in request.headers:
            if name == b"grpc-timeout":
                timeout = deadline.seconds(value)
            elif name == b"grpc-encoding":
                self._encoding = value.decode("latin-1")
            elif name == b"content-type" and value not in _PROTO:
                _check_kind(value)
        if self._encoding != "identity":
            if self._encoding not in framing.ENCODINGS:
                known = ", ".join(framing.ENCODINGS)
                raise Refusal(501, message=f"grpc-encoding {self._encoding!r} is not known here; there are {known}")
            accepted = (request.header(b"grpc-accept-encoding") or b"").decode("latin-1").replace(" ", "").split(",")
            if self._encoding in accepted:
                self._replies = self._encoding
        self.until = None if timeout is None else clock.now() + timeout

    # Requests

    def message(self) -> bytes:
        """The one message of a body that is complete. Raises Refusal."""
        body = self._request.body
        # What nearly all calls are: one frame, which is not compressed.
        if body[:1] == b"\0" and len(body) == 5 + int.from_bytes(body[1:5], "big") <= framing.LARGEST:
            return body[5:]
        return framing.one(framing.messages(body, self._encoding))

    async def one_message(self) -> bytes:
        """The one message of a body, complete or not. Raises Refusal."""
        if self._request.incoming is None:
            return self.message()
        return framing.one([message async for message in self.messages()])

    async def messages(self) -> AsyncIterator[bytes]:
        """The messages as they come. Raises Refusal."""
        request = self._request
        if request.incoming is None:
            for message in framing.messages(request.body, self._encoding):
                yield message
            return
        async for message in framing.incoming_messages(request.incoming, self._encoding):
            yield message

    # Answers

    def unary(self, payload: bytes, headers: Mapping[str, metadata.Value] | None = None) -> Answer:
        return Answer(200, self._headers(headers), framing.frame(payload, self._replies), trailers=_ok)

    def stream(self, payloads: AsyncIterator[bytes], headers: Mapping[str, metadata.Value] | None = None) -> Answer:
        """A message per payload. A Refusal out of `payloads`, and the deadline, end the stream with their status."""
        ended = [status.OK]

        async def chunks() -> AsyncIterator[bytes]:
            source = payloads if self.until is None else deadline.each_within(payloads, self._clock, self.until)
            try:
                async for payload in source:
                    yield framing.frame(payload, self._replies)
            except Refusal as refusal:
                ended[0] = status.of(refusal)
            except Exception as error:
                # A defect of ours or of a backend, told as that of a unary call is.
                sys.stderr.write(f"samewire mock: {self._request.target} failed\n{traceback.format_exc()}")
                ended[0] = status.of(Refusal(500, message=f"the mock itself failed: {error!r}"))
            finally:
                close = getattr(source, "aclose", None)
                if close is not None:
                    await close()

        return Answer(200, self._headers(headers), chunks=chunks(), trailers=lambda: ended[0])

    async def within(self, waiting: Awaitable[Answer]) -> Answer:
        """The answer, or DEADLINE_EXCEEDED if it is not there in time."""
        if self.until is None:
            return await waiting
        try:
            return await deadline.within(waiting, self._clock, self.until)
        except Refusal as refusal:
            return refused(refusal)

    def _headers(self, own: Mapping[str, metadata.Value] | None) -> Pairs:
        kind = _PACKED.get(self._replies, _KIND)
        return (*kind, *metadata.write(own)) if own else kind


def refused(refusal: Refusal) -> Answer:
    """An answer without a message. Headers of the refusal are trailing metadata."""
    trailers = status.of(refusal)
    return Answer(200, (*_KIND, *metadata.write(refusal.headers), *trailers))


_PROTO = (b"application/grpc", b"application/grpc+proto")
_ok: Callable[[], Pairs] = lambda: status.OK  # noqa: E731


def _check_kind(value: bytes) -> None:
    kind = value.partition(b";")[0].strip().lower()
    if kind not in _PROTO:
        said = value.decode("latin-1")
        raise Refusal(501, message=f"content-type {said!r}: messages are protobuf here, application/grpc+proto")
