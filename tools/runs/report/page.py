"""The report as one HTML file: no server, no network, no build; everything from test output is text and nothing else.

What the page shows is embedded as JSON; the script in web/ draws it. The page's content security policy names the
script and the style by their digests: nothing else runs, and nothing is fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from tools.runs.record import Trial
from tools.runs.report import cache, cases, perf, red, text, timeline
from tools.runs.report.data import Benchmark, Entry, Flake, Matrix, Measure, Report
from tools.runs.report.figures import finite, moment, ms, share

_WEB = Path(__file__).with_name("web")
# In the order in which they are read.
_SCRIPTS = ("dom", "words", "columns", "head", "red", "timeline", "tables", "wire", "list", "main")
_OUTCOMES = {"passed": "p", "failed": "f", "error": "e", "timeout": "t", "skipped": "s", "xfailed": "x"}
FAILURES = 1_000  # of one matrix
FLAKES = 500
ENTRIES = 1_000


def page(report: Report) -> str:
    """The whole file."""
    script = "\n".join(
        ['"use strict";', "{", *(_web(f"{name}.js") for name in _SCRIPTS), "}"],
    )
    style = _web("page.css")
    parts = {
        "POLICY": (
            f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; img-src data:; "
            "base-uri 'none'; form-action 'none'"
        ),
        "TITLE": escape(text.name(report.verdict)),
        "GOOD": "good" if report.good else "bad",
        "ICON": "%232e7d4f" if report.good else "%23b3392f",
        "STYLE": style,
        "DATA": _embedded(data(report)),
        "SCRIPT": script,
    }
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda slot: parts[slot[1]], _web("page.html"))


def data(report: Report) -> dict[str, Any]:
    """What the script gets; every text in it is cut and without what can't be seen."""
    rows = cases.rows(report.results)
    places = {row.case: index for index, row in enumerate(rows)}
    return {
        "verdict": text.name(report.verdict),
        "good": report.good,
        "outage": text.lines(report.outage, 1_000),
        "run": _run(report),
        "facts": [[text.name(name), text.name(value)] for name, value in report.facts],
        "findings": [text.lines(finding, 1_000) for finding in report.findings],
        "problems": [[text.name(problem.label), text.lines(problem.text)] for problem in report.problems],
        "cases": cases.columns(rows),
        "clusters": red.clusters(report, rows),
        "recovered": red.flaky(report, rows),
        "timeline": _timeline(report),
        "flakes": [_flake(flake, places.get(flake.case)) for flake in report.flakes[:FLAKES]],
        "flakesLeft": max(0, len(report.flakes) - FLAKES),
        "quarantine": [_entry(entry) for entry in report.quarantine[:ENTRIES]],
        "cache": cache.shown(report.cache) if report.cache else None,
        "matrices": [_matrix(matrix) for matrix in report.matrices],
        "benchmarks": [_benchmark(benchmark) for benchmark in report.benchmarks],
    }


def _run(report: Report) -> dict[str, Any]:
    run = report.run
    return {
        "id": text.name(run.id),
        "command": text.name(run.command),
        "commit": text.name(run.commit),
        "branch": text.name(run.branch),
        "dirty": run.dirty,
        "host": text.name(run.host),
        "source": text.name(run.source),
        "started": moment(run.started),
        "ended": moment(run.ended),
        "exit": run.exit_code,
        "criticalPath": ms(report.critical_path),
    }


def _timeline(report: Report) -> dict[str, Any] | None:
    """Columns by lane; times in milliseconds since the first span began."""
    told = report.spans or timeline.from_results(report.results)
    spans = timeline.with_critical(told)
    if not spans:
        return None
    zero = min(span.start for span in spans)
    names: dict[str, int] = {}
    return {
        "zero": zero,
        "given": any(span.critical for span in told),
        "lanes": [
            {
                "name": text.name(lane.name),
                "spans": [
                    [
                        names.setdefault(text.name(span.label), len(names)),
                        ms(span.start - zero),
                        ms(span.end - span.start),
                        _OUTCOMES[span.outcome],
                        int(span.critical),
                        span.shard,
                        span.attempt,
                        "" if span.kind == "test" else text.name(span.kind),
                    ]
                    for span in lane.spans
                ],
            }
            for lane in timeline.lanes(spans)
        ],
        "names": list(names),
    }


def _flake(flake: Flake, place: int | None) -> dict[str, Any]:
    return {
        "label": text.name(flake.case.label),
        "class": text.name(flake.case.classname),
        "name": text.name(flake.case.full_name),
        "case": place,
        "state": flake.state,
        "p": [share(part) for part in (flake.probability, flake.low, flake.high)],
        "evidence": text.lines(flake.evidence, 500),
        "trials": _trials(flake.trials),
        "ms": ms(flake.seconds),
        "cost": ms(flake.cost),
    }


def _trials(trials: Sequence[Trial]) -> str:
    """A letter a trial, oldest first: p green, f red; upper case begins another version."""
    letters = []
    version = None
    for trial in trials[-50:]:
        letter = "f" if trial.red else "p"
        letters.append(letter if version in (None, trial.version) else letter.upper())
        version = trial.version
    return "".join(letters)


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "cases": [text.name(pattern) for pattern in entry.cases[:20]],
        "reason": text.lines(entry.reason, 500),
        "owner": text.name(entry.owner),
        "issue": text.name(entry.issue),
        "until": text.name(entry.until),
        "state": entry.state,
        "note": text.lines(entry.note, 500),
        "where": text.name(entry.where),
        "failure": text.lines(entry.failure, 300),
        "masked": entry.masked,
    }


def _matrix(matrix: Matrix) -> dict[str, Any]:
    return {
        "title": text.name(matrix.title),
        "verdict": text.name(matrix.verdict),
        "good": matrix.good,
        "columns": [[text.name(name), text.name(title)] for name, title in matrix.columns],
        "rows": [
            [text.name(group), text.name(name), [cell or 0 for cell in cells]] for group, name, cells in matrix.rows
        ],
        "failures": [
            [text.name(column), text.name(what), text.name(verdict), text.lines(words, 1_000)]
            for column, what, verdict, words in matrix.failures[:FAILURES]
        ],
        "left": max(0, len(matrix.failures) - FAILURES),
        "findings": [text.lines(finding, 1_000) for finding in matrix.findings],
        "skipped": [[text.name(column), text.lines(why, 300)] for column, why in matrix.skipped.items()],
    }


def _benchmark(benchmark: Benchmark) -> dict[str, Any]:
    return {
        "title": text.name(benchmark.title),
        "measures": [_measure(measure) for measure in benchmark.measures if finite(measure.rounds)],
        "table": [[text.name(cell) for cell in row] for row in benchmark.table],
    }


def _measure(measure: Measure) -> dict[str, Any]:
    rounds, before = finite(measure.rounds), finite(measure.before)
    verdict = perf.compare(before, rounds) if before else None
    return {
        "name": text.name(measure.name),
        "rounds": [float(f"{figure:.4g}") for figure in rounds],
        "before": [float(f"{figure:.4g}") for figure in before],
        "unit": text.name(measure.unit),
        "verdict": verdict and [verdict.word, *(round(part, 4) for part in (verdict.ratio, verdict.low, verdict.high))],
    }


def _embedded(data: dict[str, Any]) -> str:
    """JSON that can't end the element it stands in."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _digest(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _web(name: str) -> str:
    return (_WEB / name).read_text(encoding="utf-8").strip()


def write(report: Report, file: Path) -> None:
    """Puts the page there whole or not at all; makes the folder. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    scratch = file.with_name(f".{file.name}.new")
    scratch.write_text(page(report), encoding="utf-8")
    scratch.replace(file)
