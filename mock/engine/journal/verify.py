"""Was it asked? Told by what the journal holds, and with the requests that came nearest where it was not.

Nothing is claimed of entries that are gone: whether an evicted request would have matched is not known, so a verdict
that hangs on one is not ok and says so. While a verification waits it has seen what is evicted later, and counts it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING

from samewire.mock.v1.journal_wire import Difference, NearMiss, Verdict, Verification
from samewire.mock.v1.match_wire import Match

from mock.engine.journal.watch import Cursor
from mock.engine.stubs.matcher import Matcher

if TYPE_CHECKING:
    from mock.engine.api import Apis
    from mock.engine.journal.journal import Journal
    from mock.engine.journal.record import Record

NEAREST = 3
# Requests, the newest, that are looked at for the nearest; and how many are looked at before others may work.
_LOOKED_AT = 2000
_TURN = 200


async def verify(journal: Journal, verification: Verification, apis: Apis) -> Verdict:
    """Raises StubError for a match that can't be compiled, ValueError for a verification that contradicts itself.

    `within_s`: "at least" (and order) is ok as soon as it is true; `never` and "at most" are looked at until the time
    is over, and fail at once when broken. "At least n and at most m" is ok as soon as there are n.
    """
    wanted = _wanted(verification, apis)
    after = verification.after or 0
    cursor = Cursor(journal, after)
    try:
        await _watch(cursor, wanted, verification.within_s or 0.0)
        missed = cursor.missed
    finally:
        cursor.close()
    problem = wanted.problem(missed)
    verdict = Verdict(ok=not problem, matched=wanted.matched, problem=problem, evicted=max(journal.evicted - after, 0))
    if problem:
        verdict.near_misses = wanted.too_many() or await _nearest(journal, wanted, after)
    return verdict


async def _watch(cursor: Cursor, wanted: _Counted | _Ordered, within_s: float) -> None:
    """Until nothing that may still come changes the verdict, or the time is over."""
    end = monotonic() + within_s
    seen = 0
    while True:
        while (record := cursor.next()) is not None:
            wanted.see(record)
            seen += 1
            if seen % _TURN == 0:
                await asyncio.sleep(0)
        if wanted.settled(cursor.missed):
            return
        left = end - monotonic()
        if left <= 0 or not await cursor.wait(left):
            return


def _wanted(verification: Verification, apis: Apis) -> _Counted | _Ordered:
    said = [
        name
        for name, value in (
            ("count", verification.count is not None),
            ("never", bool(verification.never)),
            ("order", bool(verification.order)),
        )
        if value
    ]
    if len(said) > 1:
        raise ValueError(f"{' and '.join(said)} are said; a verification has one of count, never and order")
    if verification.order:
        if verification.request is not None:
            raise ValueError("request and order are said; the requests of an order stand in it")
        return _Ordered([Matcher(match, apis, f"$.order[{i}]") for i, match in enumerate(verification.order)])
    matcher = Matcher(verification.request or Match(), apis, "$.request")
    if verification.never:
        return _Counted(matcher, 0, 0)
    count = verification.count
    if count is None:
        return _Counted(matcher, 1, None)
    if count.min is not None and count.max is not None and count.min > count.max:
        raise ValueError(f"count wants at least {count.min} and at most {count.max}; nothing is both")
    if count.min is None and count.max is None:
        raise ValueError('count says neither min nor max; leave it out for "at least once"')
    return _Counted(matcher, count.min or 0, count.max)


class _Counted:
    """At least `low`, at most `high`."""

    def __init__(self, matcher: Matcher, low: int, high: int | None) -> None:
        self.matcher = matcher
        self.low = low
        self.high = high
        self.matched = 0
        self._last: deque[int] = deque(maxlen=NEAREST)

    def see(self, record: Record) -> None:
        if self.matcher.matches(record.request()) and (self.matcher.calls is None or self.matcher.calls.take()):
            self.matched += 1
            self._last.append(record.seq)

    def settled(self, missed: int) -> bool:
        if self.high is None:
            return self.matched >= self.low
        if self.matched > self.high or missed:
            return True
        return 0 < self.low <= self.matched

    def problem(self, missed: int) -> str:
        if self.high is not None and self.matched > self.high:
            return f"wanted {self._words()}, but {_times(self.matched)}: entries {self._seen()}"
        if self.matched < self.low or (self.high is not None and missed):
            return f"wanted {self._words()}, but {_times(self.matched)}{_gone(missed)}"
        return ""

    def too_many(self) -> list[NearMiss]:
        """The last entries that matched, where fewer should have."""
        if self.high is None or self.matched <= self.high:
            return []
        return [NearMiss(entry=seq) for seq in reversed(self._last)]

    def differences(self, record: Record) -> list[Difference]:
        return self.matcher.differences(record.request())

    def _words(self) -> str:
        if self.high is None:
            return f"at least {self.low}"
        if self.low == self.high:
            return str(self.low) if self.low else "none"
        return f"{self.low} to {self.high}" if self.low else f"at most {self.high}"

    def _seen(self) -> str:
        more = "…, " if self.matched > len(self._last) else ""
        return more + ", ".join(map(str, self._last))


class _Ordered:
    """One after the other; others may come between."""

    def __init__(self, matchers: Sequence[Matcher]) -> None:
        self.matchers = matchers
        self.matched = 0
        self._at = 0

    def see(self, record: Record) -> None:
        if self.matched == len(self.matchers):
            return
        matcher = self.matchers[self.matched]
        if matcher.matches(record.request()) and (matcher.calls is None or matcher.calls.take()):
            self.matched += 1
            self._at = record.seq

    def settled(self, missed: int) -> bool:
        return self.matched == len(self.matchers)

    def problem(self, missed: int) -> str:
        if self.matched == len(self.matchers):
            return ""
        place = f"after entry {self._at} (order[{self.matched - 1}])" if self.matched else "at all"
        return f"order[{self.matched}] of {len(self.matchers)} did not come {place}{_gone(missed)}"

    def too_many(self) -> list[NearMiss]:
        return []

    def differences(self, record: Record) -> list[Difference]:
        """From the one that did not come; a request that matches came too early."""
        found = self.matchers[self.matched].differences(record.request())
        if not found and record.seq <= self._at:
            found = [Difference(where="order", wanted=f"after entry {self._at}", got=f"entry {record.seq}")]
        return found


def _times(count: int) -> str:
    return "none came" if count == 0 else f"{count} came"


def _gone(missed: int) -> str:
    if not missed:
        return ""
    entries = "1 entry was" if missed == 1 else f"{missed} entries were"
    return f"; {entries} evicted unseen, so it can't be told (a larger journal holds more)"


async def _nearest(journal: Journal, wanted: _Counted | _Ordered, after: int) -> list[NearMiss]:
    """Of the newest requests those with the fewest differences, newer ones first among equals."""
    found: list[tuple[int, int, NearMiss]] = []
    for turn, record in enumerate(reversed(journal.records(max(after, journal.last - _LOOKED_AT)))):
        differences = wanted.differences(record)
        if differences:
            found.append((len(differences), -record.seq, NearMiss(entry=record.seq, differences=differences)))
            found.sort(key=lambda each: each[:2])
            del found[NEAREST:]
        if turn % _TURN == _TURN - 1:
            await asyncio.sleep(0)
    return [each for _, _, each in found]
