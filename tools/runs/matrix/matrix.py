"""The matrix message × consumer × dialect, counted from verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tools.runs.matrix.verdicts import Consumer, Outcome, Verdict


@dataclass(slots=True)
class Cell:
    """How one consumer did on one message in one dialect."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    expected: int = 0

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.skipped + self.expected

    def add(self, outcome: Outcome) -> None:
        match outcome:
            case Outcome.PASS:
                self.passed += 1
            case Outcome.FAIL:
                self.failed += 1
            case Outcome.SKIP:
                self.skipped += 1
            case Outcome.EXPECTED_FAIL:
                self.expected += 1


def combine(cells: Iterable[Cell]) -> Cell:
    """The sum of cells."""
    total = Cell()
    for cell in cells:
        total.passed += cell.passed
        total.failed += cell.failed
        total.skipped += cell.skipped
        total.expected += cell.expected
    return total


@dataclass(frozen=True, slots=True)
class Matrix:
    """`cells` by (message, dialect, consumer); what is not there is not implemented by that consumer."""

    consumers: tuple[Consumer, ...]
    cells: dict[tuple[str, str, str], Cell]
    notable: tuple[tuple[Consumer, Verdict], ...] = field(default=())

    @property
    def messages(self) -> list[str]:
        return sorted({message for message, _, _ in self.cells})

    def dialects(self, message: str) -> list[str]:
        return sorted({dialect for name, dialect, _ in self.cells if name == message})

    def total(self) -> Cell:
        return combine(self.cells.values())


KIND_ORDER = {"model": 0, "judge": 1, "consumer": 2}


def build(consumers: Iterable[Consumer]) -> Matrix:
    """Counts every verdict. `notable`: all that did not pass, failures first.

    Raises ValueError when two consumers have one name.
    """
    ordered = sorted(consumers, key=lambda consumer: (KIND_ORDER[consumer.kind], consumer.name))
    names = [consumer.name for consumer in ordered]
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"two consumers call themselves {', '.join(twice)}; names must differ")
    cells: dict[tuple[str, str, str], Cell] = {}
    notable: list[tuple[Consumer, Verdict]] = []
    for consumer in ordered:
        for verdict in consumer.verdicts:
            cells.setdefault((verdict.message, verdict.dialect, consumer.name), Cell()).add(verdict.outcome)
            if verdict.outcome is not Outcome.PASS:
                notable.append((consumer, verdict))
    notable.sort(key=lambda pair: (pair[1].outcome is not Outcome.FAIL, pair[0].name, pair[1].fixture))
    return Matrix(tuple(ordered), cells, tuple(notable))
