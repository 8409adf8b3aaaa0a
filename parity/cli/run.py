"""`samewire parity`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from samewire.parity.v1.result_wire import CaseResult, Results

from mock.cli.exit import Exit
from mock.engine.stubs.files import ScenarioError
from parity.cli.place import Place
from parity.manifest.manifest import Manifest, rows
from parity.report.junit import junit
from parity.report.page import page
from parity.report.summary import is_good, verdict_line
from parity.report.terminal import failures, matrix
from parity.runner import codec
from parity.runner.corpus import CorpusError, Question, load, select
from parity.runner.dialects import DIALECTS, PACKAGE, USUAL
from parity.runner.known import KnownList
from parity.runner.registry import NoTestee, built, choose
from parity.runner.run import Plan, run_now

PLAIN_SECONDS = 10.0
PIPE_WIDTH = 160  # columns, where there is no terminal to ask


def command(words: argparse.Namespace, place: Place) -> int:
    try:
        plan = plan_of(words, place)
    except (CorpusError, NoTestee, ScenarioError, ValueError) as error:
        print(f"samewire parity: {error}", file=sys.stderr)
        return Exit.MISUSE
    if words.list:
        for question in plan.questions:
            print(f"{question.name} · {question.dialect}")
        return Exit.GOOD
    console = Console(stderr=words.json, emoji=False)
    if not console.is_terminal:
        console = Console(stderr=words.json, emoji=False, width=PIPE_WIDTH)
    results = run_now(plan, _Progress(console, plan).tell)
    write(results, words, _manifest(place, results) if words.html else ())
    if not words.json:
        console.print(matrix(results))
    failures(console, results)
    console.print(verdict_line(results), style="bold green" if is_good(results) else "bold red", markup=False)
    if not any(testee.skipped is None for testee in results.testees):
        return Exit.COULD_NOT_RUN
    return Exit.GOOD if is_good(results) else Exit.FINDINGS


def plan_of(words: argparse.Namespace, place: Place) -> Plan:
    """Raises CorpusError, NoTestee, ScenarioError, and ValueError for a dialect or a pattern that meets nothing."""
    for dialect in words.dialect:
        if dialect not in DIALECTS:
            raise ValueError(f"no dialect {dialect!r}; there are {', '.join(DIALECTS)}")
    questions: list[Question] = load(words.cases or place.cases, DIALECTS, USUAL)
    if words.cases is None and not words.no_codec:
        questions += codec.questions(place.fixtures, PACKAGE, USUAL)
    for pattern in words.feature:
        if not select(questions, [pattern], []):
            raise ValueError(f"--feature {pattern}: no case is called so; see --list")
    chosen = select(questions, words.feature, words.dialect)
    testees = built(place.testees, place.root) if place.testees.is_file() else []
    lists = [KnownList.read(file) for file in sorted((words.known or place.known).glob("*.yaml"))]
    return Plan(
        questions=chosen,
        testees=choose(words.testee, {testee.name: testee for testee in testees}),
        known={each.testee: each for each in lists},
        processes=words.jobs,
        whole=len(chosen) == len(questions) and words.cases is None and not words.no_codec,
    )


def _manifest(place: Place, results: Results) -> list[list[str]]:
    """A page of the report; `samewire parity manifest` says what is wrong with it."""
    try:
        return rows(Manifest.read(place.manifest).held, results)
    except (OSError, ScenarioError):
        return []


def write(results: Results, words: argparse.Namespace, manifest: Sequence[Sequence[str]] = ()) -> None:
    if words.json:
        sys.stdout.write(results.to_wire().decode() + "\n")
        sys.stdout.flush()
    if words.junit is not None:
        _put(words.junit, junit(results))
    if words.html is not None:
        _put(words.html, page(results, manifest).encode())


def _put(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


class _Progress:
    """One line, again and again: in place on a terminal, now and then in a log."""

    def __init__(self, console: Console, plan: Plan) -> None:
        self._console = console
        self._most = len(plan.questions) * len(plan.testees)
        self._count: Counter[str] = Counter()
        self._began = self._last = time.monotonic()
        self._every = 0.2 if console.is_terminal else PLAIN_SECONDS

    def tell(self, result: CaseResult) -> None:
        self._count[result.verdict] += 1
        now = time.monotonic()
        if now - self._last < self._every:
            return
        self._last = now
        red = self._count["fail"] + self._count["broken"] + self._count["stale"]
        done = f"{self._count.total()} of at most {self._most}, {red} red"
        line = f"{now - self._began:5.0f} s  {done}  {result.testee}: {result.case}"
        width = self._console.width - 1
        end = "\r" if self._console.is_terminal else "\n"
        self._console.print(line[:width].ljust(width), end=end, markup=False, highlight=False)
