"""Who ran when: spans out of results, lanes for those that overlap, and the chain that the end waited for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tools.runs.record import RED, CaseResult
from tools.runs.report.data import Span
from tools.runs.report.figures import moment, ms

# A runner's process within a test says nothing of who ran the test.
_PROCESS = "pid-"
# What starts this much before another ended can still have waited for it: clocks of cases are read by the tests.
SLACK = 0.05
# The lane's own span before goes first when another ended only this much later: slots are given at about that time.
NEAR = 0.5


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of the timeline: spans that do not overlap, by start."""

    name: str
    spans: tuple[Span, ...]


def from_results(results: Iterable[CaseResult]) -> list[Span]:
    """A span for each attempt at each shard that was executed and says when it began."""
    groups: dict[tuple[str, int, int, int], list[CaseResult]] = {}
    for result in results:
        if not result.cached and moment(result.started):
            key = (result.case.label, result.shard, result.run_number, result.attempt)
            groups.setdefault(key, []).append(result)
    return [_span(members) for members in groups.values()]


def _span(members: Sequence[CaseResult]) -> Span:
    first = members[0]
    # Cases that give the start of the whole attempt as theirs ran one after the other.
    ends: dict[float, float] = {}
    for each in members:
        ends[each.started] = ends.get(each.started, each.started) + ms(each.seconds) / 1000
    red = next((each.outcome for each in members if each.outcome in RED), None)
    return Span(
        label=first.case.label,
        start=min(each.started for each in members),
        end=max(ends.values()),
        worker="" if first.worker.startswith(_PROCESS) else first.worker,
        shard=first.shard,
        attempt=first.attempt,
        outcome=red or ("skipped" if all(each.outcome == "skipped" for each in members) else "passed"),
    )


def lanes(spans: Sequence[Span]) -> list[Lane]:
    """Every span in one lane: a worker has as many as it ran at once; those without a worker share numbered slots."""
    workers = _rows(spans)
    return [
        Lane(
            _lane_name(worker, index, len(rows), alone=len(workers) == 1),
            tuple(spans[number] for number in row),
        )
        for worker, rows in sorted(workers.items())
        for index, row in enumerate(rows, 1)
    ]


def _rows(spans: Sequence[Span]) -> dict[str, list[list[int]]]:
    """Numbers of the spans, by worker, in rows of what does not overlap."""
    workers: dict[str, list[list[int]]] = {}
    for number in sorted(range(len(spans)), key=lambda each: (spans[each].start, spans[each].end, spans[each].label)):
        rows = workers.setdefault(spans[number].worker, [])
        free = [row for row in rows if spans[row[-1]].end <= spans[number].start]
        if free:
            # The one that waited shortest, so that a slot's work stays together.
            max(free, key=lambda row: spans[row[-1]].end).append(number)
        else:
            rows.append([number])
    return workers


def _lane_name(worker: str, index: int, number: int, *, alone: bool) -> str:
    if number == 1 and worker:
        return worker
    return f"slot {index}" if alone or not worker else f"{worker} · {index}"


def with_critical(spans: Sequence[Span]) -> list[Span]:
    """The spans, those on the critical path marked: as they say themselves, else the chain that the end waited for.

    That chain goes back from the span that ended last, each time to the one whose end let it start: the one before it
    in its lane, or the last of all to end before it started when that was much later. Idle time between them is the
    build's.
    """
    if not spans or any(span.critical for span in spans):
        return list(spans)
    before = {later: earlier for rows in _rows(spans).values() for row in rows for earlier, later in pairwise(row)}
    order = sorted(range(len(spans)), key=lambda number: spans[number].end)
    ends = [spans[number].end for number in order]
    chain, number = {order[-1]}, order[-1]
    while True:
        span, place = spans[number], bisect_right(ends, spans[number].start + SLACK)
        # Whoever starts no earlier did not let it start.
        found = next((each for each in reversed(order[:place]) if spans[each].start < span.start), None)
        if found is None:
            break
        own = before.get(number)
        if own is not None and spans[own].start < span.start and spans[found].end - spans[own].end < NEAR:
            found = own
        chain.add(found)
        number = found
    return [replace(span, critical=True) if index in chain else span for index, span in enumerate(spans)]
