"""Bazel's build events, read from the JSON file that `--build_event_json_file` fills while a build runs.

Source: orchestrator.md section 2.1. One ProtoJSON object a line, zero values left out; ids are a tagged union; unknown
ids are normal and are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote, urlparse


@dataclass(frozen=True, slots=True)
class TestResult:
    """One attempt of one test action. `status` as Bazel names it (PASSED, FAILED, TIMEOUT, …); `duration` in seconds.

    `outputs`: the folder of the action's log, test.xml and test.outputs, None when Bazel named no local file.
    """

    __test__ = False  # not a pytest class

    label: str
    shard: int
    attempt: int
    status: str
    cached: bool
    duration: float
    outputs: Path | None


@dataclass(frozen=True, slots=True)
class Progress:
    """Console text of Bazel: its own words, in pieces."""

    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A target that could not be built or loaded, in Bazel's words."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The end. `code` is Bazel's: 0 good, 1 build failed, 3 tests failed, 4 no tests, 8 interrupted."""

    code: int
    name: str


Event: TypeAlias = TestResult | Progress | Problem | Finished


def parse(line: str) -> Event | None:
    """The event of one line, None for those that nobody here needs.

    Raises ValueError when the line is not a JSON object (a build that was killed leaves half a line).
    """
    event = json.loads(line)
    if not isinstance(event, dict):
        raise ValueError(f"build event: expected a JSON object, got {line[:60]!r}")
    ident = event.get("id", {})
    if "testResult" in ident and "testResult" in event:
        return _test_result(ident["testResult"], event["testResult"])
    if "progress" in ident and "progress" in event:
        return Progress(event["progress"].get("stderr", "") + event["progress"].get("stdout", ""))
    if "aborted" in event:
        label = next((part["label"] for part in ident.values() if isinstance(part, dict) and "label" in part), "")
        aborted = event["aborted"]
        return Problem(label, aborted.get("description") or aborted.get("reason", "aborted"))
    if "buildFinished" in ident and "finished" in event:
        exit_code = event["finished"].get("exitCode", {})
        return Finished(exit_code.get("code", 0), exit_code.get("name", ""))
    return None


def read(lines: Iterator[str]) -> Iterator[Event]:
    """Every known event of a stream of lines; a broken last line is passed over."""
    for line in lines:
        if not line.strip():
            continue
        try:
            event = parse(line)
        except ValueError:
            continue
        if event is not None:
            yield event


def _test_result(ident: dict[str, Any], result: dict[str, Any]) -> TestResult:
    execution = result.get("executionInfo", {})
    return TestResult(
        label=ident.get("label", ""),
        shard=ident.get("shard", 1),
        attempt=ident.get("attempt", 1),
        status=result.get("status", "NO_STATUS"),
        cached=bool(result.get("cachedLocally")) or bool(execution.get("cachedRemotely")),
        duration=float(str(result.get("testAttemptDuration", "0s")).rstrip("s") or 0),
        outputs=_folder(result.get("testActionOutput", [])),
    )


def _folder(outputs: list[dict[str, Any]]) -> Path | None:
    for output in outputs:
        url = urlparse(output.get("uri", ""))
        if output.get("name") in ("test.log", "test.xml") and url.scheme == "file":
            return Path(unquote(url.path)).parent
    return None
