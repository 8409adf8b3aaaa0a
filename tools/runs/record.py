"""What is remembered of a run: the records that every room of tools/runs hands to the next.

Events and test.xml become these; history keeps them; flakes, quarantine, verdict and report read them. Times are
seconds since 1970 in UTC, durations are seconds. Only the standard library is needed to read this file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["passed", "failed", "error", "timeout", "skipped", "xfailed"]
KeyKind = Literal["action", "commit", ""]

RED: frozenset[Outcome] = frozenset({"failed", "error", "timeout"})
GREEN: frozenset[Outcome] = frozenset({"passed", "xfailed"})


@dataclass(frozen=True, slots=True, order=True)
class CaseId:
    """Who a test case is, over all runs.

    Attributes:
        label: the Bazel label, `//pkg:name_test`; for tests from elsewhere the suite's name.
        classname: JUnit's dotted place; empty where the whole target is one case.
        name: the test's own name without its parameters; empty where the whole target is one case.
        parameters: what stands in the brackets of `test_x[1-a]`, without them; empty where there are none.
    """

    label: str
    classname: str = ""
    name: str = ""
    parameters: str = ""

    @classmethod
    def of(cls, label: str, classname: str, name: str) -> CaseId:
        """The identity of a JUnit test case; `name` may carry parameters in brackets at its end."""
        plain, bracket, rest = name.partition("[")
        if bracket and rest.endswith("]") and plain:
            return cls(label, classname, plain, rest[:-1])
        return cls(label, classname, name)

    @property
    def full_name(self) -> str:
        """The name with its parameters, as JUnit writes it."""
        return f"{self.name}[{self.parameters}]" if self.parameters else self.name

    def __str__(self) -> str:
        """`//pkg:name_test pkg.name_test.Class test_x[1]`, as people and quarantine files write it."""
        return " ".join(part for part in (self.label, self.classname, self.full_name) if part)


@dataclass(frozen=True, slots=True)
class Run:
    """One invocation.

    Attributes:
        id: the invocation id of Bazel, or one made for an import.
        started, ended: `ended` is None while it runs or when it never ended.
        source: who ran it: "bazel", "junit", "pytest", "bep".
        command: what was asked, in words, e.g. "test //...".
        commit: full hash; empty where unknown.
        dirty: whether the tree had changes that no commit holds; True where unknown, so nothing is concluded from it.
        configuration: what else decides results beside the tree (options, host kind), as one digest.
        exit_code: the program's own; None where unknown.
        outage: why its results say nothing of its tests (tools/runs/flakes.outage), empty where they do. They are kept,
            and none of them is a trial.
    """

    id: str
    started: float
    ended: float | None = None
    source: str = "bazel"
    command: str = ""
    commit: str = ""
    branch: str = ""
    dirty: bool = True
    configuration: str = ""
    host: str = ""
    exit_code: int | None = None
    outage: str = ""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One attempt at one case in one run.

    Attributes:
        attempt: from 1; attempts of the whole target and of single cases are counted on.
        run_number: Bazel's --runs_per_test, from 1.
        shard: from 0.
        cached: nothing was executed: this result is never a trial.
        key: names the inputs, "" where nothing is known of them. `action`: digest of all inputs of the test action;
            `commit`: commit, clean tree and configuration.
        message: what went wrong, in a line or a few. detail: the traceback, cut to a bearable length.
        signature: digest of the normalised message, empty for what is not red (tools/runs/failures).
        node: pytest's node id, where the case has one.
        quarantined: the quarantine file masked this result.
        started: as the report says; for a cached result that of the original run.
    """

    case: CaseId
    outcome: Outcome
    seconds: float = 0.0
    started: float = 0.0
    attempt: int = 1
    run_number: int = 1
    shard: int = 0
    cached: bool = False
    key: str = ""
    key_kind: KeyKind = ""
    message: str = ""
    detail: str = ""
    signature: str = ""
    node: str = ""
    file: str = ""
    line: int = 0
    worker: str = ""
    seed: str = ""
    quarantined: bool = False

    @property
    def red(self) -> bool:
        return self.outcome in RED

    @property
    def trial(self) -> bool:
        """Whether this says something about the case: it was executed, and passed or failed."""
        return not self.cached and (self.outcome in RED or self.outcome in GREEN)


@dataclass(frozen=True, slots=True)
class Trial:
    """One executed attempt, as statistics see it. `version` is the run's commit, empty on a dirty or unknown tree."""

    run: str
    started: float
    red: bool
    key: str = ""
    version: str = ""
    attempt: int = 1
    seconds: float = 0.0
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """All that history says of one case in a bounded size, kept up to date with every run that is recorded.

    Attributes:
        trials, reds: counts of executed attempts since the case was first seen, in the order in which they ran.
        streaks: how often it turned red: rows of red trials one after the other, one that still lasts included.
        lone: rows of one red trial only, with a green one on each side. Streaks and lone tell many single failures
            (a flake) from one long row (a regression) when the trials themselves are no longer in `recent`.
        greens: green trials since the newest red one; all of them where none was red.
        contradictions: input keys on which it both passed and failed; `contradiction` is the newest such key.
        last: newest outcome of any kind, and `last_seen` its time.
        recent: the newest trials, oldest first, at most RECENT.
        seconds: mean duration of the trials.
    """

    case: CaseId
    trials: int
    reds: int
    contradictions: int = 0
    contradiction: str = ""
    first_seen: float = 0.0
    last_seen: float = 0.0
    last: Outcome = "passed"
    seconds: float = 0.0
    node: str = ""
    recent: tuple[Trial, ...] = field(default=())
    streaks: int = 0
    lone: int = 0
    greens: int = 0


# How many trials a Standing carries: enough for the seed's rule (10) and for flip rates; older ones count in the sums.
RECENT = 50
