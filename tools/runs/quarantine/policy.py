"""What the quarantine does to the results of a run: known failures are masked, and the list itself is judged.

A masked result stays red and says `quarantined`. Not masked is what the entry does not speak of: it is past its day,
the failure is another one than is known, or the case fails so often in a row that this is no flake.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Literal, Protocol

from pytest_samewire import quarantine as file
from pytest_samewire.pattern import matches
from pytest_samewire.quarantine import Entry

from tools.runs.record import RECENT, CaseId, CaseResult, Trial

Kind = Literal["expired", "far", "unmatched", "well", "other-failure", "broken"]

FARTHEST = timedelta(days=366)
# A row of failures that a flake brings about more rarely than this is no flake's; and never one of fewer than so many.
UNLIKELY = 0.001
FEWEST = 4


class History(Protocol):
    """What is asked of the history (tools.runs.history.History)."""

    def trials(self, case: CaseId, limit: int) -> Sequence[Trial]: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the list that fails the check: `at` is file:line, `text` a line with what to do."""

    kind: Kind
    at: str
    text: str
    case: CaseId | None = None

    def __str__(self) -> str:
        return f"{self.at}: {self.text}"


@dataclass(frozen=True, slots=True)
class Masked:
    """The results, in their order, masked ones marked `quarantined`; and what is to be said of the list."""

    results: list[CaseResult]
    findings: list[Finding]

    @property
    def masked(self) -> list[CaseResult]:
        """Red results that do not count."""
        return [result for result in self.results if result.quarantined]


@dataclass(slots=True)
class _Met:
    """What a run showed of one entry: patterns that matched, and passes in a row of each case."""

    patterns: set[str] = field(default_factory=set)
    passes: list[int] = field(default_factory=list)


class Quarantine:
    """The list as it stood when the run began; what is edited meanwhile does not count."""

    def __init__(self, entries: Sequence[Entry], today: date) -> None:
        self.entries = tuple(entries)
        self.today = today

    def number(self, result: CaseResult) -> int | None:
        """Which entry speaks of a case: the first one, from 0."""
        names = (str(result.case), result.node)
        return next((number for number, entry in enumerate(self.entries) if entry.pattern(*names) is not None), None)

    def mask(
        self, results: Iterable[CaseResult], history: History | None = None, *, whole: bool = False, run: str = ""
    ) -> Masked:
        """Masks known failures of quarantined cases.

        Args:
            results: of one run, all attempts.
            history: earlier runs; without it nothing is known of failures but what `failure:` says.
            whole: everything was run: an entry that matches nothing is a finding then.
            run: id of this run, whose trials the history may hold already; they count once.
        """
        results = list(results)
        cases: dict[CaseId, list[int]] = defaultdict(list)
        for place, result in enumerate(results):
            cases[result.case].append(place)
        findings: list[Finding] = []
        met = [_Met() for _ in self.entries]
        for case, places in cases.items():
            own = [results[place] for place in places]
            number = self.number(own[0])
            if number is None:
                continue
            entry = self.entries[number]
            past = _past(history, case, run)
            names = (str(case), own[0].node)
            met[number].patterns |= {each for each in entry.cases if any(matches(each, name) for name in names)}
            met[number].passes.append(_passes(own, past))
            if entry.until < self.today:
                continue
            if (against := _against(entry, own, past)) is not None:
                findings.append(against)
                continue
            for place in places:
                results[place] = replace(results[place], quarantined=results[place].red)
        silent = {result.case.label for result in results if result.red and not result.case.name}
        for entry, seen in zip(self.entries, met, strict=True):
            findings += self._judged(entry, seen, silent, whole=whole)
        return Masked(results, sorted(findings, key=_place))

    def _judged(self, entry: Entry, met: _Met, silent: set[str], *, whole: bool) -> Iterator[Finding]:
        if (text := entry.expired(self.today)) is not None:
            yield Finding("expired", entry.at, text.removeprefix(f"{entry.at}: "))
        elif entry.until > self.today + FARTHEST:
            yield Finding("far", entry.at, f"until {entry.until} is over a year away: give a day when somebody looks")
        if met.patterns == set(entry.cases) and min(met.passes) >= entry.passes:
            told = f"passed {min(met.passes)} times in a row: it is well again, take the entry out"
            yield Finding("well", entry.at, f"{_listed(entry.cases)} {told}")
        if not whole:
            return
        for pattern, line in zip(entry.cases, entry.lines, strict=True):
            # A target that died named no cases, and a node id does not say of which target it is.
            dead = any(pattern.startswith(f"{label} ") for label in silent) or (silent and not pattern.startswith("//"))
            if pattern not in met.patterns and not dead:
                told = "matches no case that was run: it was renamed or is gone; correct it or take it out"
                yield Finding("unmatched", f"{entry.file}:{line}", f"{pattern} {told}")


def read(path: Path, today: date) -> Quarantine:
    """The list at the workspace's root, to be read when a run begins. No file is an empty list.

    Raises:
        pytest_samewire.quarantine.Refused: with one line for each thing that is wrong in it.
    """
    return Quarantine(file.read(path, path.name), today)


def _past(history: History | None, case: CaseId, run: str) -> list[Trial]:
    """Earlier trials, newest first."""
    if history is None:
        return []
    found = [trial for trial in history.trials(case, RECENT) if not run or trial.run != run]
    return sorted(found, key=lambda trial: (trial.started, trial.attempt), reverse=True)


def _passes(own: Sequence[CaseResult], past: Sequence[Trial]) -> int:
    """Passes in a row up to now; 0 when this run has a failure."""
    if any(result.red for result in own):
        return 0
    return sum(result.trial for result in own) + _row(past, red=False)


def _row(past: Sequence[Trial], *, red: bool) -> int:
    """How many of the newest trials came out alike."""
    return next((number for number, trial in enumerate(past) if trial.red is not red), len(past))


def _against(entry: Entry, own: Sequence[CaseResult], past: Sequence[Trial]) -> Finding | None:
    """Why the failures of one case are not masked; None where they are."""
    reds = [result for result in own if result.red]
    if not reds:
        return None
    case = reds[0].case
    for result in reds if entry.failure else ():
        if entry.failure not in result.message and entry.failure not in result.detail:
            told = f"{case} did not fail with {entry.failure!r} but with {_first_line(result.message)!r}: not masked"
            return Finding("other-failure", entry.at, told, case)
    if any(result.trial and not result.red for result in own):
        return None  # It passed at another try of this run: whatever it was, it is a flake.
    known = set() if entry.failure else _of_flakes(past)
    for result in reds:
        if known and result.signature and result.signature not in known:
            told = f"{case} failed as it never did before, with {_first_line(result.message)!r}: not masked"
            return Finding("other-failure", entry.at, f"{told}; if it is the same flake, name it with failure:", case)
    before = _row(past, red=True)
    row = before + sum(result.trial for result in own)
    if row >= FEWEST and _share(past[before:]) ** row < UNLIKELY:
        told = f"{case} failed {row} times in a row: that is no flake, it is broken: not masked"
        return Finding("broken", entry.at, told, case)
    return None


def _of_flakes(past: Sequence[Trial]) -> set[str]:
    """Signatures of failures that a pass came after; one that none came after may be a regression's."""
    newest_pass = _row(past, red=True)
    return {trial.signature for trial in past[newest_pass:] if trial.red and trial.signature}


def _share(past: Sequence[Trial]) -> float:
    """How often a case fails, with Laplace's one pass and one failure added."""
    return (sum(trial.red for trial in past) + 1) / (len(past) + 2)


def _listed(cases: Sequence[str]) -> str:
    return cases[0] if len(cases) == 1 else f"{cases[0]} and {len(cases) - 1} more"


def _first_line(message: str) -> str:
    line = " ".join((message.strip().splitlines() or ["no message"])[0].split())
    return line if len(line) <= 120 else f"{line[:119]}…"


def _place(finding: Finding) -> tuple[str, int]:
    name, _, number = finding.at.rpartition(":")
    return name, int(number)
