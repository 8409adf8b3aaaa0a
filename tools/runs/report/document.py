"""The report as JSON, for scripts: what the page says first, without the text of tests that passed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tools.runs.failures import cluster
from tools.runs.report import perf, rerun
from tools.runs.report.cases import Row, rows
from tools.runs.report.data import Benchmark, Matrix, Report

VERSION = 1
SLOWEST = 20


def document(report: Report) -> dict[str, Any]:
    """Keys are only added within a version. Durations are seconds."""
    all_rows = rows(report.results)
    by_case = {row.case: row for row in all_rows}
    stories = {story.case: story for story in report.stories}

    def told(row: Row) -> dict[str, Any]:
        newest = row.attempts[-1]
        story = stories.get(row.case)
        return {
            **_named(row),
            "message": newest.message,
            "again": (story and story.command) or rerun.command(row.case, newest.node),
            "flake_probability": story.flake if story else None,
            "flake_why": story.why if story else "",
            "change": story.reach if story else "unknown",
        }

    return {
        "version": VERSION,
        "verdict": report.verdict,
        "good": report.good,
        "run": asdict(report.run),
        "outage": report.outage,
        "findings": list(report.findings),
        "not_built": [asdict(problem) for problem in report.problems],
        "counts": {state: sum(row.state == state for row in all_rows) for state in sorted({r.state for r in all_rows})},
        "faults": [
            {
                "message": group.message,
                "signature": group.signature,
                "cases": [told(by_case[each.case]) for each in group.results],
            }
            for group in cluster(row.attempts[-1] for row in all_rows if row.red)
        ],
        "flaky_now": [_named(row) for row in all_rows if row.state == "flaky"],
        "slowest": [
            _named(row)
            for row in sorted(all_rows, key=lambda row: -row.seconds)[:SLOWEST]
            if not all(each.cached for each in row.attempts)
        ],
        "flakes": [
            {
                "case": str(flake.case),
                "state": flake.state,
                "probability": flake.probability,
                "low": flake.low,
                "high": flake.high,
                "evidence": flake.evidence,
                "seconds_a_week": flake.cost,
            }
            for flake in report.flakes
        ],
        "quarantine": [asdict(entry) for entry in report.quarantine],
        "cache": asdict(report.cache) if report.cache else None,
        "matrices": [_matrix(matrix) for matrix in report.matrices],
        "benchmarks": [_benchmark(benchmark) for benchmark in report.benchmarks],
    }


def _named(row: Row) -> dict[str, Any]:
    return {"case": str(row.case), **asdict(row.case), "state": row.state, "seconds": round(row.seconds, 6)}


def _matrix(matrix: Matrix) -> dict[str, Any]:
    return {
        "title": matrix.title,
        "verdict": matrix.verdict,
        "good": matrix.good,
        "findings": list(matrix.findings),
        "differences": [list(failure) for failure in matrix.failures],
    }


def _benchmark(benchmark: Benchmark) -> dict[str, Any]:
    return {
        "title": benchmark.title,
        "measures": [
            {
                **asdict(measure),
                "verdict": asdict(perf.compare(measure.before, measure.rounds)) if measure.before else None,
            }
            for measure in benchmark.measures
        ],
        "table": [list(row) for row in benchmark.table],
    }
