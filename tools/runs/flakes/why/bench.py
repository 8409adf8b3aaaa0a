"""Runs one test target again and again under Bazel, each time under the same changed conditions."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.runs.bazel import Bazel
from tools.runs.events import Problem, TestResult
from tools.runs.flakes.beta import Beta

# As every day: Bazel sets these only because the test runs more than once.
AS_EVER = "unset TEST_RANDOM_SEED TEST_RUN_NUMBER TEST_TOTAL_RUNS"
_READY = "samewire-ready"
_GREEN = {"PASSED", "FLAKY"}
_RED = {"FAILED", "TIMEOUT", "INCOMPLETE", "REMOTE_FAILURE"}
# Jeffreys' prior: nothing is known before.
_NOTHING_KNOWN = 0.5


class CouldNotRun(RuntimeError):
    """Bazel did not come to run the test; the text says why."""


@dataclass(frozen=True, slots=True)
class Arm:
    """Conditions of some runs.

    Attributes:
        name: in words.
        shell: lines for the POSIX shell, run before the test in its sandbox; TEST_RUN_NUMBER is there to be used.
        after: lines for after the test; where there are some the test is not exec'ed.
        proof: a command that succeeds, in the sandbox, where the conditions are what they should be; empty: always.
        filter: for --test_filter.
        flags: for Bazel.
    """

    name: str
    shell: str = AS_EVER
    after: str = ""
    proof: str = ""
    filter: str = ""
    flags: tuple[str, ...] = ()

    @property
    def run_under(self) -> str:
        """For --run_under, which Bazel splits as a shell does."""
        test = f'"$@"; samewire=$?; {self.after}; exit $samewire' if self.after else 'exec "$@"'
        proof = f'{self.proof or ":"} && : > "$TEST_UNDECLARED_OUTPUTS_DIR/{_READY}"'
        return f"/bin/sh -c {shlex.quote(f'{self.shell}; {proof}; {test}')} samewire"


@dataclass
class Seen:
    """What came of the runs of an arm, by run number from 1.

    Attributes:
        red: whether the case that is asked about was red.
        cases: node ids in the order in which they ran, where the target tells.
        red_cases: those of them that were red.
        ports: that the runs listened on, where somebody watched.
        ready: runs whose conditions were what they should be.
        strategy: what Bazel ran them by.
        log: of the first red run.
    """

    arm: Arm
    red: dict[int, bool] = field(default_factory=dict)
    cases: dict[int, list[str]] = field(default_factory=dict)
    red_cases: dict[int, list[str]] = field(default_factory=dict)
    ports: dict[int, set[int]] = field(default_factory=dict)
    ready: set[int] = field(default_factory=set)
    strategy: str = ""
    log: str = ""

    @property
    def runs(self) -> int:
        return len(self.red)

    @property
    def reds(self) -> int:
        return sum(self.red.values())

    @property
    def rate(self) -> Beta:
        """What is known of how often it is red under these conditions."""
        return Beta(_NOTHING_KNOWN + self.reds, _NOTHING_KNOWN + self.runs - self.reds)

    def __str__(self) -> str:
        return f"{self.reds} of {self.runs}"


class Bench:
    """One target, and one of its cases.

    Attributes:
        label: the target.
        node: pytest's node id of the case; empty for whatever in the target is red.
        total: runs so far.
    """

    def __init__(
        self,
        workspace: Path,
        label: str,
        node: str = "",
        flags: Sequence[str] = (),
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._workspace = workspace
        self._flags = list(flags)
        self._say = say
        self.label = label
        self.node = node
        self.total = 0

    def run(self, arm: Arm, runs: int) -> Seen:
        """Runs the target; all of its cases in one process each time, nothing from a cache, nothing tried again.

        Raises CouldNotRun when it was not built, is no test, or Bazel was stopped.
        """
        self._say(f"{arm.name}: {runs} runs")
        command = [
            f"--runs_per_test={runs}",
            "--nocache_test_results",
            "--flaky_test_attempts=1",
            "--test_sharding_strategy=disabled",
            "--test_tag_filters=",
            "--test_output=summary",
            "--keep_going",
            f"--run_under={arm.run_under}",
            *([f"--test_filter={arm.filter}"] if arm.filter else []),
            *arm.flags,
            *self._flags,
            self.label,
        ]
        bazel = Bazel(self._workspace, command)
        seen, problem = Seen(arm), ""
        for event in bazel.events():
            if isinstance(event, Problem):
                problem = problem or f"{event.label}: {event.text}".strip(": ")
            elif isinstance(event, TestResult) and event.status in _GREEN | _RED:
                self._add(seen, event)
        if bazel.interrupted:
            raise CouldNotRun("stopped")
        if not seen.red:
            tail = [line for line in bazel.log.splitlines() if line.startswith(("ERROR", "FATAL"))] or [problem]
            raise CouldNotRun(f"{self.label} did not run (Bazel's exit code {bazel.exit_code}): {tail[0]}")
        self.total += seen.runs
        return seen

    def _add(self, seen: Seen, result: TestResult) -> None:
        run, red = result.run, result.status in _RED
        seen.strategy = result.strategy or seen.strategy
        folder = result.outputs
        lines = _cases(folder / "test.outputs" / "cases.jsonl") if folder else []
        if lines:
            seen.cases[run] = [str(line["node"]) for line in lines]
            seen.red_cases[run] = [str(line["node"]) for line in lines if line["outcome"] in ("failed", "error")]
            if self.node and self.node in seen.cases[run]:
                red = self.node in seen.red_cases[run]
        if folder:
            ports = folder / "test.outputs" / "samewire-ports"
            seen.ports[run] = _ports(ports) - _ports(ports.with_name("samewire-ports-before"))
            if (folder / "test.outputs" / _READY).exists():
                seen.ready.add(run)
            log = folder / "test.log"
            if red and not seen.log and log.exists():
                seen.log = log.read_text(encoding="utf-8", errors="replace")
        seen.red[run] = seen.red.get(run, False) or red


def _cases(path: Path) -> list[dict[str, object]]:
    """First attempts; none where the target does not tell its cases."""
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError):
        return []
    return [line for line in lines if isinstance(line, dict) and {"node", "outcome"} <= line.keys() and _first(line)]


def _first(line: dict[str, object]) -> bool:
    return line.get("attempt", 1) == 1


def _ports(path: Path) -> set[int]:
    """Ports listened on, in what /proc/net/tcp and tcp6 said again and again; 0A is LISTEN."""
    try:
        rows = [line.split() for line in path.read_text(encoding="ascii", errors="replace").splitlines()]
    except OSError:
        return set()
    return {int(row[1].rpartition(":")[2], 16) for row in rows if len(row) > 3 and row[3] == "0A" and ":" in row[1]}
