"""What became of every test of a session: for the history file, the summary, and test.xml.

Works in the one process that sees all reports: pytest-xdist's controller, or the only one there is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from pytest_samewire import junit, outcome, summary
from pytest_samewire.history_file import HistoryFile
from pytest_samewire.masking import Masks, plain

Status = tuple[str, str, tuple[str, dict[str, bool]]]

ALONE = "master"  # as pytest-xdist calls the process that runs tests without workers

_STATUS: dict[str, Status] = {
    outcome.RERUN: ("rerun", "R", ("RERUN", {"yellow": True})),
    outcome.QUARANTINED: ("quarantined", "Q", ("QUARANTINED", {"yellow": True})),
}
_RED = ("failed", outcome.RERUN, outcome.QUARANTINED)
# Options that leave tests out, by the names that pytest has for them.
_CUTTING = ("collectonly", "deselect", "ignore", "ignore_glob", "keyword", "lf", "markexpr", "stepwise")


@dataclass(slots=True)
class Case:
    """What became of one test, on one worker.

    Attributes:
        results: "passed" or "failed" for each attempt that was one or the other.
        earlier: texts of the failures before the last attempt.
        final: what it was in the end: "passed", "failed", "quarantined"; empty for all else.
        seconds: of all attempts.
        red: the attempt that was red last, from 1.
        masked: the failure that is masked, and why.
    """

    results: list[str] = field(default_factory=list)
    earlier: list[str] = field(default_factory=list)
    final: str = ""
    seconds: float = 0.0
    red: int = 0
    masked: tuple[str, str] | None = None


class Ledger:
    """The plugin.

    Args:
        config: the session's.
        masks: as they were read when it began.
        history: the file, None where nothing is to be recorded.
        threshold: least share of failures of a flaky test.
        detailed: --flaky-report.
    """

    def __init__(
        self, config: pytest.Config, masks: Masks, history: HistoryFile | None, threshold: float, *, detailed: bool
    ) -> None:
        self._config = config
        self._masks = masks
        self._history = history
        self._threshold = threshold
        self._detailed = detailed
        self._grouped = getattr(config.option, "dist", "no") == "loadgroup"
        self._tests: dict[tuple[str, str], Case] = defaultdict(Case)  # by node id and worker
        self._met: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        self._quarantined: set[str] = set()
        self._held: dict[str, list[str]] = {}
        self._deselected = False
        self._findings: list[str] = []

    def pytest_deselected(self) -> None:
        self._deselected = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Before pytest's own writer of test.xml closes the test."""
        node = plain(report.nodeid) if self._grouped else report.nodeid
        worker: str = getattr(report, "worker_id", ALONE)
        test = self._tests[node, worker]
        test.seconds += report.duration
        told: dict[str, Any] = getattr(report, "samewire", {})
        if "mask" in told:
            self._note(node, told)
        became = outcome.of(report)
        if became in _RED:
            self._red(test, became, report, told)
        elif report.when == "call" and became == "passed" and not hasattr(report, "wasxfail") and not test.final:
            test.final = "passed"
        if report.when != "teardown":
            return
        # pytest-rerunfailures reports the teardown of attempts too that others follow.
        if test.final not in _RED and test.red == getattr(report, "rerun", test.red) + 1:
            return
        if test.final == "passed":
            test.results.append("passed")
        self._write(test, worker, report)

    def _note(self, node: str, told: dict[str, Any]) -> None:
        self._quarantined.add(node)
        if told["entry"] is not None:
            self._met[told["entry"]][node].update(told["patterns"])

    def _red(self, test: Case, became: str, report: pytest.TestReport, told: dict[str, Any]) -> None:
        # pytest-rerunfailures counts attempts from 0, in `rerun`.
        attempt: int = told.get("attempt", getattr(report, "rerun", 0) + 1)
        if test.red != attempt:
            test.red = attempt
            test.results.append("failed")
        if became == outcome.RERUN:
            test.earlier.append(report.longreprtext)
            return
        if test.final != "failed":
            test.final = became
        if became == outcome.QUARANTINED:
            test.masked = (summary.one_line(report.longreprtext), told["mask"])
            if (writer := junit.reporter(self._config, report)) is not None:
                writer.append(junit.masked(told["mask"], report.longreprtext))

    def _write(self, test: Case, worker: str, report: pytest.TestReport) -> None:
        """Into test.xml."""
        if worker != ALONE or self._detailed:
            report.user_properties += [("worker", worker), ("seconds", f"{test.seconds:.6f}")]
        if test.earlier:
            report.user_properties.append(("attempts", str(len(test.earlier) + 1)))
            if (writer := junit.reporter(self._config, report)) is not None:
                writer.nodes += junit.attempts(test.earlier, passed=test.final == "passed")
        if test.masked:
            report.user_properties.append(("quarantined", "true"))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Records; a finding about quarantine.yaml turns a green session red."""
        results: dict[str, list[str]] = defaultdict(list)
        for (node, _), test in self._tests.items():
            if test.results:
                results[node] += test.results
        self._held = results if self._history is None else self._history.record(results)
        ended = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        self._findings = self._masks.findings(self._met, self._held, whole=ended and self._is_whole(session))
        if self._findings and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _is_whole(self, session: pytest.Session) -> bool:
        """Whether everything there is was run: no file, folder, expression or early stop cut something off."""
        config = self._config
        by_hand = config.args_source is pytest.Config.ArgsSource.ARGS or config.invocation_params.dir != config.rootpath
        cut = self._deselected or bool(session.shouldstop) or bool(session.shouldfail)
        return not (by_hand or cut or any(config.getoption(name, None) for name in _CUTTING))

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for line in self._lines():
            terminalreporter.write_line(line)

    def _lines(self) -> Iterator[str]:
        if self._history is not None and self._history.warning:
            yield f"pytest-samewire: {self._history.warning}"
        if self._detailed:
            yield from summary.workers((worker, node, test.seconds) for (node, worker), test in self._tests.items())
        if self._detailed or "R" in (self._config.getoption("reportchars", "") or ""):
            yield from summary.reruns((node, test.earlier, test.final) for (node, _), test in self._tests.items())
        yield from summary.masked((node, *test.masked) for (node, _), test in self._tests.items() if test.masked)
        flaky = list(summary.flaky(self._held, self._threshold, detailed=self._detailed))
        yield from flaky
        if self._detailed and not flaky:
            yield "No flaky tests."
        yield from summary.recommended(self._held, self._threshold, self._quarantined)
        yield from self._findings

    def pytest_report_teststatus(self, report: pytest.TestReport) -> Status | None:
        return _STATUS.get(outcome.of(report))
