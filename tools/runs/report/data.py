"""What the report shows: one Report a run. Rooms fill what they know; what is empty is left out of the page.

    report = Report(run, verdict="2 of 4,012 cases are red", good=False, results=results, spans=spans, cache=cache)
    Path("out/report.html").write_text(page(report))

Text may hold anything: the page escapes it. Times are seconds since 1970 in UTC, durations are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tools.runs.record import CaseId, CaseResult, Outcome, Run, Trial

State = Literal["steady", "suspect", "proven", "regressed", "unknown"]
Reach = Literal["reachable", "unreachable", "unknown"]
# "active", else what is wrong with it, as tools/runs/quarantine names it.
EntryState = Literal["active", "expired", "far", "unmatched", "well", "other-failure", "broken"]


@dataclass(frozen=True, slots=True)
class Span:
    """One action on one worker: who ran when.

    Attributes:
        shard: from 0.
        worker: host or worker; where it is empty the page lays spans that overlap in lanes of their own.
        critical: on the critical path. Where no span says so, the page takes the chain that the end waited for.
    """

    label: str
    start: float
    end: float
    worker: str = ""
    shard: int = 0
    attempt: int = 1
    outcome: Outcome = "passed"
    critical: bool = False
    kind: str = "test"  # "test", else what Bazel calls the action (its mnemonic)


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of one red case beside its results.

    Attributes:
        flake: probability that this red is a flake, None where history is silent. why: on what it rests.
        reach: whether the change can reach the test at all. reach_why: on what that rests.
        command: what runs just this case again; the page makes one where it is empty.
        log: path or URI of the test's log. excerpt: the end of it, or what matters there.
    """

    case: CaseId
    flake: float | None = None
    why: str = ""
    reach: Reach = "unknown"
    reach_why: str = ""
    command: str = ""
    log: str = ""
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Flake:
    """A case that is not steady (tools/runs/flakes).

    Attributes:
        probability, low, high: of a red on code that is good; posterior mean and interval.
        trials: the newest ones, oldest first. seconds: mean of one trial.
        cost: what it costs, in seconds of people or machines lost; ranks the table.
    """

    case: CaseId
    state: State
    probability: float
    low: float
    high: float
    evidence: str = ""
    trials: Sequence[Trial] = ()
    seconds: float = 0.0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of quarantine.yaml. `masked`: cases that it masked in this run; `note`: what is wrong with it."""

    cases: Sequence[str]
    reason: str
    owner: str
    issue: str
    until: str
    state: EntryState = "active"
    note: str = ""
    where: str = ""  # file:line
    failure: str = ""
    masked: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One input that is not as it was. `kind`: "file", "environment", "argument", "tool", "added", "removed" …"""

    kind: str
    name: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Miss:
    """One test action that was executed, and why; shards from 0. `reason`: where no change of an input says it."""

    label: str
    shard: int = 0
    reason: str = ""
    changes: Sequence[Change] = ()


@dataclass(frozen=True, slots=True)
class Cache:
    """Test actions: from the cache of this machine, from a remote one, executed."""

    local: int = 0
    remote: int = 0
    executed: int = 0
    misses: Sequence[Miss] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """A target that could not be built or loaded, in Bazel's words."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Counts by row and column: fixtures by message, or behaviour by feature, against who was asked.

    Attributes:
        columns: name and what it is; a column that could not run says why in `skipped`.
        rows: group, name, and one cell a column: (agree, differ, known to differ, skipped) or None for "not asked".
        failures: column, what, verdict ("fail", "broken", "stale", "known", …), in words. Worst first.
    """

    title: str
    verdict: str
    good: bool
    columns: Sequence[tuple[str, str]]
    rows: Sequence[tuple[str, str, Sequence[tuple[int, int, int, int] | None]]]
    failures: Sequence[tuple[str, str, str, str]] = ()
    findings: Sequence[str] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measure:
    """One case of a benchmark: a figure a round, in seconds where `unit` is "s"; `before`: those to compare with."""

    name: str
    rounds: Sequence[float]
    before: Sequence[float] = ()
    unit: str = "s"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark; `table`: rows of text with heads, where it has no rounds."""

    title: str
    measures: Sequence[Measure] = ()
    table: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """One run, whole.

    Attributes:
        verdict: the closing sentence. good: whether a person has nothing to do.
        results: all attempts of all cases.
        logs: path or URI of the log by label.
        facts: more to say of the run, name and value.
        critical_path: seconds, as Bazel says; 0 where unknown.
        outage: why this run says nothing of its tests (the farm was broken), empty when it does.
        findings: one line each: what is wrong with the run as such.
    """

    run: Run
    verdict: str
    good: bool
    results: Sequence[CaseResult]
    facts: Sequence[tuple[str, str]] = ()
    spans: Sequence[Span] = ()
    critical_path: float = 0.0
    stories: Sequence[Story] = ()
    logs: Mapping[str, str] = field(default_factory=dict)
    flakes: Sequence[Flake] = ()
    quarantine: Sequence[Entry] = ()
    cache: Cache | None = None
    problems: Sequence[Problem] = ()
    findings: Sequence[str] = ()
    outage: str = ""
    matrices: Sequence[Matrix] = ()
    benchmarks: Sequence[Benchmark] = ()
