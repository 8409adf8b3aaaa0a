"""Build events as `--build_event_binary_file` writes them: each a varint with its length, then so many bytes.

The logs of tools/runs/bes are such files too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from bazel import build_event_stream_pb2 as bep
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError
from google.protobuf.timestamp_pb2 import Timestamp

from tools.runs.events.event import (
    ActionFailed,
    Completed,
    Configuration,
    Configured,
    Event,
    File,
    Finished,
    Logs,
    Metadata,
    Metrics,
    Notice,
    Options,
    Problem,
    Progress,
    Started,
    TargetSummary,
    TestProgress,
    TestResult,
    TestSummary,
)

# Bazel's largest events are some 10 MiB, the service takes 64; a length beyond this is no length.
MOST = 256 << 20
VARINT = 5  # bytes that a length below 2**35 takes at most

STATUS = {value.number: value.name for value in bep.TestStatus.DESCRIPTOR.values}
SIZE = {value.number: value.name for value in bep.TestSize.DESCRIPTOR.values if value.number}
REASON = {value.number: value.name for value in bep.Aborted.AbortReason.DESCRIPTOR.values}


class Broken(ValueError):
    """The stream is no sequence of records. `offset`: the byte where the record begins that can't be read."""

    offset = 0


class Cut(Broken):
    """The stream ends within a record: what writes it is still at it, or was killed."""


def parse(data: bytes) -> Event | None:
    """The event of one record, None for those that nobody here needs. Raises ValueError when it is no build event."""
    try:
        event = bep.BuildEvent.FromString(data)
    except DecodeError:
        raise ValueError(f"no build event among {len(data):,} bytes") from None
    payload = event.WhichOneof("payload")
    if payload is None:
        return None
    return READERS[payload](event.id, getattr(event, payload))


def record(stream: BinaryIO) -> tuple[bytes, int] | None:
    """The record that comes next, and how many bytes it takes in the stream; None at the end. Raises Broken."""
    if not (head := stream.read(1)):
        return None
    size, length = head[0] & 0x7F, 1
    while head[0] > 0x7F:
        if length == VARINT:
            raise Broken("no length of a build event stands here")
        if not (head := stream.read(1)):
            raise Cut("ends within the length of a build event")
        size |= (head[0] & 0x7F) << 7 * length
        length += 1
    if size > MOST:
        raise Broken(f"a build event of {size:,} bytes is announced here, more than any has")
    data = stream.read(size)
    if len(data) < size:
        raise Cut(f"ends within a build event: {len(data):,} of {size:,} bytes are there")
    return data, length + size


def records(stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """The records of a stream, each with the byte where it begins. Raises Broken."""
    offset = 0
    try:
        while (found := record(stream)) is not None:
            yield found[0], offset
            offset += found[1]
    except Broken as broken:
        broken.offset = offset
        raise


def read(stream: BinaryIO, where: str = "") -> Iterator[Event]:
    """Every known event of a stream.

    What can't be read gives a Notice with its place: `where` and the byte. A record that is no event is passed over
    (the first one gives the Notice); where no record can be found, the stream ends.
    """
    quiet = False
    place = f"{where}: " if where else ""
    try:
        for data, offset in records(stream):
            try:
                event = parse(data)
            except ValueError as error:
                event = None if quiet else Notice(f"{place}byte {offset}", f"{error}; broken events are left out")
                quiet = True
            if event is not None:
                yield event
    except Broken as broken:
        yield Notice(f"{place}byte {broken.offset}", str(broken))


def varint(number: int) -> bytes:
    """A length as it stands before a record."""
    made = bytearray()
    while number > 0x7F:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    made.append(number)
    return bytes(made)


def _time(message: Any, name: str, millis: int) -> float:
    if message.HasField(name):
        time: Timestamp = getattr(message, name)
        return (time.seconds * 1_000_000 + time.nanos // 1000) / 1_000_000
    return millis / 1000


def _seconds(message: Any, name: str, old: float) -> float:
    if message.HasField(name):
        span: Duration = getattr(message, name)
        return (span.seconds * 1_000_000_000 + span.nanos) / 1_000_000_000
    return float(old)


def _file(file: bep.File) -> File:
    return File(file.name, file.uri, file.contents, file.digest, file.length)


def _started(key: bep.BuildEventId, payload: bep.BuildStarted) -> Started:
    time = _time(payload, "start_time", payload.start_time_millis)
    return Started(payload.uuid, time, payload.command, payload.workspace_directory, payload.build_tool_version)


def _options(key: bep.BuildEventId, payload: bep.OptionsParsed) -> Options:
    return Options(tuple(payload.explicit_cmd_line), tuple(payload.cmd_line))


def _metadata(key: bep.BuildEventId, payload: bep.BuildMetadata) -> Metadata:
    return Metadata(dict(payload.metadata))


def _status(key: bep.BuildEventId, payload: bep.WorkspaceStatus) -> Metadata:
    return Metadata({item.key: item.value for item in payload.item})


def _configuration(key: bep.BuildEventId, payload: bep.Configuration) -> Configuration:
    return Configuration(key.configuration.id, payload.mnemonic, payload.platform_name, payload.cpu, payload.is_tool)


def _configured(key: bep.BuildEventId, payload: bep.TargetConfigured) -> Configured | None:
    target = key.target_configured
    if target.aspect:
        return None
    return Configured(target.label, payload.target_kind, SIZE.get(payload.test_size, ""), tuple(payload.tag))


def _completed(key: bep.BuildEventId, payload: bep.TargetComplete) -> Completed | None:
    target = key.target_completed
    if target.aspect:
        return None
    return Completed(
        target.label,
        payload.success,
        target.configuration.id,
        tuple(payload.tag),
        _seconds(payload, "test_timeout", payload.test_timeout_seconds),
        payload.failure_detail.message,
    )


def _test_result(key: bep.BuildEventId, result: bep.TestResult) -> TestResult:
    test, execution = key.test_result, result.execution_info
    return TestResult(
        test.label,
        test.run or 1,
        test.shard or 1,
        test.attempt or 1,
        STATUS.get(result.status, "NO_STATUS"),
        _time(result, "test_attempt_start", result.test_attempt_start_millis_epoch),
        _seconds(result, "test_attempt_duration", result.test_attempt_duration_millis / 1000),
        result.cached_locally,
        execution.cached_remotely,
        execution.strategy,
        execution.hostname,
        execution.exit_code,
        result.status_details,
        tuple(result.warning),
        tuple(map(_file, result.test_action_output)),
        test.configuration.id,
    )


def _test_progress(key: bep.BuildEventId, payload: bep.TestProgress) -> TestProgress:
    test = key.test_progress
    return TestProgress(test.label, test.run or 1, test.shard or 1, test.attempt or 1, payload.uri)


def _test_summary(key: bep.BuildEventId, payload: bep.TestSummary) -> TestSummary:
    test = key.test_summary
    return TestSummary(
        test.label,
        STATUS.get(payload.overall_status, "NO_STATUS"),
        payload.run_count,
        payload.shard_count,
        payload.attempt_count,
        payload.total_num_cached,
        _time(payload, "first_start_time", payload.first_start_time_millis),
        _time(payload, "last_stop_time", payload.last_stop_time_millis),
        _seconds(payload, "total_run_duration", payload.total_run_duration_millis / 1000),
        tuple(map(_file, payload.passed)),
        tuple(map(_file, payload.failed)),
        test.configuration.id,
    )


def _target_summary(key: bep.BuildEventId, payload: bep.TargetSummary) -> TargetSummary:
    status = STATUS.get(payload.overall_test_status, "NO_STATUS")
    return TargetSummary(key.target_summary.label, payload.overall_build_success, status)


def _action(key: bep.BuildEventId, payload: bep.ActionExecuted) -> ActionFailed | None:
    if payload.success:
        return None
    action = key.action_completed
    return ActionFailed(
        payload.label or action.label,
        payload.type,
        payload.exit_code,
        _file(payload.stdout) if payload.HasField("stdout") else None,
        _file(payload.stderr) if payload.HasField("stderr") else None,
        action.primary_output,
        action.configuration.id,
    )


def _progress(key: bep.BuildEventId, payload: bep.Progress) -> Progress | None:
    text = payload.stderr + payload.stdout
    return Progress(text) if text else None


def _problem(key: bep.BuildEventId, payload: bep.Aborted) -> Problem:
    kind = key.WhichOneof("id")
    label = getattr(getattr(key, kind), "label", "") if kind else ""
    if kind in ("pattern", "pattern_skipped"):
        label = " ".join(getattr(key, kind).pattern)
    reason = REASON.get(payload.reason, "UNKNOWN")
    return Problem(label, payload.description or reason, reason)


def _metrics(key: bep.BuildEventId, payload: bep.BuildMetrics) -> Metrics:
    actions, timing = payload.action_summary, payload.timing_metrics
    return Metrics(
        actions.actions_executed,
        actions.actions_created,
        {runner.name: runner.count for runner in actions.runner_count},
        actions.action_cache_statistics.hits,
        actions.action_cache_statistics.misses,
        timing.wall_time_in_ms / 1000,
        timing.cpu_time_in_ms / 1000,
        timing.analysis_phase_time_in_ms / 1000,
        timing.execution_phase_time_in_ms / 1000,
    )


def _logs(key: bep.BuildEventId, payload: bep.BuildToolLogs) -> Logs:
    return Logs(tuple(map(_file, payload.log)))


def _finished(key: bep.BuildEventId, payload: bep.BuildFinished) -> Finished:
    time = _time(payload, "finish_time", payload.finish_time_millis)
    return Finished(payload.exit_code.code, payload.exit_code.name, time)


# The payload → what makes an event of it.
READERS: Mapping[str, Callable[[bep.BuildEventId, Any], Event | None]] = {
    "aborted": _problem,
    "action": _action,
    "build_metadata": _metadata,
    "build_metrics": _metrics,
    "build_tool_logs": _logs,
    "completed": _completed,
    "configuration": _configuration,
    "configured": _configured,
    "finished": _finished,
    "options_parsed": _options,
    "progress": _progress,
    "started": _started,
    "target_summary": _target_summary,
    "test_progress": _test_progress,
    "test_result": _test_result,
    "test_summary": _test_summary,
    "workspace_status": _status,
}
