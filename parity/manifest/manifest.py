"""The porting manifest, read and checked: what became of the reference's tests."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from samewire.parity.v1.manifest_wire import Entry, Goal, ManifestFile
from samewire.parity.v1.result_wire import Results

from mock.engine.stubs.files import line_of, read_as
from parity.runner.pattern import matches

DONE = "done"
NOT_ASKED = "not asked"
GOOD = frozenset({"pass", "known"})


@dataclass
class Manifest:
    """`read` raises mock.engine.stubs.files.ScenarioError for a file that is no manifest."""

    file: Path
    held: ManifestFile

    @classmethod
    def read(cls, file: Path) -> Manifest:
        return cls(file, read_as(file, ManifestFile))

    def findings(self, cases: Collection[str], wanted: Collection[str]) -> list[str]:
        """What is wrong, one line each. `cases`: names of all; `wanted`: the tests that must have an entry."""
        found = [
            f"{self.file}: {test} has no entry" for test in wanted if test not in {e.test for e in self.held.entries}
        ]
        seen: set[str] = set()
        for index, entry in enumerate(self.held.entries):
            for reason in (*_wrong(entry, cases), *(["stands twice"] if entry.test in seen else [])):
                found.append(f"{self._at('entries', index)}: {entry.test}: {reason}")
            seen.add(entry.test)
        for index, goal in enumerate(self.held.goals):
            for reason in _unmet(goal.cases, cases):
                found.append(f"{self._at('goals', index)}: {goal.goal}: {reason}")
        return found

    def _at(self, part: str, index: int) -> str:
        line = line_of(self.file, f"$.{part}[{index}]")
        return f"{self.file}{f':{line}' if line else ''}"


def _wrong(entry: Entry, cases: Collection[str]) -> Iterator[str]:
    if entry.decision != "mirror" and not (entry.reason or "").strip():
        yield f"{entry.decision} without a reason"
    if entry.decision == "skip":
        if entry.cases:
            yield "skipped, and has cases"
    elif not entry.cases:
        yield f"{entry.decision} without a case"
    yield from _unmet(entry.cases, cases)


def _unmet(patterns: Collection[str], cases: Collection[str]) -> Iterator[str]:
    for pattern in patterns:
        if not any(matches(pattern, case) for case in cases):
            yield f"no case is called {pattern}"


def status(items: Sequence[Entry | Goal], results: Results) -> list[dict[str, str]]:
    """For the cases of each item, testee → "done", "3 of 7 done", "2 of 7 differ", "no such thing", or "not asked"."""
    meant: dict[str, list[int]] = {
        case: [number for number, item in enumerate(items) if any(matches(pattern, case) for pattern in item.cases)]
        for case in {result.case for result in results.results}
    }
    told: list[dict[str, list[str]]] = [{testee: [] for testee in _ran(results)} for _ in items]
    for result in results.results:
        for number in meant[result.case]:
            told[number][result.testee].append(result.verdict)
    return [{testee: _word(verdicts) for testee, verdicts in each.items()} for each in told]


def _ran(results: Results) -> list[str]:
    return [testee.name for testee in results.testees if testee.skipped is None]


def _word(verdicts: list[str]) -> str:
    if not verdicts:
        return NOT_ASKED
    asked = [verdict for verdict in verdicts if verdict != "unsupported"]
    if not asked:
        return "no such thing"
    wrong = sum(verdict not in GOOD for verdict in asked)
    if wrong:
        return f"{wrong} of {len(asked)} differ"
    return DONE if len(asked) == len(verdicts) else f"{len(asked)} of {len(verdicts)} done"


def done(manifest: ManifestFile, results: Results) -> dict[str, list[str]]:
    """Testee → what is missing of 'done', goal by goal; empty: done. Those that could not run are not there."""
    missing: dict[str, list[str]] = {testee: [] for testee in _ran(results)}
    for goal, words in zip(manifest.goals, status(manifest.goals, results), strict=True):
        for testee, word in words.items():
            if word != DONE:
                missing[testee].append(f"{goal.goal}: {word}")
    return missing


def rows(manifest: ManifestFile, results: Results) -> list[list[str]]:
    """The manifest as a table, heads first: entries, then goals; one column for each testee that ran."""
    testees = _ran(results)
    table = [["test or goal", "decision", "cases", "why", *testees]]
    for entry, words in zip(manifest.entries, status(manifest.entries, results), strict=True):
        states = [words[testee] if entry.cases else "" for testee in testees]
        table.append([entry.test, str(entry.decision), " ".join(entry.cases), entry.reason or "", *states])
    for goal, words in zip(manifest.goals, status(manifest.goals, results), strict=True):
        table.append([goal.goal, "goal", " ".join(goal.cases), goal.source, *(words[testee] for testee in testees)])
    missing = done(manifest, results)
    table.append(["all goals", "goal", "", "computed", *("not done" if missing[each] else DONE for each in testees)])
    return table


def scan(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """The test files of a pytest tree, each with its test functions, "Class.method" in classes. Imports nothing.

    Raises OSError, and SyntaxError with the file's name.
    """
    files = {*folder.rglob("test_*.py"), *folder.rglob("*_test.py")}
    for file in sorted(files):
        tree = ast.parse(file.read_bytes(), str(file))
        yield file.relative_to(folder).as_posix(), list(_tests(tree.body, ""))


def _tests(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            yield prefix + node.name
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from _tests(node.body, f"{prefix}{node.name}.")
