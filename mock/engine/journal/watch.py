"""Entries as they come. Who reads slowly misses some, and is told how many; the server never waits for a reader."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from mock.engine.journal.entry import entry
from mock.engine.journal.record import OPEN, Record

if TYPE_CHECKING:
    from samewire.mock.v1.journal_wire import Entry

    from mock.engine.journal.journal import Journal
    from mock.engine.stubs.matcher import Matcher

# Entries told while they were open, whose end is still to be told; and ends not yet told. Numbers only.
_OPEN = 10_000


class Cursor:
    """A place in a journal. It holds numbers, no records: what it has not yet seen stays in the journal, or goes.

    `after`: the last entry seen. `missed`: entries that were evicted unseen. `ends`: whether `next_end` is asked too.
    """

    def __init__(self, journal: Journal, after: int, *, ends: bool = False) -> None:
        self.journal = journal
        self.after = after
        self.missed = 0
        self._with_ends = ends
        self._open: dict[int, None] = {}
        self._ends: deque[int] = deque()
        self._woken: asyncio.Future[None] | None = None
        journal.attach(self)

    def next(self) -> Record | None:
        """The next entry that has not been seen; None where there is none yet."""
        journal = self.journal
        evicted = journal.evicted
        if self.after < evicted:
            self.missed += evicted - self.after
            self.after = evicted
        if self.after >= journal.last:
            return None
        record = journal.find(self.after + 1)
        self.after += 1
        if self._with_ends and record.ended is OPEN:
            if len(self._open) >= _OPEN:
                del self._open[next(iter(self._open))]
                self.missed += 1
            self._open[record.seq] = None
        return record

    def next_end(self) -> Record | None:
        """An entry that `next` gave while it was open, and that is over now."""
        while self._ends:
            seq = self._ends.popleft()
            if seq > self.journal.evicted:
                return self.journal.find(seq)
            self.missed += 1
        return None

    async def wait(self, seconds: float | None = None) -> bool:
        """Until something is new; False when `seconds` (real) went by."""
        self._woken = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(self._woken, seconds)
        except TimeoutError:
            return False
        finally:
            self._woken = None
        return True

    def close(self) -> None:
        self.journal.detach(self)

    # What the journal says

    def tell(self) -> None:
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    def ended(self, record: Record) -> None:
        if record.seq in self._open:
            del self._open[record.seq]
            self._ends.append(record.seq)
            self.tell()

    def restart(self) -> None:
        """The journal is empty and counts from 1."""
        self.after = 0
        self._open.clear()
        self._ends.clear()


class Watch:
    """Entries after `after`, without end; one that was still open when it was told comes again when it is over.

    `missed`: how many were evicted before this reader came to them; a gap in the numbers (`seq`) shows the same. Close
    it with `aclose()`. Raises nothing of its own.
    """

    def __init__(self, journal: Journal, after: int, matcher: Matcher | None = None) -> None:
        self._cursor = Cursor(journal, after, ends=True)
        self._matcher = matcher

    @property
    def missed(self) -> int:
        return self._cursor.missed

    def __aiter__(self) -> Watch:
        return self

    async def __anext__(self) -> Entry:
        cursor = self._cursor
        while True:
            record = cursor.next_end() or cursor.next()
            if record is None:
                await cursor.wait()
            elif self._matcher is None or self._matcher.matches(record.request()):
                return entry(record, cursor.journal)

    async def aclose(self) -> None:
        self._cursor.close()

    def __del__(self) -> None:
        self._cursor.close()
