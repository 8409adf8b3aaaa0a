"""Quarantined tests run, and their failures are masked: `@pytest.mark.quarantine`, or an entry in quarantine.yaml.

A masked failure has the outcome "quarantined". An entry masks nothing past its day, and no failure but what `failure:`
says. What else an entry is judged by is told at the end of the session (`findings`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pytest

from pytest_samewire.pattern import is_node, matches
from pytest_samewire.quarantine import Entry
from pytest_samewire.rule import RESULTS


@dataclass(frozen=True, slots=True)
class Mask:
    """Why the failures of a test do not count.

    Attributes:
        entry: its number in the file, None for the marker alone. patterns: which of the entry's patterns matched.
        failure: what a masked failure's text holds.
        expired: the line to print when the entry masks no longer.
    """

    reason: str
    entry: int | None = None
    patterns: tuple[int, ...] = ()
    failure: str = ""
    expired: str | None = None

    def against(self, text: str) -> str | None:
        """Why a failure with this text is not masked; None where it is."""
        if self.expired is None and self.failure not in text:
            return f"the entry speaks of {self.failure!r}"
        return self.expired


class Masks:
    """The masks of one session, by a file that was read when it began."""

    def __init__(self, entries: Sequence[Entry], today: date) -> None:
        self.entries = tuple(entries)
        self.today = today

    def of(self, item: pytest.Item) -> Mask | None:
        """The mask of a test. The file goes before the marker: it says more."""
        node = item.nodeid if item.get_closest_marker("xdist_group") is None else plain(item.nodeid)
        for number, entry in enumerate(self.entries):
            patterns = tuple(index for index, pattern in enumerate(entry.cases) if matches(pattern, node))
            if patterns:
                reason = f"{entry.reason} ({entry.owner}, until {entry.until})"
                return Mask(reason, number, patterns, entry.failure, entry.expired(self.today))
        mark = item.get_closest_marker("quarantine")
        if mark is None:
            return None
        return Mask(str(mark.kwargs.get("reason") or (mark.args[0] if mark.args else "@pytest.mark.quarantine")))

    def findings(
        self,
        met: Mapping[int, Mapping[str, set[int]]],
        history: Mapping[str, Sequence[str]],
        *,
        whole: bool,
    ) -> list[str]:
        """What is to be said of the file, one line each.

        Args:
            met: number of an entry → node ids that it matched → by which of its patterns.
            history: results of tests, this session's among them, oldest first.
            whole: everything was collected: what matched nothing is a finding.
        """
        found = []
        for number, entry in enumerate(self.entries):
            tests = met.get(number, {})
            if tests and (text := entry.expired(self.today)):
                found.append(text)
            # The file holds ten results of a test; an entry that asks for more is judged by `samewire check`.
            if (
                tests
                and entry.passes <= RESULTS
                and all(_passed(history.get(each, ()), entry.passes) for each in tests)
            ):
                told = f"passed {entry.passes} times in a row: it is well again, take the entry out"
                found.append(f"{entry.at}: {entry.cases[0]} {told}")
            seen = set[int]().union(*tests.values())
            for index, pattern in enumerate(entry.cases if whole else ()):
                if index not in seen and is_node(pattern):
                    told = "matches no test: it was renamed or is gone; correct it or take it out"
                    found.append(f"{entry.file}:{entry.lines[index]}: {pattern} {told}")
        return found


def plain(node: str) -> str:
    """A node id without the group that pytest-xdist appends for `--dist loadgroup`: "a.py::t[1]@db" is "a.py::t[1]"."""
    head, at, group = node.rpartition("@")
    return head if at and "]" not in group and "::" in head else node


def _passed(results: Sequence[str], passes: int) -> bool:
    return len(results) >= passes and all(result == "passed" for result in results[-passes:])
