"""Those who wait for a worker: first come, first served, among those whom the worker suits."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

from parity.bridge.sessions import Session

W = TypeVar("W")


@dataclass(slots=True, eq=False)
class Waiter(Generic[W]):
    """One who waits. `pinned`: only this worker will do; None takes any. `ticket` rises with each who comes."""

    ticket: int
    session: Session[W] | None
    pinned: W | None
    worker: asyncio.Future[W]
    left: bool = False


class Line(Generic[W]):
    """A line of those who take any worker, and one before each worker that somebody wants.

    Who has left stays in it until its turn and is passed over then: nothing is searched.
    """

    def __init__(self) -> None:
        self._last = 0
        self._any: deque[Waiter[W]] = deque()
        self._pinned: dict[W, deque[Waiter[W]]] = {}
        self._length = 0
        self._pinned_length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def for_any(self) -> int:
        """How many take any worker."""
        return self._length - self._pinned_length

    def join(self, session: Session[W] | None, pinned: W | None) -> Waiter[W]:
        self._last += 1
        waiter = Waiter(self._last, session, pinned, asyncio.get_running_loop().create_future())
        self._length += 1
        if pinned is None:
            self._any.append(waiter)
        else:
            self._pinned_length += 1
            self._pinned.setdefault(pinned, deque()).append(waiter)
        return waiter

    def leave(self, waiter: Waiter[W]) -> None:
        """Gives up, or is served: it waits no longer. Again is nothing."""
        if not waiter.left:
            waiter.left = True
            self._length -= 1
            self._pinned_length -= waiter.pinned is not None

    def next(self, worker: W) -> Waiter[W] | None:
        """Takes out who came first of those that want this worker or any."""
        mine = self._pinned.get(worker)
        pinned = _first(mine) if mine is not None else None
        if mine is not None and pinned is None:
            del self._pinned[worker]
        waiter = _first(self._any)
        if pinned is not None and (waiter is None or pinned.ticket < waiter.ticket):
            self._pinned[worker].popleft()
            waiter = pinned
        elif waiter is not None:
            self._any.popleft()
        if waiter is not None:
            self.leave(waiter)
        return waiter

    def pin(self, waiter: Waiter[W], worker: W) -> None:
        """Puts one whom `next` gave back in line, at its old place, before this worker."""
        waiter.left = False
        waiter.pinned = worker
        self._length += 1
        self._pinned_length += 1
        line = self._pinned.get(worker, ())
        self._pinned[worker] = deque(sorted([*line, waiter], key=_ticket))

    def release(self, worker: W) -> list[Waiter[W]]:
        """The worker is gone: sessions that wanted it take any now, and keep their place.

        Takes out and gives those without a session, who want nothing else.
        """
        line = [it for it in self._pinned.pop(worker, ()) if not it.left]
        bereft = [it for it in line if it.session is None]
        for waiter in bereft:
            self.leave(waiter)
        moved = [it for it in line if it.session is not None]
        for waiter in moved:
            waiter.pinned = None
        self._pinned_length -= len(moved)
        if moved:
            self._any = deque(sorted([*self._any, *moved], key=_ticket))
        return bereft

    def dismiss(self, pinned: bool = True) -> list[Waiter[W]]:
        """Takes out all, in order; without those that want a certain worker if not `pinned`."""
        lines = [self._any, *self._pinned.values()] if pinned else [self._any]
        waiters = sorted((it for line in lines for it in line if not it.left), key=_ticket)
        for waiter in waiters:
            self.leave(waiter)
        self._any.clear()
        if pinned:
            self._pinned.clear()
        return waiters


def _first(line: deque[Waiter[W]]) -> Waiter[W] | None:
    # One whose task was cancelled is done a moment before it leaves.
    while line and (line[0].left or line[0].worker.done()):
        line.popleft()
    return line[0] if line else None


def _ticket(waiter: Waiter[W]) -> int:
    return waiter.ticket
