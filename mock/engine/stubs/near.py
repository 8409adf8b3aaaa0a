"""The entries that come nearest to a request which none of them takes.

Not all are compared: what has a value that is spelled nearly like the request's is looked at first, then what shares a
rare value with it, then the rest, up to a number that keeps a miss cheap however many entries there are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Generic

from mock.engine.stubs.condition import Place, reader
from mock.engine.stubs.index import E
from mock.engine.stubs.view import View

_COMPARED = 32
_PLACES = 16  # those that most entries have a fact on
_BESIDE = 2  # neighbours in the alphabet, to each side


class Near(Generic[E]):
    """`entries` in rising rank."""

    def __init__(self, entries: Sequence[E]) -> None:
        self._entries = entries
        usual = Counter(place for each in entries for place in dict(each.facts)).most_common(_PLACES)
        self._places = [_Postings(place, entries) for place, _ in usual]

    def candidates(self, view: View) -> Iterator[E]:
        """The likeliest first, each once."""
        sharing: list[Sequence[E]] = []
        beside: list[Sequence[E]] = []
        for place in self._places:
            shared, close = place.find(view)
            sharing += shared
            beside += close
        sharing.sort(key=len)
        each_first = chain.from_iterable(map(_latest, [*beside, *sharing, self._entries]))
        # Entries compare by identity.
        return islice(iter(dict.fromkeys(islice(each_first, 4 * _COMPARED))), _COMPARED)


class _Postings(Generic[E]):
    """Who wants which value at a place."""

    def __init__(self, place: Place, entries: Iterable[E]) -> None:
        self._read: Callable[[View], Any]
        self._read, self._many = reader(place)
        self._table: dict[Any, list[E]] = {}
        for each in entries:
            facts = dict(each.facts)
            if place in facts:
                self._table.setdefault(facts[place], []).append(each)
        self._words = sorted(value for value in self._table if isinstance(value, str))

    def find(self, view: View) -> tuple[list[Sequence[E]], list[Sequence[E]]]:
        """Those that want what is there, and those that want nearly that."""
        value = self._read(view)
        values = value if self._many else (value,)
        shared: list[Sequence[E]] = []
        beside: list[Sequence[E]] = []
        for each in values:
            try:
                found = self._table.get(each)
            except TypeError:
                continue
            if found is not None:
                shared.append(found)
            if isinstance(each, str):
                at = bisect_left(self._words, each)
                words = self._words[max(at - _BESIDE, 0) : at + _BESIDE]
                words.sort(key=lambda word: -_common(word, each))
                beside += [self._table[word][-1:] for word in words]
        return shared, beside


def _latest(entries: Sequence[E]) -> Sequence[E]:
    return entries[: -_COMPARED - 1 : -1]


def _common(one: str, other: str) -> int:
    """The length of what both begin with."""
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length
