"""Build events as the lines that `--build_event_json_file` writes.

One ProtoJSON object a line, zero values left out, 64-bit numbers as strings; ids are a tagged union; unknown ids are
normal and are passed over.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

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

Json = dict[str, Any]
LONG = 60  # of a broken line, so much is shown
# orjson takes no lone surrogates; Bazel writes bytes that are no UTF-8 in names of files that way.
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


def parse(line: str | bytes) -> Event | None:
    """The event of one line, None for those that nobody here needs.

    Raises ValueError when the line is no build event (a build that was killed leaves half a line).
    """
    try:
        event = _load(line)
        ident = event.get("id") or {}
        if "aborted" in event:
            return _problem(ident, event["aborted"])
        for kind, key in ident.items():
            if (known := READERS.get(kind)) is not None:
                payload = event.get(known[0])
                return known[1](key, payload) if payload is not None else None
    except (AttributeError, KeyError, LookupError, OverflowError, TypeError, ValueError) as error:
        raise ValueError(f"no build event ({_why(error)}): {_short(line)}") from None
    return None


def read(lines: Iterable[str | bytes], where: str = "") -> Iterator[Event]:
    """Every known event of a stream of lines.

    Broken lines are passed over; the first of them gives a Notice with its place, `where` and the number of the line.
    """
    quiet = False
    for number, line in enumerate(lines, 1):
        try:
            event = parse(line) if line.strip() else None
        except ValueError as error:
            if not quiet:
                yield Notice(f"{where}:{number}" if where else f"line {number}", f"{error}; broken lines are left out")
            quiet = True
            continue
        if event is not None:
            yield event


def _load(line: str | bytes) -> Json:
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError:
        raw = line.encode(errors="replace") if isinstance(line, str) else line
        event = orjson.loads(SURROGATE.sub(rb"\\ufffd", raw))
    if not isinstance(event, dict):
        raise TypeError("not a JSON object")
    return event


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, TypeError | orjson.JSONDecodeError) else "a field has the wrong type"


def _short(line: str | bytes) -> str:
    text = line.decode(errors="replace") if isinstance(line, bytes) else line
    text = text.strip()
    return repr(text if len(text) <= LONG else text[:LONG] + "…")


def _text(message: Json, name: str) -> str:
    text = message.get(name, "")
    if type(text) is not str:
        raise TypeError(f"{name}: a string is wanted")
    return text


def _texts(message: Json, name: str) -> tuple[str, ...]:
    texts = message.get(name)
    return tuple(map(str, texts)) if texts else ()


def _time(message: Json, name: str, millis: str) -> float:
    if name in message:
        return datetime.fromisoformat(message[name]).timestamp()
    return int(message.get(millis, 0)) / 1000


def _seconds(message: Json, name: str, millis: str = "", unit: float = 1000) -> float:
    if name in message:
        return float(message[name].removesuffix("s"))
    return int(message.get(millis, 0)) / unit


def _configuration_id(key: Json) -> str:
    return _text(key["configuration"], "id") if "configuration" in key else ""


def _file(file: Json) -> File:
    contents = file.get("contents")
    return File(
        _text(file, "name"),
        file.get("uri", ""),
        b64decode(contents, validate=True) if contents else b"",
        file.get("digest", ""),
        int(file.get("length", 0)),
    )


def _files(message: Json, name: str) -> tuple[File, ...]:
    files = message.get(name)
    return tuple(map(_file, files)) if files else ()


def _started(key: Json, payload: Json) -> Started:
    return Started(
        _text(payload, "uuid"),
        _time(payload, "startTime", "startTimeMillis"),
        _text(payload, "command"),
        _text(payload, "workspaceDirectory"),
        _text(payload, "buildToolVersion"),
    )


def _options(key: Json, payload: Json) -> Options:
    return Options(_texts(payload, "explicitCmdLine"), _texts(payload, "cmdLine"))


def _metadata(key: Json, payload: Json) -> Metadata:
    return Metadata({str(name): str(value) for name, value in payload.get("metadata", {}).items()})


def _status(key: Json, payload: Json) -> Metadata:
    return Metadata({item["key"]: _text(item, "value") for item in payload.get("item", [])})


def _configuration(key: Json, payload: Json) -> Configuration:
    return Configuration(
        _text(key, "id"),
        _text(payload, "mnemonic"),
        _text(payload, "platformName"),
        _text(payload, "cpu"),
        bool(payload.get("isTool")),
    )


def _configured(key: Json, payload: Json) -> Configured | None:
    if "aspect" in key:
        return None
    size = _text(payload, "testSize")
    return Configured(_text(key, "label"), _text(payload, "targetKind"), size, _texts(payload, "tag"))


def _completed(key: Json, payload: Json) -> Completed | None:
    if "aspect" in key:
        return None
    return Completed(
        _text(key, "label"),
        bool(payload.get("success")),
        _configuration_id(key),
        _texts(payload, "tag"),
        _seconds(payload, "testTimeout", "testTimeoutSeconds", 1),
        _text(payload.get("failureDetail", {}), "message"),
    )


def _test_result(key: Json, result: Json) -> TestResult:
    execution = result.get("executionInfo") or {}
    return TestResult(
        _text(key, "label"),
        int(key.get("run", 1)),
        int(key.get("shard", 1)),
        int(key.get("attempt", 1)),
        _text(result, "status") or "NO_STATUS",
        _time(result, "testAttemptStart", "testAttemptStartMillisEpoch"),
        _seconds(result, "testAttemptDuration", "testAttemptDurationMillis"),
        bool(result.get("cachedLocally")),
        bool(execution.get("cachedRemotely")),
        _text(execution, "strategy"),
        _text(execution, "hostname"),
        int(execution.get("exitCode", 0)),
        _text(result, "statusDetails"),
        _texts(result, "warning"),
        _files(result, "testActionOutput"),
        _configuration_id(key),
    )


def _test_progress(key: Json, payload: Json) -> TestProgress:
    run, shard, attempt = (int(key.get(name, 1)) for name in ("run", "shard", "attempt"))
    return TestProgress(_text(key, "label"), run, shard, attempt, _text(payload, "uri"))


def _test_summary(key: Json, payload: Json) -> TestSummary:
    return TestSummary(
        _text(key, "label"),
        _text(payload, "overallStatus") or "NO_STATUS",
        int(payload.get("runCount", 0)),
        int(payload.get("shardCount", 0)),
        int(payload.get("attemptCount", 0)),
        int(payload.get("totalNumCached", 0)),
        _time(payload, "firstStartTime", "firstStartTimeMillis"),
        _time(payload, "lastStopTime", "lastStopTimeMillis"),
        _seconds(payload, "totalRunDuration", "totalRunDurationMillis"),
        _files(payload, "passed"),
        _files(payload, "failed"),
        _configuration_id(key),
    )


def _target_summary(key: Json, payload: Json) -> TargetSummary:
    status = _text(payload, "overallTestStatus") or "NO_STATUS"
    return TargetSummary(_text(key, "label"), bool(payload.get("overallBuildSuccess")), status)


def _action(key: Json, payload: Json) -> ActionFailed | None:
    if payload.get("success"):
        return None
    return ActionFailed(
        _text(payload, "label") or _text(key, "label"),
        _text(payload, "type"),
        int(payload.get("exitCode", 0)),
        _file(payload["stdout"]) if "stdout" in payload else None,
        _file(payload["stderr"]) if "stderr" in payload else None,
        _text(key, "primaryOutput"),
        _configuration_id(key),
    )


def _progress(key: Json, payload: Json) -> Progress | None:
    text = _text(payload, "stderr") + _text(payload, "stdout")
    return Progress(text) if text else None


def _problem(ident: Json, aborted: Json) -> Problem:
    label = ""
    for key in ident.values():
        if isinstance(key, dict):
            label = _text(key, "label") or " ".join(_texts(key, "pattern"))
    reason = _text(aborted, "reason") or "UNKNOWN"
    return Problem(label, _text(aborted, "description") or reason, reason)


def _metrics(key: Json, payload: Json) -> Metrics:
    actions, timing = payload.get("actionSummary", {}), payload.get("timingMetrics", {})
    cache = actions.get("actionCacheStatistics", {})
    wall, cpu, analysis, execution = (
        int(timing.get(name, 0)) / 1000
        for name in ("wallTimeInMs", "cpuTimeInMs", "analysisPhaseTimeInMs", "executionPhaseTimeInMs")
    )
    return Metrics(
        int(actions.get("actionsExecuted", 0)),
        int(actions.get("actionsCreated", 0)),
        {_text(runner, "name"): int(runner.get("count", 0)) for runner in actions.get("runnerCount", [])},
        int(cache.get("hits", 0)),
        int(cache.get("misses", 0)),
        wall,
        cpu,
        analysis,
        execution,
    )


def _logs(key: Json, payload: Json) -> Logs:
    return Logs(_files(payload, "log"))


def _finished(key: Json, payload: Json) -> Finished:
    exit_code = payload.get("exitCode", {})
    time = _time(payload, "finishTime", "finishTimeMillis")
    return Finished(int(exit_code.get("code", 0)), _text(exit_code, "name"), time)


# The kind of the id → the name of the payload, and what makes an event of both.
READERS: Mapping[str, tuple[str, Callable[[Json, Json], Event | None]]] = {
    "actionCompleted": ("action", _action),
    "buildFinished": ("finished", _finished),
    "buildMetadata": ("buildMetadata", _metadata),
    "buildMetrics": ("buildMetrics", _metrics),
    "buildToolLogs": ("buildToolLogs", _logs),
    "configuration": ("configuration", _configuration),
    "optionsParsed": ("optionsParsed", _options),
    "progress": ("progress", _progress),
    "started": ("started", _started),
    "targetCompleted": ("completed", _completed),
    "targetConfigured": ("configured", _configured),
    "targetSummary": ("targetSummary", _target_summary),
    "testProgress": ("testProgress", _test_progress),
    "testResult": ("testResult", _test_result),
    "testSummary": ("testSummary", _test_summary),
    "workspaceStatus": ("workspaceStatus", _status),
}
