"""What the rooms know of a run, as the report takes it: from history, flakes, quarantine and the inputs of actions."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from tools.runs.flakes import Prior, cost, judge, learn, p_this_red_is_flake
from tools.runs.history.store import History
from tools.runs.inputs import Difference, Explanation
from tools.runs.quarantine import Entry as Listed
from tools.runs.quarantine import Finding
from tools.runs.record import CaseResult, Run, Standing
from tools.runs.report.cases import Row, rows
from tools.runs.report.data import Cache, Change, Entry, EntryState, Flake, Miss, Report, Story

EXCERPT = 4_000  # bytes of a log
# In the order in which they are told; an entry with several findings shows the first of these.
_WRONG: tuple[EntryState, ...] = ("expired", "other-failure", "broken", "unmatched", "well", "far")


class NoRun(LookupError):
    """History has no such run; the words say which it has."""


def from_history(past: History, run_id: str = "") -> Report:
    """The report of a run that history holds: the newest, or the one whose id begins so. Raises NoRun, HistoryError."""
    run = find(past, run_id)
    results = list(past.results(run.id))
    if not results:
        raise NoRun(f"of run {run.id} history keeps no results any more: `samewire history` lists the runs that it has")
    standings, prior = learn(past)
    all_rows = rows(results)
    return Report(
        run=run,
        verdict=verdict(all_rows),
        good=not any(row.red and row.state != "masked" for row in all_rows),
        results=results,
        stories=stories(all_rows, standings, prior),
        flakes=flakes(standings, prior),
        cache=cache(results),
        outage=run.outage,
    )


def find(past: History, run_id: str = "") -> Run:
    """The newest run, or the one whose id begins so. Raises NoRun."""
    runs = past.runs(1 if not run_id else 100_000)
    found = [run for run in runs if run.id.startswith(run_id)]
    if not runs:
        raise NoRun("history has no run yet: `samewire check` makes one")
    if not found:
        raise NoRun(f"history has no run {run_id!r}: `samewire history` lists those that it has")
    exact = [run for run in found if run.id == run_id]
    if run_id and len(found) > 1 and not exact:
        raise NoRun(f"{len(found)} runs begin with {run_id!r}: give more of the id")
    return (exact or found)[0]


def verdict(all_rows: Sequence[Row]) -> str:
    """A sentence on the cases."""
    states = Counter(row.state for row in all_rows)
    red = states["failed"] + states["error"] + states["timeout"]
    total = f"{len(all_rows):,} {'case' if len(all_rows) == 1 else 'cases'}"
    parts = [f"{red:,} of {total} {'is' if red == 1 else 'are'} red" if red else f"{total}, none red"]
    if states["masked"]:
        parts.append(f"{states['masked']:,} quarantined failed")
    if states["flaky"]:
        parts.append(f"{states['flaky']:,} green only when tried again")
    return "; ".join(parts)


def stories(all_rows: Iterable[Row], standings: Iterable[Standing], prior: Prior) -> list[Story]:
    """What history thinks of each red case. The standings know of the run already."""
    known = {standing.case: standing for standing in standings}
    told = []
    for row in all_rows:
        if (row.red or row.state == "flaky") and (standing := known.get(row.case)):
            # A row of reds that lasts holds this one; where the case was green since, it counts as one more.
            lasting = bool(standing.recent and standing.recent[-1].red)
            reds = 0 if lasting else 1
            likely = p_this_red_is_flake(standing, prior, reds=reds, tries=reds)
            told.append(Story(row.case, flake=likely, why=judge(standing, prior).evidence))
    return told


def flakes(standings: Iterable[Standing], prior: Prior) -> list[Flake]:
    """The accused, the costliest first; `cost` is in seconds a week."""
    found = []
    for standing in standings:
        judged = judge(standing, prior)
        if judged.accused:
            found.append(
                Flake(
                    standing.case,
                    judged.state,
                    judged.probability,
                    judged.low,
                    judged.high,
                    judged.evidence,
                    standing.recent,
                    standing.seconds,
                    60 * cost(standing, judged).minutes,
                )
            )
    return sorted(found, key=lambda flake: (-flake.cost, flake.case))


def excerpt(log: str) -> str:
    """The end of a test's log, where it lies on this machine; else nothing."""
    if not log or "://" in log:
        return ""
    try:
        with Path(log).open("rb") as file:
            file.seek(max(0, os.stat(log).st_size - EXCERPT))
            return file.read(EXCERPT).decode(errors="replace")
    except OSError:
        return ""


def entries(listed: Sequence[Listed], findings: Iterable[Finding], results: Iterable[CaseResult]) -> list[Entry]:
    """The quarantine file's entries, with what is wrong with each and how many red cases it masked."""
    wrong: dict[str, list[Finding]] = {}
    for finding in findings:
        wrong.setdefault(finding.at, []).append(finding)
    masked = {result.case: result for result in results if result.quarantined}.values()
    counts: Counter[int] = Counter()
    for result in masked:
        names = (str(result.case), result.node)
        counts[next((number for number, entry in enumerate(listed) if entry.pattern(*names)), -1)] += 1
    told = []
    for number, entry in enumerate(listed):
        # A finding stands at the entry's line or at that of one of its patterns.
        places = [entry.at, *(f"{entry.file}:{line}" for line in entry.lines)]
        own = sorted(
            (finding for place in dict.fromkeys(places) for finding in wrong.get(place, ())),
            key=lambda finding: _WRONG.index(finding.kind),
        )
        told.append(
            Entry(
                entry.cases,
                entry.reason,
                entry.owner,
                entry.issue,
                entry.until.isoformat(),
                own[0].kind if own else "active",
                "\n".join(finding.text for finding in own),
                entry.at,
                entry.failure,
                counts[number],
            )
        )
    return told


def cache(results: Iterable[CaseResult]) -> Cache:
    """Test actions that were executed, and those that were not; history does not know which cache knew them."""
    actions: dict[tuple[str, int, int], bool] = {}
    for result in results:
        key = (result.case.label, result.run_number, result.shard)
        actions[key] = actions.get(key, True) and result.cached
    hits = sum(actions.values())
    return Cache(local=hits, executed=len(actions) - hits)


def misses(explained: Explanation) -> list[Miss]:
    """Why the test actions ran that no cache answered: what changed in the first place."""
    return [
        Miss(
            miss.label,
            miss.shard,
            "" if miss.origins else miss.reasons[0],
            [_change(each) for each in miss.origins],
        )
        for miss in explained.misses
        if miss.test
    ]


def _change(difference: Difference) -> Change:
    kind = difference.kind if difference.change == "changed" else difference.change
    return Change(kind, difference.name, difference.before, difference.now)
