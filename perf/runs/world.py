"""A make-believe repository whose truth is known: flaky cases, broken versions, runs in which machines failed.

Everything comes from one seed. Cases that were never red are only counted; the others have their trials one by one.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

from tools.runs.record import CaseId, CaseResult, Trial

Cause = Literal["flake", "regression", "outage"]
_HOUR = 3600.0
# How long a regression lasts, in runs, and how often; the last kind stays to the end.
_LENGTHS = ((0.30, (1, 1)), (0.40, (2, 5)), (0.25, (6, 30)), (0.05, (10_000, 10_000)))


@dataclass(frozen=True)
class Setting:
    """How a repository lives.

    Attributes:
        runs: how many there are, each of a new commit but for `again` of them.
        steady, flaky: cases.
        rate: of a flake, the chance of a red trial. Its `kinds` share it: by chance alone, by the hour of the day, or
            by an order that stays for a few runs.
        again: share of runs that repeat the commit before.
        tries: how often a red case is tried in one run.
        touched: the chance that a commit changes a case's inputs; where it does not and the case was green, its result
            comes from the cache.
        broken: regressions, by run; each breaks one case or some, red at every run until a later commit mends it. A
            third of them hits the share of cases that is `volatile`.
        outages: runs in which machines fail, taking between an eighth of the cases and all.
        same_text: share of regressions in flaky cases whose failure reads exactly as the flake's.
        lengths: how long regressions last: share, and least and most runs.
    """

    runs: int = 500
    steady: int = 3000
    flaky: int = 100
    rate: float = 0.02
    kinds: tuple[str, ...] = ("chance",)
    again: float = 0.0
    tries: int = 1
    touched: float = 1.0
    broken: float = 0.1
    volatile: float = 0.05
    outages: int = 0
    same_text: float = 0.1
    lengths: tuple[tuple[float, tuple[int, int]], ...] = _LENGTHS


@dataclass
class Case:
    """One case: what is true of it, and what was seen. `causes` stand beside `trials`, None where green."""

    id: CaseId
    flaky: bool
    kind: str = "chance"
    greens: int = 0
    trials: list[Trial] = field(default_factory=list)
    causes: list[Cause | None] = field(default_factory=list)
    regressions: list[range] = field(default_factory=list)


@dataclass
class World:
    """A repository after its runs. `outages`: those runs in truth. `reports`: whole results of runs with many reds."""

    setting: Setting
    cases: list[Case]
    outages: set[int]
    reports: dict[int, list[CaseResult]]


def make(setting: Setting, seed: int) -> World:
    """The world of a seed."""
    chance = random.Random(f"{setting}/{seed}")
    cases = [
        Case(CaseId(f"//p{number // 10}:t_test", "p", f"test_{number}"), number < setting.flaky)
        for number in range(setting.steady + setting.flaky)
    ]
    for number, case in enumerate(cases):
        case.kind = setting.kinds[number % len(setting.kinds)]
    outages = {run: chance.uniform(0.125, 1.0) for run in chance.sample(range(5, setting.runs), setting.outages)}
    started, time = [], 1.7e9
    versions: list[int] = []
    version = 0
    for _ in range(setting.runs):
        time += chance.expovariate(1 / (2.4 * _HOUR))
        started.append(time)
        version += not (versions and chance.random() < setting.again)
        versions.append(version)
    _break(setting, cases, versions, chance)
    reds: dict[int, list[tuple[CaseId, str]]] = defaultdict(list)
    for case in cases:
        _live(setting, case, started, versions, outages, chance, reds)
    everybody = [case.id for case in cases]
    reports = {run: _report(everybody, red) for run, red in reds.items() if len(red) >= 10}
    return World(setting, cases, set(outages), reports)


def _break(setting: Setting, cases: list[Case], versions: list[int], chance: random.Random) -> None:
    volatile = chance.sample(range(len(cases)), round(setting.volatile * len(cases)))
    for begin in range(2, setting.runs):
        if versions[begin] == versions[begin - 1] or chance.random() >= setting.broken:
            continue
        place = chance.choice(volatile) if chance.random() < 0.35 else chance.randrange(len(cases))
        size = 1 if chance.random() < 0.6 else chance.randint(2, 30)
        ((least, most),) = chance.choices([span for _, span in setting.lengths], [each for each, _ in setting.lengths])
        end = min(begin + chance.randint(least, most), setting.runs)
        while end < setting.runs and versions[end] == versions[end - 1]:
            end += 1  # what a commit broke only another commit mends
        # A change breaks cases that lie beside each other.
        for case in cases[place : place + size]:
            if not any(begin <= one.stop and one.start <= end for one in case.regressions):
                case.regressions.append(range(begin, end))


def _live(
    setting: Setting,
    case: Case,
    started: list[float],
    versions: list[int],
    outages: dict[int, float],
    chance: random.Random,
    reds: dict[int, list[tuple[CaseId, str]]],
) -> None:
    """The case's trials, run by run."""
    broken = {run for row in case.regressions for run in row}
    flaked = _flaked(setting, case.kind, started, chance) if case.flaky else {}
    key, was_red, before = 0, False, (0, False)
    sure_green = not case.flaky and setting.touched == 1.0
    seen: list[tuple[int, bool, int, int, Cause | None]] = []
    for run in range(setting.runs):
        is_broken = run in broken
        outage = run in outages and chance.random() < outages[run]
        if sure_green and not is_broken and not outage:
            seen.append((run, False, versions[run], 1, None))
            continue
        touched = versions[run] != before[0] and (chance.random() < setting.touched or is_broken != before[1])
        before = (versions[run], is_broken)
        key += touched or not key
        if not touched and run and not was_red:
            continue  # from the cache: nothing was executed
        for attempt in range(1, setting.tries + 1):
            cause: Cause | None = None
            if outage:
                cause = "outage"
            elif is_broken:
                cause = "regression"
            elif chance.random() < flaked.get(run, 0.0):
                cause = "flake"
            was_red = cause is not None
            seen.append((run, was_red, key if not sure_green else versions[run], attempt, cause))
            if not was_red:
                break
    if not any(red for _, red, _, _, _ in seen):
        case.greens = len(seen)
        return
    same = {row.start: chance.random() < setting.same_text for row in case.regressions}
    for run, red, at, attempt, cause in seen:
        signature = ""
        if cause == "regression":
            row = next(row for row in case.regressions if run in row)
            signature = "flake" if same[row.start] else f"broken at {row.start}"
        elif cause:
            signature = cause
        case.trials.append(Trial(f"r{run}", started[run], red, str(at), str(versions[run]), attempt, 1.0, signature))
        case.causes.append(cause)
        if red and attempt == 1:
            text = signature if cause == "outage" else f"{case.id} {signature}"
            reds[run].append((case.id, text))


def _flaked(setting: Setting, kind: str, started: list[float], chance: random.Random) -> dict[int, float]:
    """By run, the chance of a red trial; `rate` on average, whatever the kind."""
    runs = range(len(started))
    if kind == "hour":
        # Red at every second run in the hour before midnight.
        late = [run for run in runs if started[run] % (24 * _HOUR) > 24 * _HOUR * (1 - 2 * setting.rate)]
        return dict.fromkeys(late, 0.5)
    if kind == "order":
        # An order stays for some runs; in a bad one every second trial is red.
        found: dict[int, float] = {}
        run = 0
        while run < len(started):
            length = chance.randint(1, 3)
            if chance.random() < 2 * setting.rate:
                found |= dict.fromkeys(range(run, run + length), 0.5)
            run += length
        return found
    return dict.fromkeys(runs, setting.rate)


def _report(everybody: list[CaseId], red: list[tuple[CaseId, str]]) -> list[CaseResult]:
    texts = dict(red)
    return [
        CaseResult(case, "failed", message=texts[case], signature=texts[case])
        if case in texts
        else CaseResult(case, "passed")
        for case in everybody
    ]
