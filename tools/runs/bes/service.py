"""google.devtools.build.v1.PublishBuildEvent over a store. Sources: orchestrator.md section 2.2, and Bazel's uploader.

What the client wants: one acknowledgement for each event, in the order in which it sent them, the finish event
included; after that, OK. Anything else is FAILED_PRECONDITION on its side, and the upload has failed for good. When a
call ends with another error it makes a new one, up to four times in a row, that begins with the first event that was
not acknowledged. So:

* An event that is there already is acknowledged again, and not stored again.
* An event that comes too early is never acknowledged: the call ends with UNAVAILABLE, and the client sends what is
  missing. When its next call begins with the same number, nobody has what is missing any more (a service that had it
  was wiped out): then the stream goes on there, and says so.
* Nothing that this side does wrong ends a call.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc
from bazel import publish_build_event_pb2 as pb
from google.protobuf.message import DecodeError

from tools.runs.bes.log import Log
from tools.runs.bes.store import Key, Store

SERVICE = "google.devtools.build.v1.PublishBuildEvent"
# Events of 64 MiB have to pass, in their envelope.
LARGEST = (64 << 20) + (1 << 20)
EVENT = "build_event_stream.BuildEvent"


class Refused(Exception):
    """The call ends with a status."""

    def __init__(self, code: grpc.StatusCode, text: str) -> None:
        super().__init__(text)
        self.code = code


class Service:
    """Takes the calls of one server."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def handlers(self) -> grpc.GenericRpcHandler:
        """For a server. Messages stay bytes: what can't be read is answered here."""
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                "PublishLifecycleEvent": grpc.unary_unary_rpc_method_handler(self.lifecycle),
                "PublishBuildToolEventStream": grpc.stream_stream_rpc_method_handler(self.stream),
            },
        )

    async def lifecycle(self, request: bytes, context: Any) -> bytes:
        """That a build begins or ends says nothing here that its events do not."""
        return b""

    async def stream(self, requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        call = Call(self._store)
        try:
            async for request in requests:
                try:
                    answer = call.take(request)
                except Refused as refused:
                    await context.abort(refused.code, str(refused))
                yield answer
        finally:
            call.end()


class Call:
    """One call: the events of one stream, in order."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._key: Key | None = None
        self._log: Log | None = None

    def take(self, data: bytes) -> bytes:
        """Stores an event; returns its acknowledgement. Raises Refused."""
        try:
            request = pb.PublishBuildToolEventStreamRequest.FromString(data)
        except DecodeError:
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, "no PublishBuildToolEventStreamRequest") from None
        ordered = request.ordered_build_event
        stream, number = ordered.stream_id, ordered.sequence_number
        key = Key(stream.build_id, stream.invocation_id, stream.component)
        if number < 1:
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, f"sequence_number: {number}; the first one is 1")
        log = self._begin(key, number) if self._log is None else self._log
        if key != self._key:
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, "stream_id: not that of the first event of this call")
        if number > log.next:
            raise Refused(grpc.StatusCode.UNAVAILABLE, f"event {log.next} is missing, {number} came")
        if number == log.next:
            log.refused = 0
            self._store_event(log, ordered.event)
        return pb.PublishBuildToolEventStreamResponse(stream_id=stream, sequence_number=number).SerializeToString()

    def end(self) -> None:
        """No more will come in this call."""
        if self._log is not None:
            self._log.calls -= 1

    def _begin(self, key: Key, number: int) -> Log:
        self._key, self._log = key, self._store.log(key)
        self._log.calls += 1
        if number > self._log.next:
            if self._log.refused != number:
                self._log.refused = number
            else:
                self._store.skip(key, number)
        return self._log

    @staticmethod
    def _store_event(log: Log, event: pb.BuildEvent) -> None:
        if event.WhichOneof("event") == "component_stream_finished":
            log.finish()
        elif event.bazel_event.TypeName() == EVENT:
            log.append(event.bazel_event.value)
        else:
            log.append(b"")
