"""Known differences: listed with a reason, run all the same, and red when they are no more."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from samewire.parity.v1.known_wire import Known, KnownFile
from samewire.parity.v1.result_wire import CaseResult

from mock.engine.stubs.files import line_of, read_as
from parity.runner.difference import one_line
from parity.runner.pattern import matches


class KnownList:
    """Of one testee. `read` raises mock.engine.stubs.files.ScenarioError for a file that is none."""

    def __init__(self, testee: str, entries: list[Known], file: Path | None = None) -> None:
        self.testee = testee
        self._entries = entries
        self._file = file
        self._met = [False] * len(entries)

    @classmethod
    def read(cls, file: Path) -> KnownList:
        held: KnownFile = read_as(file, KnownFile)
        return cls(held.testee, held.known, file)

    def settle(self, result: CaseResult) -> CaseResult:
        """The result as the list has it: FAIL becomes KNOWN, a listed PASS or another difference STALE."""
        for index, entry in enumerate(self._entries):
            if not _meant(entry, result):
                continue
            self._met[index] = True
            if result.verdict == "fail":
                told = "; ".join(told_in_short(result))
                if entry.difference is None or entry.difference in told:
                    return result.model_copy(update={"verdict": "known", "detail": entry.reason})
                detail = f"{self._at(index)} lists another difference: {entry.difference!r}"
            elif result.verdict == "pass":
                detail = f"{self._at(index)} lists a difference, and it passes: take it out"
            else:
                continue
            return result.model_copy(update={"verdict": "stale", "detail": detail})
        return result

    def findings(self, today: date, *, whole: bool) -> list[str]:
        """Entries past their day; and, where the whole corpus was run, those that match no case."""
        found: list[str] = []
        for index, entry in enumerate(self._entries):
            if entry.until is not None and not _counts(entry.until, today):
                found.append(f"{self._at(index)}: counted until {entry.until}: look again")
            if whole and not self._met[index]:
                found.append(f"{self._at(index)}: {', '.join(entry.cases)} matches no case that was run")
        return found

    def _at(self, index: int) -> str:
        if self._file is None:
            return f"known differences of {self.testee}, number {index + 1}"
        line = line_of(self._file, f"$.known[{index}]")
        return f"{self._file}{f':{line}' if line else ''}"


def told_in_short(result: CaseResult) -> list[str]:
    """The differences, one line each."""
    return [one_line(difference) for difference in result.differences]


def _meant(entry: Known, result: CaseResult) -> bool:
    if entry.dialect is not None and entry.dialect != result.dialect:
        return False
    return any(matches(pattern, result.case) for pattern in entry.cases)


def _counts(until: str, today: date) -> bool:
    try:
        return date.fromisoformat(until) >= today
    except ValueError:
        return False
