"""The main job: Bazel runs, every test is read the moment it ends, then judged, remembered and reported.

Data flow: events -> State -> results -> masked (quarantine) -> Red (history, flakes, reach) -> Verdict; all of it in a
Checked, which the terminal, the JSON document and the report show.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shlex
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tools.runs import history
from tools.runs.bazel import Bazel
from tools.runs.check import cases, git
from tools.runs.check.durations import durations
from tools.runs.check.git import Tree
from tools.runs.check.opinion import Opinion, opinions
from tools.runs.check.reach import Answer, reach
from tools.runs.check.state import State
from tools.runs.check.verdict import Counts, Last, Red, Verdict, conclude, count, last
from tools.runs.events import TestResult
from tools.runs.flakes import Prior, learn, outage
from tools.runs.history import HistoryError
from tools.runs.history.store import History
from tools.runs.matrix.collect import collect
from tools.runs.matrix.matrix import Matrix, build
from tools.runs.quarantine import Entry, Finding, Masked, Quarantine
from tools.runs.quarantine import read as read_quarantine
from tools.runs.record import CaseId, CaseResult, Run, Standing

if TYPE_CHECKING:
    from tools.runs.inputs import Explanation

# Tests that write verdicts.jsonl carry this tag.
VERDICTS = "verdicts"
WHOLE = ("//...", "//...:all", "//:all", "...")
# Options of Bazel that pick or change what is tested; with one of them a run is not the whole.
PICKING = (
    "--test_filter",
    "--test_tag_filters",
    "--test_lang_filters",
    "--test_size_filters",
    "--config",
    "--build_tests_only",
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be checked.

    Attributes:
        targets: Bazel's patterns. flags: options for Bazel, after our own, so that they win.
        where: path or URL of the history; None keeps nothing.
        inputs: have Bazel write what every action read, so that results are known by their inputs and misses of the
            cache have a reason.
        store: take the events over gRPC, and keep them in this folder; None follows Bazel's file.
        reach: ask Bazel, of what is red, whether the change can reach it.
        today: for days in the quarantine file.
    """

    workspace: Path
    targets: Sequence[str] = ("//...",)
    flags: Sequence[str] = ()
    where: str | None = None
    inputs: bool = True
    store: Path | None = None
    reach: bool = True
    today: date = field(default_factory=lambda: date.today())  # noqa: DTZ011 - a day in the file is the reader's day

    @property
    def command(self) -> str:
        return shlex.join(["test", *self.flags, *self.targets])

    @property
    def whole(self) -> bool:
        """Whether everything is run, so that what did not turn up is not there."""
        picked = any(flag.split("=")[0] in PICKING for flag in self.flags)
        return not picked and any(target in WHOLE for target in self.targets)


@dataclass(slots=True)
class Checked:
    """A run and everything that is known of it at its end.

    Attributes:
        reds: failing cases, those that count first. words: the last word on every case. results: all attempts.
        findings: of the quarantine file; each fails the check.
        unreadable: reports that were not as they should be, one line each. warnings: what went wrong beside the run.
        matrix: of the fixtures; None where no test of the run gave verdicts.
        seconds: wall time of the whole check.
        entries: of the quarantine file.
        standings: of every case that was ever red, this run counted; prior: of the repository. None without history.
        explained: what the execution log says; None where there is none.
    """

    verdict: Verdict
    run: Run
    state: State
    results: list[CaseResult]
    words: list[Last]
    reds: list[Red]
    findings: list[Finding]
    unreadable: list[str]
    warnings: list[str]
    matrix: Matrix | None
    log: str
    seconds: float
    entries: Sequence[Entry] = ()
    standings: Sequence[Standing] = ()
    prior: Prior | None = None
    explained: Explanation | None = None

    @property
    def outage(self) -> str:
        """Why the run says nothing of its tests, empty where it does."""
        return self.run.outage

    @property
    def counts(self) -> Counts:
        return self.verdict.counts


def check(request: Request, show: Callable[[State], None]) -> Checked:
    """Runs the targets; `show` is called with the state some ten times a second.

    Raises FileNotFoundError when the workspace has no bazelw, tools.runs.quarantine.Refused for a broken list.
    """
    began, started = time.monotonic(), time.time()
    quarantine = read_quarantine(request.workspace / "quarantine.yaml", request.today)
    state = State(began)
    unreadable: list[str] = []
    with ThreadPoolExecutor(1) as aside, TemporaryDirectory(prefix="samewire-") as scratch:
        tree = aside.submit(git.tree, request.workspace)
        before = aside.submit(durations, request.where)
        log = Path(scratch) / "execution.log" if request.inputs else None
        ours = ["--keep_going", "--nozip_undeclared_test_outputs"]
        if log is not None:
            ours.append(f"--execution_log_compact_file={log}")
        bazel = Bazel(request.workspace, [*ours, *request.flags, "--", *request.targets], request.store)
        follow(bazel, state, unreadable, show, before)
        return Ended(request, bazel, state, quarantine, tree, unreadable, started, log).checked()


def follow(
    bazel: Bazel,
    state: State,
    unreadable: list[str],
    show: Callable[[State], None],
    before: Future[dict[str, float]],
) -> None:
    """Takes in Bazel's events, and reads what a test left as soon as it is over: Bazel works on meanwhile."""
    for event in bazel.events():
        if event is None:
            if before.done():
                state.durations = before.result()
            if state.started is None:
                state.doing = bazel.said or state.doing
            elif state.finished is None:
                state.hear(bazel.said)
            show(state)
            continue
        state.add(event)
        if isinstance(event, TestResult):
            found = cases.read(event)
            state.keep(event, found)
            if found.problem:
                unreadable.append(found.problem)
    show(state)


@dataclass(slots=True)
class Ended:
    """A run that is over, on its way to a verdict."""

    request: Request
    bazel: Bazel
    state: State
    quarantine: Quarantine
    tree: Future[Tree]
    unreadable: list[str]
    started: float
    log: Path | None = None
    warnings: list[str] = field(default_factory=list)

    def checked(self) -> Checked:
        state = self.state
        results = state.results
        run = replace(self.run(), outage=outage(results) or "")
        standings: list[Standing] = []
        prior = None
        with ExitStack() as stack:
            past = self._history(stack)
            explained = self._explained(past)
            if explained is not None:
                results = keyed(results, explained)
            masked = self._masked(results, past, run)
            words = last(masked.results)
            red = [each for each in words if each.result.red]
            answers = self._answers(red)
            thought = self._opinions(past, red, answers)
            reds = [self._red(each, answers, thought) for each in red]
            if past is not None and results:
                standings, prior = self._remembered(past, run, masked.results)
        matrix, told = self._matrix()
        verdict = conclude(
            state,
            count(state, words),
            self.bazel.exit_code,
            interrupted=self.bazel.interrupted,
            findings=len(masked.findings) + len(told),
            fixtures=matrix.total().failed if matrix else 0,
        )
        self.warnings += [str(notice) for notice in state.notices]
        return Checked(
            verdict=verdict,
            run=run,
            state=state,
            results=masked.results,
            words=words,
            # What counts first, and of that what is least likely a flake.
            reds=sorted(reds, key=lambda red: (red.masked, red.flake or 0.0)),
            findings=masked.findings,
            unreadable=[*self.unreadable, *told],
            warnings=self.warnings,
            matrix=matrix,
            log=self.bazel.log,
            seconds=time.monotonic() - state.began,
            entries=self.quarantine.entries,
            standings=standings,
            prior=prior,
            explained=explained,
        )

    def run(self) -> Run:
        """The run as history keeps it."""
        tree, started = self.tree.result(), self.state.started
        return Run(
            id=(started.id if started else "") or str(uuid.uuid4()),
            started=(started.time if started else 0.0) or self.started,
            ended=time.time(),
            command=self.request.command,
            commit=tree.commit,
            branch=tree.branch,
            dirty=tree.dirty,
            configuration=configuration(self.request.workspace, self.request.flags),
            host=platform.node(),
            exit_code=self.bazel.exit_code,
        )

    def _history(self, stack: ExitStack) -> History | None:
        """None, with a warning, when it cannot be opened: a broken history breaks no run."""
        if self.request.where is None:
            return None
        try:
            return stack.enter_context(history.open(self.request.where))
        except HistoryError as error:
            self.warnings.append(f"history: {error}; this run is not kept")
            return None

    def _explained(self, past: History | None) -> Explanation | None:
        """What the execution log says; None where there is nothing to say."""
        executed = any(not action.last.cached_locally for action in self.state.actions.values())
        if past is None or self.log is None or not executed or not self.log.exists():
            return None
        from tools.runs.inputs import explain

        metrics = self.state.metrics
        try:
            explained = explain(self.log, past.database, time.time(), metrics.hits if metrics else 0)
        except HistoryError as error:
            self.warnings.append(f"history: {error}; nobody knows why what was executed was not cached")
            return None
        if explained.problem and not self.bazel.interrupted:
            self.warnings.append(f"execution log: {explained.problem}")
        return explained

    def _masked(self, results: list[CaseResult], past: History | None, run: Run) -> Masked:
        whole = self.request.whole and self.bazel.exit_code in (0, 3)
        try:
            return self.quarantine.mask(results, past, whole=whole, run=run.id)
        except HistoryError as error:
            self.warnings.append(f"history: {error}; failures are masked without it")
            return self.quarantine.mask(results, None, whole=whole, run=run.id)

    def _remembered(self, past: History, run: Run, results: list[CaseResult]) -> tuple[list[Standing], Prior | None]:
        """Keeps the run; what history thinks of every case that was ever red, this run counted."""
        try:
            past.record(run, results)
            self.warnings += past.notices
            return learn(past)
        except HistoryError as error:
            self.warnings.append(f"history: {error}; this run is not kept")
            return [], None

    def _answers(self, red: Sequence[Last]) -> dict[str, Answer]:
        """Whether the change can reach what is red; by label."""
        if not red or self.bazel.interrupted or self.request.reach is False:
            return {}
        changed = git.changed(self.request.workspace)
        return reach(self.request.workspace, {each.result.case.label for each in red}, changed)

    def _opinions(
        self, past: History | None, red: Sequence[Last], answers: Mapping[str, Answer]
    ) -> dict[CaseId, Opinion]:
        try:
            return opinions(past, red, answers) if past is not None else {}
        except HistoryError as error:
            self.warnings.append(f"history: {error}; nobody knows which of these reds are flakes")
            return {}

    def _red(self, word: Last, answers: Mapping[str, Answer], thought: Mapping[CaseId, Opinion]) -> Red:
        result = word.result
        answer = answers.get(result.case.label, Answer())
        opinion = thought.get(result.case, Opinion(None, ""))
        number = self.quarantine.number(result)
        entry = None if number is None else self.quarantine.entries[number]
        return Red(
            result,
            tries=word.tries,
            log=self._log(result),
            command=again(result, self.request.flags),
            owner=entry.owner if entry else "",
            issue=entry.issue if entry else "",
            flake=opinion.flake,
            why=opinion.why,
            reach=answer.reach,
            reach_why=answer.why,
        )

    def _log(self, result: CaseResult) -> str:
        action = self.state.actions.get((result.case.label, result.run_number, result.shard + 1))
        file = action.last.file("test.log") if action else None
        return "" if file is None else str(_short(self.request.workspace, file.path) if file.path else file.uri)

    def _matrix(self) -> tuple[Matrix | None, list[str]]:
        """The matrix, and what was to be in it and is not."""
        owed = {label for label, test in self.state.size.items() if VERDICTS in test.tags}
        if any(flag.startswith("--test_filter") for flag in self.request.flags):
            owed = set()
        consumers, told = collect([action.last for action in self.state.actions.values()], owed)
        return (build(consumers) if consumers else None), told


def _short(workspace: Path, log: Path) -> Path:
    """The log as it is seen from the workspace, where Bazel's link leads to it."""
    _, found, rest = log.as_posix().partition("/testlogs/")
    near = Path("bazel-testlogs") / rest
    try:
        return near if found and (workspace / near).samefile(log) else log
    except OSError:
        return log


def again(result: CaseResult, flags: Sequence[str] = ()) -> str:
    """What runs just this case again, under the same options."""
    words = ["./samewire", "check", result.case.label]
    words += [flag for flag in flags if not flag.startswith("--test_filter")]
    if "::" in result.node and result.node.isprintable() and len(result.node) < 500:
        words.append(f"--test_filter={result.node}")
    return shlex.join(words)


def configuration(workspace: Path, flags: Sequence[str], environment: Mapping[str, str] = os.environ) -> str:
    """What decides results beside the tree, as one digest: options, the user's own rc file, the kind of machine."""
    parts = [platform.system(), platform.machine(), *sorted(flags)]
    try:
        parts.append((workspace / "user.bazelrc").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        parts.append("")
    parts.append(environment.get("SAMEWIRE_BAZEL", ""))
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()[:16]


def keyed(results: Sequence[CaseResult], explained: Explanation) -> list[CaseResult]:
    """The results with the digest of all inputs of their test action."""
    keys = {(test.label, test.run, test.shard): test.key for test in explained.tests}
    found = []
    for result in results:
        key = keys.get((result.case.label, result.run_number, result.shard))
        found.append(replace(result, key=key, key_kind="action") if key else result)
    return found
