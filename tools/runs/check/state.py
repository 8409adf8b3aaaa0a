"""A run while it goes on: what Bazel's events said so far."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.runs.check.cases import Read, recount
from tools.runs.events import (
    ActionFailed,
    Completed,
    Configured,
    Event,
    Finished,
    Logs,
    Metrics,
    Notice,
    Problem,
    Progress,
    Started,
    TestResult,
    TestSummary,
)
from tools.runs.record import CaseResult

LEAST_DONE = 3  # targets, before their kind says anything of the rest
CPUS = os.cpu_count() or 1
DID_NOT_BUILD = "did not build"
GREEN = ("PASSED", "FLAKY")
STATUS_LINE = re.compile(r"^\[[\d,]+ / [\d,]+\].*$|^(?:Analyzing|Loading|Computing).*$", re.MULTILINE)
TESTS = re.compile(r"([\d,]+) / ([\d,]+) tests")
TESTING = re.compile(r"Testing (\S+?)(?: \([^)]*\))?; (\d+)s")
RUNNING = re.compile(r"\(([\d,]+) actions?(?:, ([\d,]+) running| running)\)")
# Words of Bazel for what nobody did wrong: a test for another platform, what was never reached after an end.
NOT_REACHED = ("SKIPPED", "NO_BUILD", "INCOMPLETE", "USER_INTERRUPTED")


@dataclass(slots=True)
class Action:
    """One test action: its attempts, and what each left."""

    attempts: dict[int, TestResult] = field(default_factory=dict)
    read: dict[int, Read] = field(default_factory=dict)

    @property
    def last(self) -> TestResult:
        """The attempt that counts."""
        return self.attempts[max(self.attempts)]

    @property
    def red(self) -> bool:
        return self.last.status not in GREEN

    @property
    def cases(self) -> list[CaseResult]:
        """Every attempt at every case, oldest first."""
        return recount(self.read[number] for number in sorted(self.read))


@dataclass(slots=True)
class State:
    """The run so far.

    Attributes:
        began: when it was started, on time.monotonic's clock.
        durations: what each label took before, from history.
        actions: by label, run and shard.
        size: of every test that was analysed, by label; those that no filter lets through are among them.
        doing: Bazel's own status line. From it: total: how many test targets Bazel means to run, 0 before it says so;
            running: how many actions run; slow: label and seconds of the test that it names as running longest.
    """

    began: float = field(default_factory=time.monotonic)
    durations: Mapping[str, float] = field(default_factory=dict)
    actions: dict[tuple[str, int, int], Action] = field(default_factory=dict)
    summaries: dict[str, TestSummary] = field(default_factory=dict)
    size: dict[str, Configured] = field(default_factory=dict)
    problems: dict[str, Problem] = field(default_factory=dict)
    broken: list[ActionFailed] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    started: Started | None = None
    finished: Finished | None = None
    metrics: Metrics | None = None
    critical_path: float = 0.0
    doing: str = "starting Bazel"
    total: int = 0
    slow: tuple[str, float] | None = None
    running: int = 0

    def add(self, event: Event) -> None:
        """Takes one event in; any order, any number of times."""
        match event:
            case TestResult():
                action = self.actions.setdefault((event.label, event.run, event.shard), Action())
                action.attempts[event.attempt] = event
            case TestSummary():
                self.summaries[event.label] = event
            case Configured() if event.size:
                self.size[event.label] = event
            case Problem():
                self.problems.setdefault(event.label or event.reason, event)
            case Completed() if not event.success:
                self.problems.setdefault(event.label, Problem(event.label, event.failure or DID_NOT_BUILD, "FAILED"))
            case ActionFailed():
                self.broken.append(event)
            case Progress():
                self.hear(event.text)
            case Started():
                self.started = event
            case Finished():
                self.finished, self.doing = event, "reading what is left"
            case Metrics():
                self.metrics = event
            case Logs():
                self.critical_path = event.critical_path or 0.0
            case Notice() if len(self.notices) < 10:
                self.notices.append(event)
            case _:
                pass

    def keep(self, result: TestResult, read: Read) -> None:
        """Remembers what a finished attempt left."""
        self.actions[result.label, result.run, result.shard].read[result.attempt] = read

    def hear(self, text: str) -> None:
        """Takes in what Bazel prints; its events bring that too, but late."""
        if not (lines := STATUS_LINE.findall(text)):
            return
        self.doing = lines[-1]
        if tests := TESTS.search(self.doing):
            self.total = int(tests[2].replace(",", ""))
        testing = TESTING.search(self.doing)
        self.slow = (testing[1], float(testing[2])) if testing else None
        running = RUNNING.search(self.doing)
        self.running = int((running[2] or running[1]).replace(",", "")) if running else int(testing is not None)

    @property
    def done(self) -> int:
        """Test targets that are over."""
        return len(self.summaries)

    @property
    def red(self) -> list[TestResult]:
        """The last attempts of actions that are red."""
        return [action.last for action in self.actions.values() if action.red]

    @property
    def cached(self) -> int:
        return sum(action.last.cached for action in self.actions.values())

    @property
    def results(self) -> list[CaseResult]:
        """Every attempt at every case."""
        return [case for action in self.actions.values() for case in action.cases]

    @property
    def unbuilt(self) -> list[Problem]:
        """What could not be loaded, analysed or built."""
        told = [problem for problem in self.problems.values() if problem.reason not in NOT_REACHED]
        known = {problem.label for problem in told}
        for summary in self.summaries.values():
            if summary.status == "FAILED_TO_BUILD" and summary.label not in known:
                told.append(Problem(summary.label, DID_NOT_BUILD, "FAILED_TO_BUILD"))
        return told

    @property
    def seconds(self) -> float:
        """Since it was started."""
        return time.monotonic() - self.began

    @property
    def eta(self) -> float | None:
        """Seconds until the tests are over, from what they took before; None while too little is known.

        What the cache answered so far tells how much of the rest it will answer.
        """
        done = self.summaries
        missing = self.total - len(done)
        rest = [self.durations[label] for label in self.size if label not in done and label in self.durations]
        if missing <= 0 or not rest or len(done) < LEAST_DONE:
            return None
        executed = sum(summary.cached == 0 for summary in done.values())
        share = executed / len(done)
        work = sum(rest) / len(rest) * missing * share
        longest = max(rest) if share > 0.5 else 0.0
        return max(work / max(1, self.running or CPUS), longest - (self.slow[1] if self.slow else 0.0))
