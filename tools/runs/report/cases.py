"""All cases of a run in columns: attempts become one row a case, and 20,000 rows stay small."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tools.runs.record import GREEN, CaseId, CaseResult
from tools.runs.report import text
from tools.runs.report.figures import ms

# One letter a case; upper case where nothing was executed.
LETTERS = {
    "passed": "p",
    "flaky": "k",  # red, then green, in this run
    "failed": "f",
    "error": "e",
    "timeout": "t",
    "masked": "q",  # red, and in quarantine
    "skipped": "s",
    "xfailed": "x",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One case: what became of it, and all its attempts in order."""

    case: CaseId
    state: str  # a key of LETTERS
    attempts: tuple[CaseResult, ...]

    @property
    def red(self) -> bool:
        return self.state in ("failed", "error", "timeout", "masked")

    @property
    def seconds(self) -> float:
        """Of all its attempts."""
        return sum(ms(each.seconds) for each in self.attempts) / 1000

    @property
    def letter(self) -> str:
        letter = LETTERS[self.state]
        return letter.upper() if all(each.cached for each in self.attempts) else letter


def rows(results: Iterable[CaseResult]) -> list[Row]:
    """A row a case, sorted by name."""
    groups: dict[CaseId, list[CaseResult]] = {}
    for result in results:
        groups.setdefault(result.case, []).append(result)
    for attempts in groups.values():
        attempts.sort(key=lambda each: (each.run_number, each.attempt))
    return [Row(case, _state(attempts), tuple(attempts)) for case, attempts in sorted(groups.items())]


def _state(attempts: Sequence[CaseResult]) -> str:
    """The last attempt of each of Bazel's runs counts; one red run makes the case red, unless it is masked."""
    last = {each.run_number: each for each in attempts}.values()
    if red := [each for each in last if each.red]:
        return "masked" if all(each.quarantined for each in red) else red[-1].outcome
    if any(each.red for each in attempts):
        return "flaky"
    return next((each.outcome for each in last if each.outcome in GREEN), "skipped")


def columns(rows: Sequence[Row]) -> dict[str, Any]:
    """What web/cases.js reads: runs of (label, class, count), names in front coding, times in milliseconds."""
    labels, classes = _Index(), _Index()
    groups: list[list[int]] = []
    shared: list[int] = []
    rest: list[str] = []
    before = ""
    for row in rows:
        group = [labels.of(text.name(row.case.label)), classes.of(text.name(row.case.classname))]
        if groups and groups[-1][:2] == group:
            groups[-1][2] += 1
        else:
            groups.append([*group, 1])
        name = text.name(row.case.full_name)
        same = _shared(before, name)
        # As JavaScript counts: a character beyond 16 bits is two.
        shared.append(len(name[:same].encode("utf-16-le")) // 2)
        rest.append(name[same:])
        before = name
    return {
        "labels": labels.values,
        "classes": classes.values,
        "groups": groups,
        "shared": shared,
        "rest": rest,
        "state": "".join(row.letter for row in rows),
        "ms": [sum(ms(each.seconds) for each in row.attempts) for row in rows],
        "tries": {index: len(row.attempts) for index, row in enumerate(rows) if len(row.attempts) > 1},
    }


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


class _Index:
    """Values by number, each once."""

    def __init__(self) -> None:
        self.values: list[str] = []
        self._places: dict[str, int] = {}

    def of(self, value: str) -> int:
        place = self._places.setdefault(value, len(self.values))
        if place == len(self.values):
            self.values.append(value)
        return place
