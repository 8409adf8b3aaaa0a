"""An answer as the engine hands it to a front."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mock.engine.faults.strike import Strike
    from mock.engine.journal.journal import Record

Pairs = tuple[tuple[bytes, bytes], ...]
JSON: Pairs = ((b"content-type", b"application/json"),)
TEXT: Pairs = ((b"content-type", b"text/plain; charset=utf-8"),)


class Answer:
    """`headers` are without framing (content-length, transfer-encoding, connection, date): that is the front's.

    Streamed answers have `chunks` and an empty `body`; closing the iterator early means that the client went away.
    `trailers` (HTTP/2) is called when the chunks are at their end. `strike` is what the front does to the answer on the
    way. The front calls `record.close(ended)` when the last byte is out or the exchange is over for another reason.
    """

    __slots__ = ("body", "chunks", "headers", "record", "status", "strike", "trailers")

    def __init__(
        self,
        status: int,
        headers: Pairs = JSON,
        body: bytes = b"",
        *,
        chunks: AsyncIterator[bytes] | None = None,
        trailers: Callable[[], Pairs] | None = None,
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.chunks = chunks
        self.trailers = trailers
        self.strike: Strike | None = None
        self.record: Record | None = None
