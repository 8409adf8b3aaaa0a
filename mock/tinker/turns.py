"""The order of a model's calls: by seq_id, whatever order they arrive in."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from mock.engine.clock import Clock

Job = Callable[[], Awaitable[None]]
T = TypeVar("T")
_REMEMBERED = 20_000


class OutOfTurn(ValueError):
    """A seq_id whose turn is over."""


class Turns(Generic[T]):
    """Runs jobs one after the other. seq_ids count from 1; one that comes early waits for those before it, and after
    `patience` seconds they count as lost. A job without one (None, 0) comes after what can run now.

    A job raises nothing. `T`: what is remembered by seq_id, for repetitions.
    """

    def __init__(self, clock: Clock, patience: Callable[[], float]) -> None:
        self._clock = clock
        self._patience = patience
        self._next = 1
        self._early: dict[int, Job] = {}
        self._queue: deque[Job] = deque()
        self._runner: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._remembered: OrderedDict[int, T] = OrderedDict()

    def seen(self, seq_id: int | None) -> T | None:
        """What was remembered under the seq_id. Raises OutOfTurn where nothing is and its turn is over."""
        if not seq_id:
            return None
        found = self._remembered.get(seq_id)
        if found is None and seq_id < self._next:
            raise OutOfTurn(f"seq_id {seq_id} is out of turn: the next is {self._next}")
        return found

    def submit(self, seq_id: int | None, remember: T, job: Job) -> None:
        if not seq_id:
            self._queue.append(job)
        else:
            self._remembered[seq_id] = remember
            if len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
            self._early[seq_id] = job
            self._advance()
        self._run()

    def give_up(self, seq_id: int) -> None:
        """Those before it that have not come are lost."""
        while self._early and (first := min(self._early)) < seq_id:
            self._next = first
            self._advance()
        self._next = max(self._next, seq_id)
        self._advance()
        self._run()

    def skip(self, seq_id: int | None) -> None:
        """The request of that seq_id was refused; those after it need not wait."""
        if seq_id and seq_id >= self._next and seq_id not in self._early:
            self._early[seq_id] = _nothing
            self._advance()
            self._run()

    async def idle(self) -> None:
        """Until nothing is left that can run."""
        while self._runner is not None:
            await asyncio.wait({self._runner})

    def close(self) -> None:
        for task in (self._runner, self._watch):
            if task is not None:
                task.cancel()
        self._early.clear()
        self._queue.clear()

    def _advance(self) -> None:
        while (job := self._early.pop(self._next, None)) is not None:
            self._queue.append(job)
            self._next += 1
        if self._early and self._watch is None:
            self._watch = asyncio.ensure_future(self._wait_for(self._next))
        elif not self._early and self._watch is not None:
            self._watch.cancel()
            self._watch = None

    async def _wait_for(self, missing: int) -> None:
        while self._early:
            await self._clock.sleep(self._patience())
            if self._next == missing and self._early:
                self._next = min(self._early)
                break
            missing = self._next
        self._watch = None
        self._advance()
        self._run()

    def _run(self) -> None:
        if self._queue and self._runner is None:
            self._runner = asyncio.ensure_future(self._work())

    async def _work(self) -> None:
        try:
            while self._queue:
                await self._queue.popleft()()
        finally:
            self._runner = None


async def _nothing() -> None:
    pass
