"""The programs that a worker keeps, each in its session."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bridge.v1.program_wire import ProgramSummary, Signature
from samewire_wire import MISSING, Timestamp


class Refused(Exception):
    """A command that cannot be done; the text is the answer."""


@dataclass(slots=True)
class Program:
    """Times are seconds since 1970."""

    name: str
    signature: Signature
    session: str | None
    created: float
    executions: int = 0
    executed: float | None = None

    def summary(self) -> ProgramSummary:
        return ProgramSummary(
            id=self.name,
            created_at=Timestamp.from_seconds(self.created),
            execution_count=self.executions,
            last_executed=None if self.executed is None else Timestamp.from_seconds(self.executed),
            signature=self.signature,
            session_id=MISSING if self.session is None else self.session,
        )


@dataclass(slots=True)
class Programs:
    """Session None is the one of standalone mode.

    Nobody sees another session's programs. (The source lists those of all sessions to whoever names none, or one that
    there is not: facts A2.)
    """

    now: Callable[[], float] = time.time
    _sessions: dict[str | None, dict[str, Program]] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(map(len, self._sessions.values()))

    @property
    def sessions(self) -> int:
        return len(self._sessions)

    def create(self, session: str | None, name: str, signature: Signature) -> Program:
        """A session comes into being with its first program."""
        mine = self._sessions.setdefault(session, {})
        if name in mine:
            where = "" if session is None else f" in session {session}"
            raise Refused(f"Program with ID '{name}' already exists{where}")
        program = mine[name] = Program(name, signature, session, self.now())
        return program

    def find(self, session: str | None, name: str) -> Program:
        mine = self._sessions.get(session)
        if mine is None and session is not None:
            raise Refused(f"Session not found: {session}")
        program = (mine or {}).get(name)
        if program is None:
            raise Refused(f"Program not found{'' if session is None else f' in session {session}'}: {name}")
        return program

    def list(self, session: str | None) -> list[Program]:
        return list(self._sessions.get(session, {}).values())

    def delete(self, session: str | None, name: str) -> None:
        self.find(session, name)
        del self._sessions[session][name]

    def drop(self, session: str) -> int | None:
        """How many programs went with the session; None if there is no such session."""
        mine = self._sessions.pop(session, None)
        return None if mine is None else len(mine)

    def clear(self) -> int:
        count = len(self)
        self._sessions.clear()
        return count
