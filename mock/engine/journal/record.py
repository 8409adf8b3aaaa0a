"""One exchange as it is kept: the bytes and times as they come; nothing is decoded here."""

from __future__ import annotations

from array import array
from collections.abc import AsyncIterator, Callable
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from mock.engine.answer import Answer, Pairs
from mock.engine.request import Request

if TYPE_CHECKING:
    from mock.engine.api import Method
    from mock.engine.clock import Clock
    from mock.engine.journal.journal import Journal

OPEN = "open"

# Bytes that Python needs beside the content itself: a record with its entry in the journal, a header (a pair, two bytes
# objects and their place in the list), a piece of a stream (a bytes object, its place, its time), and a body that comes
# in pieces. Measured by a test; they may be too high, never too low.
RECORD = 920
HEADER = 152
PIECE = 64
STREAM = 400


class Pieces:
    """A body that comes in pieces, each with its time (monotonic); only the first `limit` bytes are kept."""

    __slots__ = ("data", "limit", "size", "times", "whole")

    def __init__(self, limit: int) -> None:
        self.limit = limit  # what is left of it
        self.size = 0
        self.whole = False  # they are all here
        self.data: list[bytes] = []
        self.times: array[float] = array("d")

    def add(self, piece: bytes) -> int:
        """How many bytes this takes."""
        self.size += len(piece)
        if self.limit <= 0:
            return 0
        kept = piece if len(piece) <= self.limit else piece[: self.limit]
        taken = len(kept) + PIECE
        self.limit -= taken
        self.data.append(bytes(kept))
        self.times.append(monotonic())
        return taken

    def forget(self) -> None:
        self.limit = 0
        self.data = []
        self.times = array("d")

    @property
    def cut(self) -> bool:
        return self.size > sum(map(len, self.data))


class Record:
    """The engine sets `rpc`, `dialect`, `by`, `fault` and `problem`; calls `answered` when it hands the answer over;
    the front calls `close`.

    `seq` is 0 until the request is complete. `size`: what the journal counts for it, in bytes. `journal` is None once
    it was evicted: it keeps nothing then. Of a request (answer) that came in pieces these are in `body_pieces`
    (`answer_pieces`). Times: `at` on the session's clock; `answered_at` and `closed_at` monotonic, 0 while not yet.
    """

    # What most exchanges leave as it is stands on the class: opening one costs as little as it can.
    seq = 0
    dialect: str | None = None
    by = ""
    fault: str | None = None
    problem: str | None = None
    status = 0
    answer_headers: Pairs = ()
    answer = b""
    answer_size = 0
    answer_pieces: Pieces | None = None
    trailers: Pairs = ()
    answered_at = 0.0
    closed_at = 0.0
    ended = OPEN
    body_pieces: Pieces | None = None

    def __init__(self, journal: Journal, request: Request, clock: Clock) -> None:
        self.journal: Journal | None = journal
        self._request = request
        self.at: float = clock.now()
        self.rpc: Method | None = request.rpc
        self.body_size = size = len(request.body)
        if size > journal.body_limit:
            size = journal.body_limit
        headers = request.headers
        size += RECORD + 2 * len(request.target) + HEADER * len(headers)
        for name, value in headers:
            size += len(name) + len(value)
        self.size = size
        journal.bytes += size

    # What the engine and the fronts say

    def answered(self, answer: Answer) -> None:
        """At hand-over, once. Pieces of the answer are kept on their way out, and its trailers."""
        answer.record = self
        self.answered_at = monotonic()
        self.status = answer.status
        journal = self.journal
        if journal is None:
            return
        if self.seq == 0:
            journal.number(self)
        self.answer_headers = headers = answer.headers
        body = answer.body
        self.answer_size = size = len(body)
        if size > journal.body_limit:
            body = body[: journal.body_limit]
            size = len(body)
        self.answer = body
        for name, value in headers:
            size += len(name) + len(value) + HEADER
        if answer.chunks is not None:
            size += STREAM
            self.answer_pieces = Pieces(journal.body_limit)
            answer.chunks = self._pass(answer.chunks, self.answer_pieces)
        if answer.trailers is not None:
            answer.trailers = partial(self._trailed, answer.trailers)
        self.size += size
        journal.bytes += size

    def close(self, ended: str = "complete") -> None:
        """`ended`: "complete", "client gone", "reset" or "cut". Only the first call counts."""
        if self.ended is not OPEN:
            return
        self.ended = ended
        self.closed_at = monotonic()
        journal = self.journal
        if journal is None:
            return
        # From here on the journal alone holds the request, so only what was counted may stay.
        request = self._request
        request.forget_json()
        if self.body_pieces is not None:
            request.incoming = None
            request.body = b""
        elif self.body_size > journal.body_limit:
            request.body = request.body[: journal.body_limit]
        if self.seq == 0 or journal.watched:
            journal.closed(self)

    # Streams

    def take(self, request: Request) -> None:
        """The request's body is still coming: it is kept on its way in."""
        assert request.incoming is not None and self.journal is not None
        self.body_pieces = Pieces(self.journal.body_limit)
        self.grow(STREAM)
        request.incoming = self._incoming(request.incoming, self.body_pieces)

    async def _incoming(self, incoming: AsyncIterator[bytes], pieces: Pieces) -> AsyncIterator[bytes]:
        async for piece in incoming:
            self._keep(pieces, piece)
            yield piece
        pieces.whole = True
        if self.seq == 0 and self.journal is not None:
            self.journal.number(self)

    async def _pass(self, chunks: AsyncIterator[bytes], pieces: Pieces) -> AsyncIterator[bytes]:
        try:
            async for piece in chunks:
                self._keep(pieces, piece)
                yield piece
        except Exception as error:
            self.problem = f"the answer failed on its way: {type(error).__name__}: {error}"
            raise
        finally:
            close = getattr(chunks, "aclose", None)
            if close is not None:
                await close()

    def _keep(self, pieces: Pieces, piece: bytes) -> None:
        if self.journal is None or not self.journal.room(self, len(piece) + PIECE):
            pieces.limit = 0
        self.grow(pieces.add(piece))

    def _trailed(self, trailers: Callable[[], Pairs]) -> Pairs:
        said = trailers()
        if self.journal is not None:
            self.trailers = said
            self.grow(sum(len(name) + len(value) + HEADER for name, value in said))
        return said

    def grow(self, size: int) -> None:
        if self.journal is not None:
            self.size += size
            self.journal.bytes += size

    def forget(self) -> None:
        """It was evicted: what is still open keeps nothing more."""
        self.journal = None
        for pieces in (self.body_pieces, self.answer_pieces):
            if pieces is not None:
                pieces.forget()

    # What was asked

    @property
    def asked(self) -> Request:
        """As it came; its body may be cut or still coming: see `body`."""
        return self._request

    @property
    def body(self) -> bytes:
        """Of the request, as far as it is here and kept."""
        if self.body_pieces is not None:
            return b"".join(self.body_pieces.data)
        return self._request.body

    def request(self) -> Request:
        """The request again, each time anew: what a matcher decodes is not held by the journal."""
        asked = self._request
        again = Request(
            asked.method,
            asked.target,
            asked.headers,
            self.body,
            connection=asked.connection,
            protocol=asked.protocol,
        )
        again.path = asked.path
        again.received = asked.received
        again.rpc = self.rpc
        again.fields = asked.fields
        if asked.protocol == "gRPC" and self.rpc is not None:
            from mock.engine.journal import sent
            from mock.engine.journal.body import NO_JSON

            value = sent.value(self, self.rpc)
            if value is not NO_JSON:
                again.replace_json(value)
        return again

    @property
    def body_cut(self) -> bool:
        return self.body_size > len(self._request.body) if self.body_pieces is None else self.body_pieces.cut

    @property
    def answer_cut(self) -> bool:
        return self.answer_size > len(self.answer) if self.answer_pieces is None else self.answer_pieces.cut

    def __repr__(self) -> str:
        return f"<record {self.seq} {self._request.method} {self._request.target}>"
