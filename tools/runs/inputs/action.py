"""Actions that ran, or that a disk or remote cache answered: the spawns of a compact execution log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Literal

from tools.runs.inputs.frames import LogError, frames
from tools.runs.inputs.graph import Graph
from tools.runs.inputs.manifest import Manifest

if TYPE_CHECKING:
    from bazel.log.spawn_pb2 import ExecLogEntry

__all__ = ["Action", "LogError", "actions"]

Cache = Literal["", "disk", "remote"]
# The program that Bazel starts every test by.
_SETUP = frozenset({"test-setup.sh", "tw.exe"})
_CONFIGURATION = re.compile(r"^bazel-out/([^/]+)/")


@dataclass(frozen=True)
class Action:
    """One process of a build.

    Attributes:
        label: whose it is, in Bazel's words: `//pkg:name`, `@@repo//pkg:name`.
        outputs: paths of what it makes, made or not, in Bazel's order.
        digest: Bazel's own digest of the action, where a cache was on; else empty.
        runner: "linux-sandbox", "remote", "disk cache hit" …
        cache: which cache answered, "" when it ran.
        started, seconds: since 1970, and wall time; 0 where the log says none.
    """

    label: str
    mnemonic: str
    arguments: tuple[str, ...]
    environment: dict[str, str]
    platform: dict[str, str]
    outputs: tuple[str, ...]
    digest: str
    runner: str
    cache: Cache
    exit_code: int
    status: str
    started: float
    seconds: float
    _graph: Graph
    _inputs: int

    @cached_property
    def manifest(self) -> Manifest:
        files = self._graph.files(self._inputs)
        return Manifest(self.arguments, self.environment, self.platform, files, self._graph.folders)

    @property
    def configuration(self) -> str:
        """`k8-fastbuild` and the like: what stands below bazel-out; empty when it makes nothing there."""
        for path in self.outputs:
            if found := _CONFIGURATION.match(path):
                return found[1]
        return ""

    @property
    def test(self) -> bool:
        """Whether it runs a test."""
        return self.mnemonic == "TestRunner" and PurePath((*self.arguments, "")[0]).name in _SETUP

    @property
    def aside(self) -> bool:
        """Whether it only writes down what a test did; that test's own process is another action."""
        return self.mnemonic == "TestRunner" and not self.test

    @property
    def shard(self) -> int:
        """From 0."""
        return _number(self.environment.get("TEST_SHARD_INDEX"), 0)

    @property
    def run(self) -> int:
        """Of --runs_per_test, from 1."""
        return _number(self.environment.get("TEST_RUN_NUMBER"), 1)

    @property
    def name(self) -> str:
        """Who it is over all runs: kind and first output; for tries of a test label, configuration and shard."""
        if self.test:
            return f"{self.mnemonic} {self.label} {self.configuration} shard {self.shard}"
        return f"{self.mnemonic} {self.outputs[0] if self.outputs else self.label}"


def actions(path: Path) -> Iterator[Action]:
    """Every spawn of the log, in the order in which they ended.

    Raises LogError where the log is cut off, damaged or something else, after all that stood before; OSError when it
    can't be read.
    """
    from bazel.log.spawn_pb2 import ExecLogEntry
    from google.protobuf.message import DecodeError

    graph = Graph()
    for number, frame in enumerate(frames(path), 1):
        try:
            entry = ExecLogEntry.FromString(frame)
        except DecodeError:
            raise LogError(f"{path}: entry {number} is no entry of an execution log") from None
        if number == 1 and entry.WhichOneof("type") != "invocation":
            raise LogError(f"{path}: no compact execution log: it does not begin with an invocation")
        if entry.HasField("spawn"):
            yield _action(entry.spawn, graph)
        else:
            graph.add(entry)


def _action(spawn: ExecLogEntry.Spawn, graph: Graph) -> Action:
    runner = spawn.runner
    cache: Cache = ""
    if spawn.cache_hit:
        cache = "disk" if runner.startswith("disk") else "remote"
    took, began = spawn.metrics.total_time, spawn.metrics.start_time
    return Action(
        label=spawn.target_label,
        mnemonic=spawn.mnemonic,
        arguments=tuple(spawn.args),
        environment={variable.name: variable.value for variable in spawn.env_vars},
        platform={pair.name: pair.value for pair in spawn.platform.properties},
        outputs=tuple(output.invalid_output_path or graph.path(output.output_id) for output in spawn.outputs),
        digest=spawn.digest.hash,
        runner=runner,
        cache=cache,
        exit_code=spawn.exit_code,
        status=spawn.status,
        started=began.seconds + began.nanos / 1e9,
        seconds=took.seconds + took.nanos / 1e9,
        _graph=graph,
        _inputs=spawn.input_set_id,
    )


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default
