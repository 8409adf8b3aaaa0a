"""Sends build events as Bazel does (its BuildEventServiceUploader, read in the source of release 7).

It does not wait for an answer before it sends the next event; every event needs one, in order; what has none is sent
again in a new call. Only its waiting times are shorter: `delay` is 1.0 in Bazel.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import grpc
from bazel import build_event_stream_pb2 as bep
from bazel import publish_build_event_pb2 as pb

METHOD = "/google.devtools.build.v1.PublishBuildEvent/PublishBuildToolEventStream"
LIFECYCLE = "/google.devtools.build.v1.PublishBuildEvent/PublishLifecycleEvent"
RETRIES = 4  # in a row, without one answer
FOR_GOOD = (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION)
OPTIONS = [
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.use_local_subchannel_pool", 1),  # a connection of its own, that no other test has spoilt
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 50),
    ("grpc.enable_http_proxy", 0),
]


class Failed(Exception):
    """The upload has failed for good; a build that waits for it ends with 38."""


@dataclass(slots=True)
class Said:
    """What a server said in one call: numbers of the events it acknowledged, and the status."""

    acknowledged: list[int] = field(default_factory=list)
    code: grpc.StatusCode = grpc.StatusCode.OK
    text: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """Makes the messages of one stream."""

    invocation: str
    build: str = "the build"
    component: pb.StreamId.BuildComponent = pb.StreamId.TOOL

    def message(self, number: int, record: bytes | None) -> bytes:
        """An event as it is sent; None is the finish event."""
        made = pb.PublishBuildToolEventStreamRequest()
        ordered = made.ordered_build_event
        ordered.stream_id.build_id = self.build
        ordered.stream_id.invocation_id = self.invocation
        ordered.stream_id.component = self.component
        ordered.sequence_number = number
        if record is None:
            finish = pb.BuildEvent.BuildComponentStreamFinished
            ordered.event.component_stream_finished.type = finish.FINISHED
        else:
            ordered.event.bazel_event.type_url = f"type.googleapis.com/{bep.BuildEvent.DESCRIPTOR.full_name}"
            ordered.event.bazel_event.value = record
        return made.SerializeToString()

    def messages(self, records: Sequence[bytes], first: int = 1, finish: bool = True) -> Iterator[bytes]:
        """All of them, from the number `first` on."""
        for number, record in enumerate(records[first - 1 :], first):
            yield self.message(number, record)
        if finish:
            yield self.message(len(records) + 1, None)


def channel(address: str) -> grpc.Channel:
    return grpc.insecure_channel(address.removeprefix("grpc://"), options=OPTIONS)


def call(address: str, messages: Iterable[bytes], timeout: float = 30) -> Said:
    """One call with just these messages."""
    said = Said()
    with channel(address) as to:
        answers = to.stream_stream(METHOD)(iter(messages), timeout=timeout, wait_for_ready=True)
        try:
            for answer in answers:
                said.acknowledged.append(pb.PublishBuildToolEventStreamResponse.FromString(answer).sequence_number)
        except grpc.RpcError:
            pass
        said.code, said.text = answers.code(), answers.details()
    return said


class Uploader:
    """One upload. `acknowledged`: number of the last event that is safe; `calls`: how many were needed."""

    def __init__(self, address: str, stream: Stream, records: Sequence[bytes], delay: float = 0.1) -> None:
        self._address = address
        self._delay = delay
        self._unsafe = deque(enumerate(stream.messages(records), 1))
        self.acknowledged = 0
        self.calls = 0

    def run(self) -> None:
        """Until all is acknowledged. Raises Failed where Bazel's upload fails."""
        attempt = 0
        while self._unsafe:
            before = self.acknowledged
            code, text = self._call()
            if code is grpc.StatusCode.OK and self._unsafe:
                raise Failed(f"closed with OK, but {len(self._unsafe)} events are not acknowledged")
            if code is not grpc.StatusCode.OK:
                if not self._unsafe or code in FOR_GOOD:
                    raise Failed(f"{code.name}: {text}")
                if attempt == RETRIES:
                    raise Failed(f"all {RETRIES} retry attempts failed. {code.name}: {text}")
                time.sleep(self._delay * 1.6**attempt)
                attempt = 0 if self.acknowledged > before else attempt + 1

    def _call(self) -> tuple[grpc.StatusCode, str]:
        self.calls += 1
        with channel(self._address) as to:
            answers = to.stream_stream(METHOD)(iter([message for _, message in self._unsafe]))
            try:
                for answer in answers:
                    self._check(pb.PublishBuildToolEventStreamResponse.FromString(answer).sequence_number)
            except grpc.RpcError:
                pass
            return answers.code(), answers.details()

    def _check(self, number: int) -> None:
        if not self._unsafe:
            raise Failed(f"event {number} acknowledged when none was expected")
        expected = self._unsafe[0][0]
        if number != expected:
            raise Failed(f"event {expected} should be acknowledged, and {number} was")
        self._unsafe.popleft()
        self.acknowledged = number
