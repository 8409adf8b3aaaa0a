"""Turns pytest's reports into cases, and writes each down the moment it ends."""

import json
import os
import re
import sys
import threading
import time
import traceback
from dataclasses import asdict
from pathlib import Path

import pytest

from tools.python.pytest.case import Case, Outcome

_WORST_FIRST: tuple[Outcome, ...] = ("failed", "error", "xfailed", "skipped", "passed")
_PYTEST = re.compile(r"[/\\](_pytest|pluggy)[/\\]")


class Recorder:
    """A pytest plugin.

    Attributes:
        cases: everything that has ended, in order.
        running: the node id of the case that runs now.
        shard: the shard that every case here belongs to, from 0.
    """

    def __init__(self, *, label: str, seed: int, attempt: int = 1, shard: int = 0) -> None:
        self.cases: list[Case] = []
        self.running: str | None = None
        self._label = label
        self._seed = seed
        self._attempt = attempt
        self.shard = shard
        self._reports: list[pytest.TestReport] = []
        self._location: tuple[str, int] = ("", 0)
        self._started = 0.0
        self._lines: list[Path] = []
        self._full: list[Path] = []

    def write_lines(self, path: Path) -> None:
        """Appends a line of cases.jsonl to `path` for every case from now on."""
        self._lines.append(path)

    def write_full(self, path: Path) -> None:
        """Appends every case whole, traceback and output included, to `path`; `read_full` reads them back."""
        self._full.append(path)

    def add(self, case: Case) -> None:
        """Records a case that has ended."""
        self.cases.append(case)
        for path in self._lines:
            _append(path, case.to_line(label=self._label, seed=self._seed))
        for path in self._full:
            _append(path, json.dumps(asdict(case)))

    def case(self, node: str, outcome: Outcome, message: str, detail: str = "") -> Case:
        """A case that pytest has no report of: a target without tests, a crash, a timeout."""
        return Case(
            node=node,
            outcome=outcome,
            duration=time.monotonic() - self._started if node == self.running else 0.0,
            file=self._location[0] if node == self.running else "",
            line=self._location[1] if node == self.running else 0,
            message=message,
            detail=detail,
            attempt=self._attempt,
            worker=f"pid-{os.getpid()}",
            shard=self.shard,
        )

    def stop_running(self, why: str) -> Case | None:
        """Ends the running case as an error, with the main thread's stack; None where none runs."""
        if self.running is None:
            return None
        seconds = time.monotonic() - self._started
        case = self.case(self.running, "error", f"still running after {seconds:.1f} s when {why}", _stack())
        self.add(case)
        self.running = None
        return case

    # pytest's hooks, in the order in which it calls them.

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be imported, or that skips itself whole, is a case of its own."""
        if report.outcome == "passed" or (report.skipped and self.shard):
            return  # Every shard collects every file; the first one alone tells of a skipped file.
        message, detail = _explain(report)
        outcome: Outcome = "error" if report.failed else "skipped"
        file = report.nodeid.split("::")[0]
        self.add(
            Case(
                node=report.nodeid or self._label,
                outcome=outcome,
                file=file,
                message=message,
                detail=detail,
                attempt=self._attempt,
                worker=f"pid-{os.getpid()}",
                shard=self.shard,
            )
        )

    def pytest_internalerror(self, excrepr: object) -> None:
        """pytest's own crash, usually a plugin's."""
        self.add(self.case(self._label, "error", "pytest or a plugin crashed", str(excrepr)))

    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        """A case begins."""
        self._reports = []
        self._location = (location[0], (location[1] or 0) + 1)
        self._started = time.monotonic()
        self.running = nodeid

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase (set-up, call, tear-down) or one subtest has ended."""
        self._reports.append(report)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """A case has ended."""
        self.running = None
        verdicts = [_verdict(report) for report in self._reports]
        outcome = next(each for each in _WORST_FIRST if each in (*verdicts, "passed"))
        telling = [report for report, each in zip(self._reports, verdicts, strict=True) if each == outcome != "passed"]
        explained = [_explain(report) for report in telling]
        self.add(
            Case(
                node=nodeid,
                outcome=outcome,
                duration=sum(report.duration for report in self._reports),
                file=self._location[0],
                line=self._location[1],
                message="\n".join(message for message, _ in explained),
                detail="\n\n".join(detail for _, detail in explained),
                output=_output(telling[-1]) if outcome in ("failed", "error") else "",
                attempt=self._attempt,
                worker=f"pid-{os.getpid()}",
                shard=self.shard,
            )
        )


def read_full(path: Path) -> list[Case]:
    """The cases that a recorder with `write_full` left at `path`; a line cut short by a crash is left out."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return [Case(**json.loads(line)) for line in lines if line.endswith("\n")]


def _stack() -> str:
    """Where the main thread is, from the test inwards."""
    frames = traceback.extract_stack(sys._current_frames().get(threading.main_thread().ident or 0))
    pytest_s = [index for index, frame in enumerate(frames) if _PYTEST.search(frame.filename)]
    inner = frames[pytest_s[-1] + 1 :] if pytest_s else frames
    here = os.path.dirname(os.path.abspath(__file__))
    return "".join(traceback.format_list([frame for frame in inner if os.path.dirname(frame.filename) != here]))


def _append(path: Path, line: str) -> None:
    # Opened anew each time: a case that leaks or closes file descriptors, or forks, cannot harm the record.
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def _verdict(report: pytest.TestReport) -> Outcome:
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if report.skipped:
        return "xfailed" if hasattr(report, "wasxfail") else "skipped"
    return "passed"


def _explain(report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str]:
    """Message and traceback of a report."""
    wasxfail = getattr(report, "wasxfail", None)
    if wasxfail is not None and report.skipped:
        return f"expected failure: {str(wasxfail).removeprefix('reason: ')}", report.longreprtext
    if report.skipped and isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: "), ""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = report.longreprtext
    message = str(crash.message) if crash else text.strip().splitlines()[-1] if text.strip() else "no reason given"
    when = f"{report.when}: " if isinstance(report, pytest.TestReport) and report.when != "call" else ""
    return when + message, text


def _output(report: pytest.TestReport) -> str:
    return "\n".join(f"--- {name} ---\n{text}" for name, text in report.sections)
