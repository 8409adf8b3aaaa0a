"""What happens in a run, in neutral words: the same whether it came as JSON, as binary file or over gRPC.

Source: orchestrator.md section 2.1. Times are seconds since 1970 in UTC, 0.0 where unknown; durations are seconds.
Runs, shards and attempts count from 1, as Bazel counts them. Only the standard library is needed to read this file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

CRITICAL_PATH = re.compile(r"Critical Path: ([\d.]+)s")


@dataclass(frozen=True, slots=True)
class File:
    """A file that an event names. `uri`: file://, bytestream:// …, empty where `contents` hold it."""

    name: str
    uri: str = ""
    contents: bytes = b""
    digest: str = ""
    length: int = 0

    @property
    def path(self) -> Path | None:
        """Where it lies on this machine; None where it is elsewhere, or nowhere."""
        if not self.uri.startswith("file:"):
            return None
        path = unquote(urlsplit(self.uri).path)
        return None if "\0" in path else Path(path)

    @property
    def text(self) -> str:
        """What `contents` say."""
        return self.contents.decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Started:
    """`id`: the invocation's; `command`: "test"; `workspace`: its folder; `bazel`: its version, if it knows."""

    id: str
    time: float = 0.0
    command: str = ""
    workspace: str = ""
    bazel: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """The options that stood on the command line; `all` has those of rc files too."""

    explicit: tuple[str, ...]
    all: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metadata:
    """--build_metadata and what the workspace status command says (BUILD_HOST, BUILD_USER …); comes more than once."""

    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Configuration:
    """What other events mean by a configuration's id. `tool`: for tools that run in the build."""

    id: str
    mnemonic: str = ""
    platform: str = ""
    cpu: str = ""
    tool: bool = False


@dataclass(frozen=True, slots=True)
class Configured:
    """A target was analysed. `kind`: "py_test rule"; `size`: SMALL …, empty for what is no test."""

    label: str
    kind: str = ""
    size: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Completed:
    """A target was built, or could not be. `tags` with those that Bazel adds; `timeout` of a test, 0.0 for others."""

    label: str
    success: bool
    configuration: str = ""
    tags: tuple[str, ...] = ()
    timeout: float = 0.0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class TestResult:
    """One attempt of one test action.

    Attributes:
        status: as Bazel names it: PASSED, FLAKY, TIMEOUT, FAILED, INCOMPLETE, REMOTE_FAILURE, FAILED_TO_BUILD,
            TOOL_HALTED_BEFORE_TESTING or NO_STATUS. `details`: more words on it, mostly empty.
        started, duration: of the attempt; for a cached result those of the run that was executed.
        strategy: what ran it: "linux-sandbox", "remote" …; empty for a cached result. `host`: where, if it was said.
        exit_code: the program's; Bazel leaves it 0 for most local runs.
        files: "test.log", "test.xml" and "test.outputs__…", those that there are.
        configuration: id.
    """

    __test__ = False  # not a pytest class

    label: str
    run: int = 1
    shard: int = 1
    attempt: int = 1
    status: str = "NO_STATUS"
    started: float = 0.0
    duration: float = 0.0
    cached_locally: bool = False
    cached_remotely: bool = False
    strategy: str = ""
    host: str = ""
    exit_code: int = 0
    details: str = ""
    warnings: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    configuration: str = ""

    @property
    def cached(self) -> bool:
        """Whether nothing was executed."""
        return self.cached_locally or self.cached_remotely

    def file(self, name: str) -> File | None:
        """The file of that name, e.g. "test.xml"."""
        return next((file for file in self.files if file.name == name), None)

    @property
    def outputs(self) -> Path | None:
        """The folder of test.log, test.xml and test.outputs; None when Bazel named no local file.

        An attempt that was tried again has its log and XML elsewhere, and no outputs of its own.
        """
        for file in self.files:
            if file.name in ("test.log", "test.xml") and (path := file.path) is not None:
                return path.parent
        return None


@dataclass(frozen=True, slots=True)
class TestProgress:
    """Where to look at a test that runs."""

    __test__ = False

    label: str
    run: int = 1
    shard: int = 1
    attempt: int = 1
    uri: str = ""


@dataclass(frozen=True, slots=True)
class TestSummary:
    """All runs, shards and attempts of one test; `seconds` is the sum of all of them, `cached` how many were."""

    __test__ = False

    label: str
    status: str = "NO_STATUS"
    runs: int = 0
    shards: int = 0
    attempts: int = 0
    cached: int = 0
    started: float = 0.0
    ended: float = 0.0
    seconds: float = 0.0
    passed: tuple[File, ...] = ()
    failed: tuple[File, ...] = ()
    configuration: str = ""


@dataclass(frozen=True, slots=True)
class TargetSummary:
    """A target at the end: whether it was built, and how its test did."""

    label: str
    success: bool = False
    status: str = "NO_STATUS"


@dataclass(frozen=True, slots=True)
class ActionFailed:
    """An action of a build that failed. `stdout`, `stderr`: what it printed, None where it printed nothing."""

    label: str
    mnemonic: str = ""
    exit_code: int = 0
    stdout: File | None = None
    stderr: File | None = None
    output: str = ""
    configuration: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """Console text of Bazel: its own words, in pieces."""

    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something announced that will not come, in Bazel's words.

    `reason`: LOADING_FAILURE, ANALYSIS_FAILURE, NO_BUILD, SKIPPED, INCOMPLETE, USER_INTERRUPTED, OUT_OF_MEMORY …
    """

    label: str
    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Counters of the whole run.

    Attributes:
        actions: executed, of those `created`.
        runners: how many actions each strategy ran, e.g. "linux-sandbox", "remote cache hit", "internal", "total".
        hits, misses: of the local action cache.
        wall, cpu, analysis, execution: durations.
    """

    actions: int = 0
    created: int = 0
    runners: Mapping[str, int] = field(default_factory=dict)
    hits: int = 0
    misses: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    analysis: float = 0.0
    execution: float = 0.0


@dataclass(frozen=True, slots=True)
class Logs:
    """What Bazel tells of itself at the end: "elapsed time", "critical path", "process stats", "command.profile.gz"."""

    files: tuple[File, ...]

    def file(self, name: str) -> File | None:
        return next((file for file in self.files if file.name == name), None)

    @property
    def critical_path(self) -> float | None:
        """Length of the critical path."""
        said = self.file("critical path")
        found = CRITICAL_PATH.match(said.text) if said is not None else None
        return float(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class Finished:
    """The end. `code` is Bazel's: 0 good, 1 build failed, 3 tests failed, 4 no tests, 8 interrupted.

    Logs and metrics come after it.
    """

    code: int
    name: str
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class Notice:
    """What the reader of events has to say itself: a file that ends too early, garbage, events that were lost.

    `where`: file with line or byte; empty where there is none.
    """

    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if self.where else self.text


Event: TypeAlias = (
    Started
    | Options
    | Metadata
    | Configuration
    | Configured
    | Completed
    | TestResult
    | TestProgress
    | TestSummary
    | TargetSummary
    | ActionFailed
    | Progress
    | Problem
    | Metrics
    | Logs
    | Finished
    | Notice
)
