"""One stream of an HTTP/2 connection: a request, what has come of its body, and what of its answer is not out yet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mock.engine.http.incoming import Incoming
from mock.engine.http.request_head import RequestHead

if TYPE_CHECKING:
    from mock.engine.journal.journal import Record


class Stream:
    """`window`: bytes that we may send; it may be negative (RFC 9113 section 6.9.2). `credit`: that the peer may send;
    `owed`: what it gets back when its window is next widened, `pressed`: not before the reader of `incoming` goes on.

    `ended`: the peer's side is at its end. `finish` is what follows when `unsent` is out: None for more data, b"" for
    END_STREAM, else a block of trailers. `sent`: our side is at its end. `ending`: why it ends early.
    """

    __slots__ = (
        "credit",
        "drained",
        "ended",
        "ending",
        "finish",
        "head",
        "id",
        "incoming",
        "owed",
        "pieces",
        "pressed",
        "received",
        "record",
        "sent",
        "task",
        "unsent",
        "window",
    )

    def __init__(self, number: int, head: RequestHead, window: int, credit: int) -> None:
        self.id = number
        self.head = head
        self.window = window
        self.credit = credit
        self.owed = 0
        self.pressed = False
        self.ended = False
        self.ending = "complete"
        self.received = 0
        self.pieces: list[bytes] = []
        self.incoming: Incoming | None = None
        self.task: asyncio.Task[None] | None = None
        self.unsent: memoryview | bytes = b""
        self.finish: bytes | None = None
        self.sent = False
        self.drained: asyncio.Future[None] | None = None
        self.record: Record | None = None


class Closed:
    """Which streams were closed lately, and whether by a reset of ours: those may still have frames on the way.

    The older half is forgotten whenever the younger is full.
    """

    __slots__ = ("_older", "_younger")

    _HALF = 1_000

    def __init__(self) -> None:
        self._younger: dict[int, bool] = {}
        self._older: dict[int, bool] = {}

    def add(self, number: int, reset: bool) -> None:
        if len(self._younger) >= self._HALF:
            self._older, self._younger = self._younger, {}
        self._younger[number] = reset

    def reset(self, number: int) -> bool | None:
        """None for a stream that is not remembered."""
        found = self._younger.get(number)
        return self._older.get(number) if found is None else found
