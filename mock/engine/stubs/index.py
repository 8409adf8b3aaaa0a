"""A discriminator index: from a request to the few entries that it can be.

A tree over facts. Each node looks at one place of the request (its method, its path, a header, a value of its body)
and goes on with the entries that want the value that is there, and with those that say nothing of the place. The place
is the one that leaves fewest entries; method and path come first, so that no body is read for a request that nobody
waits for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from mock.engine.stubs.condition import Fact, Place, reader
from mock.engine.stubs.view import View

_FEW = 4  # entries that are not worth a node
_GAIN = 2  # entries that a node must spare on average
_DEEPEST = 32
_ROUTE: tuple[Place, ...] = (("rpc",), ("path",))


class Indexed(Protocol):
    """`rank`: the highest comes first. `facts`: of two on one place one counts."""

    @property
    def rank(self) -> int: ...
    @property
    def facts(self) -> Sequence[Fact]: ...


E = TypeVar("E", bound=Indexed)


class Index(Generic[E]):
    """`entries` in rising rank."""

    def __init__(self, entries: Iterable[E]) -> None:
        self.entries: tuple[E, ...] = tuple(sorted(entries, key=lambda each: each.rank))
        self._root: _Node[E] | tuple[E, ...] = _build([(each, dict(each.facts)) for each in self.entries], 0)

    def __len__(self) -> int:
        return len(self.entries)

    def candidates(self, view: View) -> Sequence[tuple[E, ...]]:
        """At least all entries for which every fact is true, highest rank first in each of the sequences."""
        root = self._root
        if isinstance(root, tuple):
            return (root,)
        found: list[tuple[E, ...]] = []
        root.collect(view, found)
        return found


class _Node(Generic[E]):
    __slots__ = ("_many", "_read", "_rest", "_table")

    def __init__(
        self,
        read: Callable[[View], Any],
        many: bool,
        table: dict[Any, _Node[E] | tuple[E, ...]],
        rest: _Node[E] | tuple[E, ...],
    ) -> None:
        self._read = read
        self._many = many
        self._table = table
        self._rest = rest

    def collect(self, view: View, found: list[tuple[E, ...]]) -> None:
        value = self._read(view)
        if self._many:
            for each in dict.fromkeys(value):
                self._follow(self._table.get(each), view, found)
        else:
            try:
                child = self._table.get(value)
            except TypeError:  # a list or an object, which no fact is
                child = None
            if isinstance(child, tuple):
                found.append(child)
            elif child is not None:
                child.collect(view, found)
        rest = self._rest
        if rest:
            self._follow(rest, view, found)

    def _follow(self, child: _Node[E] | tuple[E, ...] | None, view: View, found: list[tuple[E, ...]]) -> None:
        if isinstance(child, tuple):
            found.append(child)
        elif child is not None:
            child.collect(view, found)


def _build(entries: list[tuple[E, dict[Place, Any]]], depth: int) -> _Node[E] | tuple[E, ...]:
    """`entries`: in rising rank, with the facts that no node above has looked at."""
    place = _best(entries) if len(entries) > _FEW and depth < _DEEPEST else None
    if place is None:
        return tuple(entry for entry, _ in reversed(entries))
    groups: dict[Any, list[tuple[E, dict[Place, Any]]]] = {}
    rest: list[tuple[E, dict[Place, Any]]] = []
    for entry, facts in entries:
        if place not in facts:
            rest.append((entry, facts))
            continue
        left = dict(facts)
        groups.setdefault(left.pop(place), []).append((entry, left))
    read, many = reader(place)
    table = {value: _build(each, depth + 1) for value, each in groups.items()}
    return _Node(read, many, table, _build(rest, depth + 1))


def _best(entries: list[tuple[E, dict[Place, Any]]]) -> Place | None:
    """The place that leaves fewest entries on average; None where none is worth a look."""
    counts: dict[Place, Counter[Any]] = {}
    for _, facts in entries:
        for place, value in facts.items():
            if place not in counts:
                counts[place] = Counter()
            counts[place][value] += 1
    for place in _ROUTE:
        if place in counts:
            return place
    best, fewest = None, len(entries) - _GAIN + 0.0
    for place, values in counts.items():
        number = values.total()
        left = len(entries) - number + sum(each * each for each in values.values()) / number
        if left < fewest:
            best, fewest = place, left
    return best
