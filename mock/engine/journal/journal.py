"""The journal of a session: the last exchanges, bounded by bytes, and how many came before them."""

from __future__ import annotations

from collections import deque
from itertools import islice
from time import monotonic, time
from typing import TYPE_CHECKING

from mock.engine.journal.record import OPEN, Record

if TYPE_CHECKING:
    from samewire.mock.v1.admin_wire import JournalPage
    from samewire.mock.v1.journal_wire import Entry, Verdict, Verification

    from mock.engine.api import Apis
    from mock.engine.clock import Clock
    from mock.engine.journal.watch import Cursor, Watch
    from mock.engine.request import Request
    from mock.engine.stubs.matcher import Matcher

__all__ = ["BODY_LIMIT", "LIMIT", "Journal", "Record"]

LIMIT = 8 * 1024 * 1024  # some 3,000 small exchanges; with it a server stays below 64 MB
BODY_LIMIT = 1024 * 1024
PAGE = 100


class Journal:
    """Entries count from 1 in the order in which their requests were complete, and are evicted in that order.

    A request whose body is still coming has no number yet; it gets it with its last byte, or when it is answered or
    over before that. `bytes`: what the entries take, with what Python needs for them; at most `limit_bytes` (and the
    answer that came last). Of a body (of all pieces of a stream, with what each needs) `body_limit` bytes are kept.
    """

    def __init__(self, limit_bytes: int = LIMIT, *, session: str = "default", body_limit: int = BODY_LIMIT) -> None:
        self.session = session
        self.limit = limit_bytes
        self.body_limit = body_limit
        # What a reading of the monotonic clock is on the wall.
        self.wall = time() - monotonic()
        self.bytes = 0
        self.last = 0
        self._held: deque[Record] = deque()
        self._coming: set[Record] = set()
        self._cursors: list[Cursor] = []
        self.watched = False

    @property
    def held(self) -> int:
        return len(self._held)

    @property
    def evicted(self) -> int:
        """Entries 1 to this one are gone."""
        return self.last - len(self._held)

    # Writing

    def open(self, request: Request, clock: Clock) -> Record:
        """Begins an entry. Pieces of `request.incoming` are kept as they come."""
        record = Record(self, request, clock)
        if request.incoming is not None:
            self._coming.add(record)
            record.take(request)
            return record
        # As `number`, without the call.
        self.last = record.seq = self.last + 1
        self._held.append(record)
        if self.bytes > self.limit:
            self._evict()
        if self.watched:
            self._tell()
        return record

    def number(self, record: Record) -> None:
        """The request is complete."""
        self.last = record.seq = self.last + 1
        self._held.append(record)
        if record.body_pieces is not None:
            self._coming.discard(record)
            record.body_size = record.body_pieces.size
        if self.watched:
            self._tell()

    def closed(self, record: Record) -> None:
        """Needed where `record` has no number or somebody watches."""
        if record.seq == 0:
            self.number(record)
        for cursor in self._cursors:
            cursor.ended(record)

    def room(self, record: Record, size: int) -> bool:
        """Makes room for so many bytes more of a stream; False where there is none, or `record` itself had to go."""
        if self.bytes + size > self.limit:
            self._evict(size)
            return record.journal is not None and self.bytes + size <= self.limit
        return True

    def clear(self) -> None:
        """Empty, and counting from 1 again. Exchanges that are still open are forgotten too."""
        for record in (*self._held, *self._coming):
            record.forget()
        self._held.clear()
        self._coming.clear()
        self.bytes = 0
        self.last = 0
        for cursor in self._cursors:
            cursor.restart()

    def _tell(self) -> None:
        for cursor in self._cursors:
            cursor.tell()

    def _evict(self, room: int = 0) -> None:
        held = self._held
        while held and self.bytes + room > self.limit:
            record = held.popleft()
            self.bytes -= record.size
            record.journal = None
            if record.ended is OPEN:
                record.forget()

    # Reading

    def records(self, after: int = 0) -> list[Record]:
        """Those that are held, oldest first."""
        count = min(self.last - after, len(self._held))
        newest = list(islice(reversed(self._held), max(count, 0)))
        newest.reverse()
        return newest

    def find(self, seq: int) -> Record:
        """Raises LookupError, which says whether it was evicted or never was."""
        if not 1 <= seq <= self.last:
            raise LookupError(f"the journal has no entry {seq}; the last one is {self.last}")
        if seq <= self.evicted:
            raise LookupError(f"entry {seq} was evicted; the oldest that is held is {self.evicted + 1}")
        return self._held[seq - self.evicted - 1]

    def entry(self, seq: int) -> Entry:
        """Raises LookupError."""
        from mock.engine.journal.entry import entry

        return entry(self.find(seq), self)

    def page(self, after: int | None = None, limit: int | None = None, matcher: Matcher | None = None) -> JournalPage:
        """Entries after `after`, at most `limit` (100), of requests that match."""
        from samewire.mock.v1.admin_wire import JournalPage

        from mock.engine.journal.entry import entry

        found: list[Record] = []
        more = False
        limit = PAGE if limit is None else limit
        for record in self.records(after or 0):
            if matcher is not None and not matcher.matches(record.request()):
                continue
            if len(found) == limit:
                more = True
                break
            found.append(record)
        return JournalPage(entries=[entry(each, self) for each in found], evicted=self.evicted, more=more)

    def watch(self, after: int | None = None, matcher: Matcher | None = None) -> Watch:
        """An async iterator of entries as they come; see Watch. Without `after`: those to come."""
        from mock.engine.journal.watch import Watch

        return Watch(self, self.last if after is None else after, matcher)

    async def verify(self, verification: Verification, apis: Apis) -> Verdict:
        """Raises StubError for a match that can't be compiled, ValueError for a verification that says two things."""
        from mock.engine.journal.verify import verify

        return await verify(self, verification, apis)

    def attach(self, cursor: Cursor) -> None:
        self._cursors.append(cursor)
        self.watched = True

    def detach(self, cursor: Cursor) -> None:
        if cursor in self._cursors:
            self._cursors.remove(cursor)
            self.watched = bool(self._cursors)

    def __repr__(self) -> str:
        return f"<journal {self.session}: {self.held} of {self.last} entries, {self.bytes} bytes>"
