"""The stubs of one session: which of them answers, whose turn it is, and why none does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from samewire.mock.v1.journal_wire import Difference, NearMiss
from samewire.mock.v1.stub_wire import Stub

from mock.engine.request import Request
from mock.engine.stubs.error import StubError
from mock.engine.stubs.index import Index
from mock.engine.stubs.matcher import Matcher
from mock.engine.stubs.near import Near
from mock.engine.stubs.reply import Reply, Turn, compiled
from mock.engine.stubs.view import View

if TYPE_CHECKING:
    from mock.engine.api import Apis

STARTED = "started"  # the state in which every state machine begins
_PRIORITY = 1 << 40  # more than stubs are ever added


@dataclass(frozen=True, slots=True)
class Hit:
    """`stub`: its id."""

    stub: str
    reply: Reply | Turn


class _Entry:
    """One stub, compiled, with what it remembers: calls counted and answers given."""

    __slots__ = (
        "_answered",
        "_hits",
        "_replies",
        "calls",
        "dead",
        "facts",
        "holds",
        "matcher",
        "rank",
        "removed",
        "scenario",
        "stub",
    )

    def __init__(self, stub: Stub, rank: int, apis: Apis, where: str) -> None:
        self.stub = stub
        self.rank = rank
        self.matcher = Matcher(stub.request, apis, f"{where}.request")
        self.holds = self.matcher.holds
        self.calls = self.matcher.calls
        self.facts = self.matcher.facts
        self.scenario = stub.scenario
        self.removed = False
        self.dead = False  # removed or retired
        self._answered = 0
        if not stub.answers:
            raise StubError(f"{where}.answers", "a stub needs an answer; {} gives an empty one")
        self._replies = [
            compiled(reply, stub, apis, f"{where}.answers[{index}]") for index, reply in enumerate(stub.answers)
        ]
        self._hits = [Hit(stub.id or "", reply) for reply in self._replies]

    def in_state(self, states: dict[str, str]) -> bool:
        step = self.scenario
        return step is None or step.state is None or states.get(step.name, STARTED) == step.state

    def take(self, request: Request, states: dict[str, str]) -> Hit:
        """The answer whose turn it is."""
        number = self._answered
        self._answered += 1
        last = len(self._hits) - 1
        if number >= last:
            if self.stub.after == "retire":
                self.dead = True
            number = number % (last + 1) if self.stub.after == "cycle" else last
        step = self.scenario
        if step is not None and step.next is not None:
            states[step.name] = step.next
        reply = self._replies[number]
        if not reply.rendered:
            return self._hits[number]
        fields = {**(request.fields or {}), **self.matcher.fields(request)}
        return Hit(self.stub.id or "", reply.turn(self._answered, fields))

    def differences(self, view: View, states: dict[str, str]) -> list[Difference]:
        """Everything that keeps it from answering, what it remembers included."""
        found = self.matcher.differences_in(view)
        if self.scenario is not None and not self.in_state(states):
            step = self.scenario
            found.append(
                Difference(where=f"scenario {step.name}", wanted=f"{step.state}", got=states.get(step.name, STARTED))
            )
        if self.dead:
            given = f"all {len(self._replies)} are given"
            found.append(Difference(where="answers", wanted="one that is not given yet (after: retire)", got=given))
        if self.calls is not None and not found and not self.calls.meant(self.calls.count):
            found.append(Difference(where="calls", wanted=str(self.calls), got=f"call {self.calls.count}"))
        return found


class _Level:
    """An index and, once a request missed, what finds its near misses."""

    def __init__(self, entries: Iterable[_Entry]) -> None:
        self.index = Index(entries)

    @cached_property
    def near(self) -> Near[_Entry]:
        return Near(self.index.entries)


class StubSet:
    """Many stubs cost what one does: they are behind an index.

    New ones get an index of their own when they are first asked for, beside the large one that stays as it is; sizes at
    least double from one to the next, so there are few.
    """

    def __init__(self, apis: Apis) -> None:
        self._apis = apis
        self._entries: dict[str, _Entry] = {}  # by id, in the order in which they were added
        self._added = 0
        self._counting = 0  # stubs with a call range: they see every request
        self._pending: list[_Entry] = []
        self._levels: list[_Level] = []

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, stubs: Sequence[Stub]) -> list[str]:
        """All or none; their ids. Raises StubError with the place below `$.stubs`."""
        made: dict[str, _Entry] = {}
        added = self._added
        number = len(self._entries)
        taken = {stub.id for stub in stubs}
        for index, stub in enumerate(stubs):
            where = f"$.stubs[{index}]"
            if stub.id is None:
                number += 1
                while f"stub-{number}" in self._entries or f"stub-{number}" in taken:
                    number += 1
                stub = stub.model_copy(update={"id": f"stub-{number}"})
            assert stub.id is not None
            if stub.id in made:
                raise StubError(f"{where}.id", f"another stub of these is called {stub.id!r} too")
            if not stub.id:
                raise StubError(f"{where}.id", "an id can't be empty; without the key it is made up")
            added += 1
            made[stub.id] = _Entry(stub, (stub.priority or 0) * _PRIORITY + added, self._apis, where)
        for name, entry in made.items():
            self.remove(name)
            self._entries[name] = entry
            self._counting += entry.calls is not None
        self._added = added
        self._pending += made.values()
        return list(made)

    def find(self, request: Request, states: dict[str, str]) -> Hit | None:
        """The stub that answers, its turn taken: calls are counted, its state machine steps on."""
        if self._pending:
            self._settle()
        view = View(request)
        if self._counting:
            best = self._find_counting(view, states)
        else:
            best = None
            for level in self._levels:
                for entries in level.index.candidates(view):
                    for entry in entries:
                        if best is not None and entry.rank < best.rank:
                            break
                        if entry.holds(view) and not entry.dead and (entry.scenario is None or entry.in_state(states)):
                            best = entry
                            break
        return None if best is None else best.take(request, states)

    def _find_counting(self, view: View, states: dict[str, str]) -> _Entry | None:
        """Stubs with a call range count all requests that hold otherwise, also those that another stub answers."""
        best: _Entry | None = None
        for level in self._levels:
            for entries in level.index.candidates(view):
                for entry in entries:
                    higher = best is None or entry.rank > best.rank
                    if not (higher or entry.calls) or not entry.holds(view):
                        continue
                    meant = entry.calls is None or entry.calls.take()
                    if meant and higher and not entry.dead and entry.in_state(states):
                        best = entry
        return best

    def explain(self, request: Request, states: dict[str, str], limit: int = 3) -> list[NearMiss]:
        """The stubs that come nearest to answering, best first, with everything that differs."""
        if self._pending:
            self._settle()
        view = View(request)
        ranked = sorted(
            (each for level in self._levels for each in level.near.candidates(view) if not each.removed),
            key=lambda each: each.matcher.distance(view) + (not each.in_state(states)) + each.dead,
        )
        return [
            NearMiss(stub=each.stub.id, differences=each.differences(view, states)) for each in ranked[: max(limit, 0)]
        ]

    def list(self) -> list[Stub]:
        """In the order in which they were added, each with its id."""
        return [entry.stub for entry in self._entries.values()]

    def remove(self, name: str) -> bool:
        """Whether there was one with that id."""
        entry = self._entries.pop(name, None)
        if entry is None:
            return False
        entry.dead = entry.removed = True
        self._counting -= entry.calls is not None
        if len(self._entries) * 2 < sum(len(level.index.entries) for level in self._levels):
            self._levels = []
            self._pending = [*self._entries.values()]
        return True

    def clear(self) -> None:
        """Ids are counted from 1 again."""
        self.__init__(self._apis)  # type: ignore[misc]

    def _settle(self) -> None:
        fresh = self._pending
        while self._levels and len(self._levels[-1].index.entries) <= 2 * len(fresh):
            fresh = [*self._levels.pop().index.entries, *fresh]
        self._levels.append(_Level(entry for entry in fresh if not entry.removed))
        self._pending = []
