"""The sessions of a pool: since when, how busy, and which worker keeps what is theirs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bridge.v1.session_wire import SessionInfo

from parity.bridge.clock import Clock
from parity.bridge.fault import Fault

W = TypeVar("W")


@dataclass(slots=True)
class Session(Generic[W]):
    """Times are seconds on the pool's clock. `worker`: the one that it goes back to; None before the first."""

    id: str
    started: float
    active: float
    operations: int = 0
    using: int = 0  # how many have a worker for it or wait for one
    worker: W | None = None


@dataclass(slots=True)
class Sessions(Generic[W]):
    """By id. A worker may keep several sessions, a session has one worker."""

    clock: Clock
    _all: dict[str, Session[W]] = field(default_factory=dict)
    _of: dict[W, dict[str, Session[W]]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, name: str) -> bool:
        return name in self._all

    def track(self, name: str) -> tuple[Session[W], bool]:
        """The session, and whether it is new."""
        session = self._all.get(name)
        if session is not None:
            return session, False
        now = self.clock.now()
        session = self._all[name] = Session(name, now, now)
        return session, True

    def worker(self, name: str) -> W | None:
        """The one that keeps what is the session's."""
        session = self._all.get(name)
        return None if session is None else session.worker

    def end(self, name: str) -> Session[W]:
        """Raises Fault(session_not_found)."""
        session = self._all.pop(name, None)
        if session is None:
            raise Fault("session_not_found", f"There is no session {name}", session_id=name)
        if session.worker is not None:
            self._unbind(session)
        return session

    def bind(self, session: Session[W], worker: W) -> None:
        """Ended meanwhile: it stays without a worker."""
        if session.worker is worker or self._all.get(session.id) is not session:
            return
        if session.worker is not None:
            self._unbind(session)
        session.worker = worker
        self._of.setdefault(worker, {})[session.id] = session

    def count(self, worker: W) -> int:
        """How many sessions the worker keeps."""
        return len(self._of.get(worker, ()))

    def lose(self, worker: W) -> int:
        """The worker is gone; its sessions go to another one. How many there were."""
        lost = self._of.pop(worker, {})
        for session in lost.values():
            session.worker = None
        return len(lost)

    def stale(self, seconds: float) -> Iterable[str]:
        """Those that nobody used for that long, and nobody uses now."""
        before = self.clock.now() - seconds
        return [session.id for session in self._all.values() if session.active <= before and not session.using]

    def infos(self) -> dict[str, SessionInfo]:
        return {
            name: SessionInfo(
                session_id=name,
                started_at=int(session.started * 1000),
                last_activity=int(session.active * 1000),
                operations=session.operations,
            )
            for name, session in self._all.items()
        }

    def _unbind(self, session: Session[W]) -> None:
        assert session.worker is not None
        kept = self._of[session.worker]
        del kept[session.id]
        if not kept:
            del self._of[session.worker]
        session.worker = None
