"""`samewire matrix`: runs everything that gives verdicts, and says in one matrix who speaks the wire.

Data flow: Bazel's events -> folders of finished tests -> verdicts.jsonl -> matrix -> terminal, page, JSON.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.runs.bazel import Bazel
from tools.runs.events import Finished, Problem, Progress, TestResult
from tools.runs.exit import Exit
from tools.runs.matrix.collect import collect
from tools.runs.matrix.matrix import Matrix, build

# Tests that write verdicts.jsonl carry this tag.
TAG = "verdicts"
STATUS_LINE = re.compile(r"^\[[\d,]+ / [\d,]+\].*$|^(?:Analyzing|Loading|Computing).*$", re.MULTILINE)
TESTS_FAILED = 3


@dataclass(slots=True)
class State:
    """The run so far. `tests`: last result of each test action by (label, shard); `doing`: Bazel's own status line."""

    started: float = field(default_factory=time.monotonic)
    tests: dict[tuple[str, int], TestResult] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    doing: str = "starting Bazel"

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def failed(self) -> list[TestResult]:
        return [result for result in self.tests.values() if result.status not in ("PASSED", "FLAKY")]

    @property
    def cached(self) -> int:
        return sum(result.cached for result in self.tests.values())


@dataclass(frozen=True, slots=True)
class Report:
    """The end of a run. `unreadable`: verdict files that were not as they should be, one line each."""

    exit: Exit
    verdict: str
    matrix: Matrix
    state: State
    unreadable: tuple[str, ...]
    log: str

    @property
    def facts(self) -> list[tuple[str, str]]:
        total = self.matrix.total()
        return [
            ("fixtures judged", f"{total.total:,}"),
            ("passed", f"{total.passed:,}"),
            ("failed", f"{total.failed:,}"),
            ("known to differ", f"{total.expected:,}"),
            ("skipped", f"{total.skipped:,}"),
            ("test targets", f"{len(self.state.tests):,} ({self.state.cached:,} from cache)"),
            ("seconds", f"{self.state.seconds:.1f}"),
        ]


def judge(workspace: Path, targets: Sequence[str], flags: Sequence[str], show: Callable[[State], None]) -> Report:
    """Runs the targets that give verdicts; `show` is called with the state some ten times a second.

    Raises FileNotFoundError when the workspace has no bazelw.
    """
    state = State()
    bazel = Bazel(
        workspace,
        [
            "--keep_going",
            "--build_tests_only",
            "--nozip_undeclared_test_outputs",
            *flags,
            # Last, so that no --config selects other tests.
            f"--test_tag_filters={TAG}",
            "--",
            *targets,
        ],
    )
    for event in bazel.events():
        match event:
            case TestResult():
                state.tests[event.label, event.shard] = event
            case Problem():
                state.problems.append(event)
            case Progress():
                if lines := STATUS_LINE.findall(event.text):
                    state.doing = lines[-1]
            case Finished():
                state.doing = "reading verdicts"
            case None:
                pass
        show(state)
    consumers, unreadable = collect(state.tests.values())
    return conclude(bazel.exit_code, state, build(consumers), unreadable, bazel.log)


def conclude(code: int | None, state: State, matrix: Matrix, unreadable: Sequence[str], log: str) -> Report:
    """The verdict in one sentence, and the exit code it stands for."""
    total = matrix.total()
    if code not in (0, TESTS_FAILED):
        exit_code, verdict = Exit.COULD_NOT_RUN, f"could not run: Bazel ended with exit code {code}"
    elif not matrix.cells and not state.failed:
        exit_code, verdict = Exit.COULD_NOT_RUN, f"nothing judged: no test with the tag {TAG!r} among the targets"
    elif total.failed or state.failed or unreadable:
        parts = [f"{total.failed:,} of {total.total:,} fixtures fail"] if total.failed else []
        if state.failed:
            parts.append(f"{len(state.failed)} of {len(state.tests)} test targets are red")
        if unreadable:
            parts.append(f"{len(unreadable)} without readable verdicts")
        exit_code, verdict = Exit.FINDINGS, "; ".join(parts)
    else:
        told = sum(not consumer.skipped for consumer in matrix.consumers)
        exit_code = Exit.GOOD
        verdict = f"{_many(told, 'consumer')}, {_many(len(matrix.messages), 'message')}: {total.passed:,} fixtures pass"
        if total.expected:
            verdict += f", {total.expected:,} known to differ"
        if skipped := [consumer.name for consumer in matrix.consumers if consumer.skipped]:
            verdict += f", not run: {', '.join(skipped)}"
    return Report(exit_code, verdict, matrix, state, tuple(unreadable), log)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
