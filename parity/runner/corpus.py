"""The case files, read and checked: what is asked of whom, and what must come."""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from samewire.parity.v1.case_wire import Case, CaseFile, Exchange, Expectation, Scenario, Table
from samewire_wire import MISSING, WireError

from mock.engine.stubs.files import ScenarioError, line_of, read_as
from parity.runner.compare import MarkError, differences
from parity.runner.pattern import matches

DEADLINE_MS = 10_000
DEFAULT = "default"
SCENARIO = "scenario"
# A dot before a digit is part of a name: expect.tinker-0.38.result.
_NAMES = re.compile(r"\.(?!\d)")


class CorpusError(ValueError):
    """What is wrong with the case files, one line each: file:line: path: reason."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Question:
    """One case in one dialect."""

    name: str
    """feature/id."""
    dialect: str
    call: str
    input: Any
    scenario: Scenario | None
    expect: Expectation
    source: tuple[str, ...]
    why: str
    deadline_ms: int

    @property
    def feature(self) -> str:
        return self.name.rpartition("/")[0]


def load(folder: Path, dialects: Collection[str], usual: Collection[str] | None = None) -> list[Question]:
    """Every case of a folder, in the order of names of files. CorpusError tells all that is wrong.

    `dialects`: those that there are; `usual`: those of a file that names none (all where nothing is said).
    """
    wrong: list[str] = []
    questions: list[Question] = []
    files = sorted([*folder.rglob("*.yaml"), *folder.rglob("*.json")])
    if not files:
        wrong.append(f"{folder}: holds no case files (.yaml, .json)")
    for file in files:
        try:
            held: CaseFile = read_as(file, CaseFile)
        except ScenarioError as error:
            wrong.append(str(error))
            continue
        reader = _Reader(file, held, frozenset(dialects), held.dialects or sorted(dialects if usual is None else usual))
        place = file.relative_to(folder).with_suffix("").as_posix()
        if held.feature != place:
            reader.complain("$.feature", f"the file's place says {place!r}")
        questions += reader.questions()
        wrong += reader.wrong
    if wrong:
        raise CorpusError(wrong)
    return questions


def select(questions: list[Question], features: list[str], dialects: Collection[str]) -> list[Question]:
    """Those whose feature or name matches one of the patterns (none: all), in one of the dialects (none: all)."""
    return [
        question
        for question in questions
        if (not dialects or question.dialect in dialects)
        and (not features or any(_within(pattern, question) for pattern in features))
    ]


def _within(pattern: str, question: Question) -> bool:
    # "training" means all below it.
    return any(matches(form, question.name) for form in (pattern, pattern.rstrip("/") + "/**"))


class _Reader:
    def __init__(self, file: Path, held: CaseFile, dialects: frozenset[str], usual: Sequence[str]) -> None:
        self.file = file
        self.held = held
        self.dialects = dialects
        self.usual = usual
        self.wrong: list[str] = []
        self.seen: set[str] = set()

    def complain(self, path: str, reason: str) -> None:
        line = line_of(self.file, path)
        self.wrong.append(f"{self.file}{f':{line}' if line else ''}: {path}: {reason}")

    def questions(self) -> Iterator[Question]:
        for index, case in enumerate(self.held.cases):
            yield from self._case(case, f"$.cases[{index}]")
        for index, table in enumerate(self.held.tables):
            yield from self._table(table, f"$.tables[{index}]")

    def _table(self, table: Table, path: str) -> Iterator[Question]:
        base = table.base or {}
        for index, row in enumerate(table.rows):
            at = f"{path}.rows[{index}]"
            if len(row) != len(table.columns):
                self.complain(at, f"has {len(row)} values for {len(table.columns)} columns")
                continue
            shape = copy.deepcopy(base)
            for column, value in zip(table.columns, row, strict=True):
                _put(shape, column, value)
            try:
                case = Case.from_wire(orjson.dumps(shape))
            except WireError as error:
                self.complain(at, f"as a case, at {error.path}: {error.reason}")
                continue
            if case.why is None:
                case.why = table.why
            yield from self._case(case, at)

    def _case(self, case: Case, path: str) -> Iterator[Question]:
        if case.id in self.seen:
            self.complain(f"{path}", f"the id {case.id!r} stands twice in {self.held.feature}")
        self.seen.add(case.id)
        call = case.call or self.held.call
        if call is None:
            self.complain(path, "neither the case nor the file has a `call`")
            return
        if (call == SCENARIO) != (case.scenario is not None):
            self.complain(path, '`scenario` goes with the call "scenario", and with no other')
            return
        for dialect in [*case.dialects, *self.held.dialects, *(name for name in case.expect if name != DEFAULT)]:
            if dialect not in self.dialects:
                self.complain(path, f"there is no dialect {dialect!r}: {', '.join(sorted(self.dialects))}")
        for dialect in case.dialects or self.usual:
            expect = case.expect.get(dialect) or case.expect.get(DEFAULT)
            if expect is None:
                self.complain(path, f"expects nothing in {dialect}; name it, or say `default`, or say `dialects`")
                continue
            self._check(expect, path, call)
            yield Question(
                name=f"{self.held.feature}/{case.id}",
                dialect=dialect,
                call=call,
                input=None if case.input is MISSING else case.input,
                scenario=case.scenario,
                expect=expect,
                source=(*self.held.source, *case.source),
                why=case.why or self.held.why or "",
                deadline_ms=case.deadline_ms or DEADLINE_MS,
            )

    def _check(self, expect: Expectation, path: str, call: str) -> None:
        has_result = expect.result is not MISSING
        if has_result and expect.rejected is not None:
            self.complain(path, "expects a result and a refusal at once")
        if call != SCENARIO:
            if expect.sent or expect.slept_s is not None:
                self.complain(path, "`sent` and `slept_s` are of scenarios")
            elif not has_result and expect.rejected is None:
                self.complain(path, "expects neither a result nor a refusal: nothing could fail")
        elif not (has_result or expect.rejected or expect.sent or expect.slept_s is not None):
            self.complain(path, "expects nothing: nothing could fail")
        try:
            for value in _values(expect):
                differences(value, None)
        except MarkError as error:
            self.complain(path, str(error))


def _values(expect: Expectation) -> Iterator[Any]:
    if expect.result is not MISSING:
        yield from _deep(expect.result)
    for exchange in expect.sent:
        yield from _exchange(exchange)


def _exchange(exchange: Exchange) -> Iterator[Any]:
    for value in (exchange.body, exchange.exactly):
        if value is not MISSING:
            yield from _deep(value)
    yield from (exchange.headers or {}).values()


def _deep(value: Any) -> Iterator[Any]:
    """Every mark in a value: comparing with nothing looks at the outermost alone."""
    if isinstance(value, dict):
        if any(key.startswith("$") for key in value):
            yield value
        for inner in value.values():
            yield from _deep(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _deep(inner)


def _put(shape: dict[str, Any], column: str, value: Any) -> None:
    *way, last = _NAMES.split(column)
    for name in way:
        inner = shape.setdefault(name, {})
        if not isinstance(inner, dict):
            inner = shape[name] = {}
        shape = inner
    shape[last] = value
