"""The matrix as one HTML file that works offline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from samewire.parity.v1.result_wire import CaseResult, Results

from parity.report.summary import is_good, verdict_line
from parity.runner.difference import one_line

_TEMPLATE = Path(__file__).with_name("page.html")
_VERDICTS = ["pass", "fail", "known", "stale", "unsupported", "broken"]


def page(results: Results, manifest: Sequence[Sequence[str]] = ()) -> str:
    """HTML. `manifest`: rows of text, the first of them heads."""
    names = {case.name: index for index, case in enumerate(results.cases)}
    testees = {testee.name: index for index, testee in enumerate(results.testees)}
    dialects = sorted({result.dialect for result in results.results})
    data = {
        "verdict": verdict_line(results),
        "good": is_good(results),
        "findings": results.findings,
        "dialects": dialects,
        "verdicts": _VERDICTS,
        "testees": [
            {
                "name": testee.name,
                "title": (testee.hello.title if testee.hello else None) or testee.name,
                "skipped": testee.skipped,
            }
            for testee in results.testees
        ],
        "cases": [{"name": case.name, "why": case.why, "source": case.source} for case in results.cases],
        "results": [
            _row(result, testees[result.testee], names[result.case], dialects.index(result.dialect))
            for result in results.results
        ],
        "manifest": [list(row) for row in manifest],
    }
    # "</script>" in a case's name must not end the element.
    text = orjson.dumps(data).decode().replace("<", "\\u003c")
    return _TEMPLATE.read_text(encoding="utf-8").replace("/*DATA*/", text, 1)


def _row(result: CaseResult, testee: int, case: int, dialect: int) -> list[Any]:
    row: list[Any] = [testee, case, dialect, _VERDICTS.index(result.verdict)]
    more = [*filter(None, [result.detail]), *map(one_line, result.differences), *result.exchanges]
    if result.stderr:
        more.append(f"stderr: {result.stderr}")
    return [*row, "\n".join(more)] if more else row
