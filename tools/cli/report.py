"""`samewire report`: one HTML file of any run that history holds."""

from __future__ import annotations

import json
import sys
import webbrowser
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from tools.runs import history, quarantine
from tools.runs.exit import Exit
from tools.runs.history import HistoryError
from tools.runs.quarantine import Refused
from tools.runs.report import gather, matrices, perf
from tools.runs.report.data import Report
from tools.runs.report.document import document
from tools.runs.report.gather import NoRun
from tools.runs.report.matrices import ResultsError
from tools.runs.report.page import write
from tools.runs.report.perf import BenchmarkError


def run(
    workspace: Path,
    run_id: str,
    html: Path,
    *,
    parity: Sequence[Path] = (),
    benchmarks: Sequence[Path] = (),
    before: Path | None = None,
    as_json: bool = False,
    show: bool = False,
    today: date | None = None,
) -> Exit:
    """Writes the page, prints where it is (or the report as JSON). Returns the exit code.

    Args:
        workspace: whose history is read.
        run_id: how the run's id begins; empty is the newest run.
        html: where the page goes.
        parity: files of `samewire parity --json`.
        benchmarks: files of a benchmark's `--json`.
        before: the same benchmark's file from earlier, for the first of them; a folder has them by name.
        as_json: print the report for scripts.
        show: open the page in a browser.
        today: for days in the quarantine file.
    """
    try:
        report = _report(workspace, run_id, today or date.today())  # noqa: DTZ011 - a day in the file is the reader's
        report = replace(
            report,
            matrices=[*report.matrices, *map(matrices.read_parity, parity)],
            benchmarks=[perf.read(file, _earlier(file, before)) for file in benchmarks],
        )
    except (NoRun, ResultsError, BenchmarkError, Refused, FileNotFoundError) as error:
        print(f"samewire report: {error}", file=sys.stderr)
        return Exit.MISUSE
    except HistoryError as error:
        print(f"samewire report: {error}", file=sys.stderr)
        return Exit.COULD_NOT_RUN
    write(report, html)
    if as_json:
        print(json.dumps(document(report), ensure_ascii=False, indent=2))
    else:
        print(f"{report.verdict}\nreport: {html}")
    if show:
        webbrowser.open(html.absolute().as_uri())
    return Exit.GOOD


def _report(workspace: Path, run_id: str, today: date) -> Report:
    with history.open(history.location(workspace)) as past:
        report = gather.from_history(past, run_id)
        listed = quarantine.read(workspace / "quarantine.yaml", today)
        if not listed.entries:
            return report
        findings = listed.mask(report.results, past, run=report.run.id).findings
        return replace(report, quarantine=gather.entries(listed.entries, findings, report.results))


def _earlier(file: Path, before: Path | None) -> Path | None:
    if before is None or not before.is_dir():
        return before
    return before / file.name if (before / file.name).is_file() else None
