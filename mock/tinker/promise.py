"""Promises: what long calls answer at once, and what they come to."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mock.engine.clock import Clock

if TYPE_CHECKING:
    from samewire_wire import Model

Category = Literal["unknown", "server", "user"]
# A server that runs for days forgets what was fetched long ago, whatever its expiry.
_KEEP_DONE = 20_000
_KEEP_FETCHED = 2_000
_KEEP_KEYS = 20_000


@dataclass(slots=True)
class Failed(Exception):
    """How a promise ends that can't be kept."""

    message: str
    category: Category = "user"


@dataclass(frozen=True, slots=True)
class Result:
    """`json`: the message of the definitions; `binary`: that of 0.38, where there is one."""

    json: Callable[[], Model]
    binary: Callable[[], Model] | None = None


class Promise:
    """`operation` as in FailRule; `model_id` of training, `sampler` and `clone` of samples."""

    __slots__ = (
        "_ready",
        "clone",
        "done_at",
        "failed",
        "fetched",
        "id",
        "model_id",
        "operation",
        "polls",
        "rendered",
        "result",
        "sampler",
        "sequence_ids",
        "task",
        "then",
    )

    def __init__(self, request_id: str, operation: str, model_id: str | None = None) -> None:
        self.id = request_id
        self.operation = operation
        self.model_id = model_id
        self.sampler: str | None = None
        self.clone = 0
        self.sequence_ids: list[str] | None = None
        self.result: Result | None = None
        self.failed: Failed | None = None
        self.done_at: float | None = None
        self.polls = 0
        self.fetched = False
        self.rendered: tuple[object, Any] | None = None  # the last form that was asked for, until it is fetched
        self.task: asyncio.Task[None] | None = None
        self.then: Callable[[Promise], None] | None = None
        self._ready: asyncio.Event | None = None

    @property
    def done(self) -> bool:
        return self.done_at is not None

    def settle(self, outcome: Result | Failed, now: float) -> None:
        """The first outcome counts."""
        if self.done_at is not None:
            return
        if isinstance(outcome, Failed):
            self.failed = outcome
        else:
            self.result = outcome
        self.done_at = now
        if self._ready is not None:
            self._ready.set()
        if self.then is not None:
            self.then(self)

    async def wait(self, clock: Clock, seconds: float) -> bool:
        """Whether it is done within that time."""
        if self.done or seconds <= 0:
            return self.done
        if self._ready is None:
            self._ready = asyncio.Event()
        await clock.wait(self._ready.wait(), seconds)
        return self.done


class Promises:
    """All of a session, by id; done ones are forgotten when they expire."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._count = 0
        self._open: dict[str, Promise] = {}
        self._done: OrderedDict[str, Promise] = OrderedDict()
        self._fetched: OrderedDict[str, None] = OrderedDict()
        self._by_key: OrderedDict[str, str] = OrderedDict()
        self.expiry = 3600.0

    def make(self, operation: str, model_id: str | None = None, key: str | None = None) -> Promise:
        """`key`: what a repetition of the same request can be told by."""
        self._count += 1
        made = self._open[f"req-{self._count}"] = Promise(f"req-{self._count}", operation, model_id)
        if key is not None:
            self._by_key[key] = made.id
            if len(self._by_key) > _KEEP_KEYS:
                self._by_key.popitem(last=False)
        return made

    def settle(self, promise: Promise, outcome: Result | Failed) -> None:
        if promise.done:
            return
        promise.settle(outcome, self._clock.now())
        promise.task = None
        self._open.pop(promise.id, None)
        self._done[promise.id] = promise
        self._forget()

    def repeated(self, key: str | None) -> Promise | None:
        """The promise of a request that was sent before."""
        return self.find(self._by_key[key]) if key is not None and key in self._by_key else None

    def find(self, request_id: str) -> Promise | None:
        self._forget()
        return self._open.get(request_id) or self._done.get(request_id)

    def known(self, request_id: str) -> bool:
        """Whether it was ever given out."""
        prefix, _, number = request_id.partition("-")
        return prefix == "req" and number.isascii() and number.isdigit() and 0 < int(number[:18]) <= self._count

    def fetched(self, promise: Promise) -> None:
        """It may be asked for again, but is among the first to be forgotten."""
        promise.fetched = True
        promise.rendered = None
        self._fetched[promise.id] = None
        self._fetched.move_to_end(promise.id)
        while len(self._fetched) > _KEEP_FETCHED:
            self._done.pop(self._fetched.popitem(last=False)[0], None)

    @property
    def open(self) -> list[Promise]:
        return list(self._open.values())

    def __len__(self) -> int:
        return len(self._open) + len(self._done)

    def _forget(self) -> None:
        limit = self._clock.now() - self.expiry
        while self._done:
            oldest = next(iter(self._done.values()))
            if len(self._done) <= _KEEP_DONE and (oldest.done_at or 0) > limit:
                return
            del self._done[oldest.id]
            self._fetched.pop(oldest.id, None)
