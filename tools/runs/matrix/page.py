"""The matrix as one self-contained HTML page: no server, no network, everything from test output escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

from tools.runs.matrix.matrix import Cell, Matrix
from tools.runs.matrix.verdicts import Consumer, Outcome

TEMPLATE = Path(__file__).with_name("page.html")
NOTABLE_SHOWN = 2000


def page(matrix: Matrix, verdict: str, facts: Iterable[tuple[str, str]]) -> str:
    """The page. `verdict`: the closing sentence; `facts`: (name, value) pairs of the run, shown in the head."""
    template = TEMPLATE.read_text(encoding="utf-8")
    failed = matrix.total().failed
    parts = {
        "VERDICT": escape(verdict),
        "VERDICT_CLASS": "fail" if failed else "pass",
        "FACTS": "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts),
        "DIALECTS": "".join(
            f"<option>{escape(dialect)}</option>" for dialect in sorted({d for _, d, _ in matrix.cells})
        ),
        "HEAD": "".join(_head(consumer) for consumer in matrix.consumers),
        "ROWS": "".join(_rows(matrix)),
        "NOTABLE": _notable(matrix),
    }
    return re.sub(r"\{\{([A-Z_]+)\}\}", lambda slot: parts[slot[1]], template)


def _head(consumer: Consumer) -> str:
    skipped = f" – not run: {consumer.skipped}" if consumer.skipped else ""
    return (
        f'<th scope="col" title="{escape(consumer.title + skipped)}">'
        f"{escape(consumer.name)}<small>{escape(consumer.kind)}</small></th>"
    )


def _rows(matrix: Matrix) -> Iterable[str]:
    package = ""
    for message in matrix.messages:
        if (now := message.rsplit(".", 1)[0]) != package:
            package = now
            yield (
                f'</tbody><tbody><tr class="package"><th colspan="{len(matrix.consumers) + 2}" scope="rowgroup">'
                f"{escape(package)}</th></tr>"
            )
        for dialect in matrix.dialects(message):
            cells = "".join(_cell(matrix.cells.get((message, dialect, c.name)), c) for c in matrix.consumers)
            yield (
                f'<tr data-message="{escape(message.lower())}" data-dialect="{escape(dialect)}">'
                f'<th scope="row">{escape(message.rsplit(".", 1)[-1])}</th><td class="dialect">{escape(dialect)}</td>'
                f"{cells}</tr>"
            )


def _cell(cell: Cell | None, consumer: Consumer) -> str:
    if cell is None:
        why = f"not run: {consumer.skipped}" if consumer.skipped else "not implemented"
        return f'<td class="none" title="{escape(why)}">·</td>'
    text, style = f"{cell.passed}", "pass"
    if cell.failed:
        text, style = f"✗ {cell.failed}/{cell.total}", "fail"
    elif cell.expected:
        text, style = f"{cell.passed} ≠{cell.expected}", "expected"
    elif cell.skipped:
        text, style = f"{cell.passed} –{cell.skipped}", "skip"
    title = f"{cell.passed} pass, {cell.failed} fail, {cell.expected} known to differ, {cell.skipped} skipped"
    return f'<td class="{style}" title="{title}">{text}</td>'


def _notable(matrix: Matrix) -> str:
    rows = []
    for consumer, verdict in matrix.notable[:NOTABLE_SHOWN]:
        style = {Outcome.FAIL: "fail", Outcome.EXPECTED_FAIL: "expected"}.get(verdict.outcome, "skip")
        rows.append(
            f'<tr data-message="{escape(verdict.message.lower())}" data-dialect="{escape(verdict.dialect)}">'
            f'<td class="{style}">{escape(verdict.outcome.replace("_", " "))}</td><td>{escape(consumer.name)}</td>'
            f"<td><code>{escape(verdict.fixture)}</code></td><td>{escape(verdict.detail)}</td></tr>"
        )
    if len(matrix.notable) > NOTABLE_SHOWN:
        rows.append(f'<tr><td colspan="4">and {len(matrix.notable) - NOTABLE_SHOWN} more: see --json</td></tr>')
    return "".join(rows)


def as_json(matrix: Matrix, verdict: str, facts: Iterable[tuple[str, str]]) -> str:
    """The same as `page`, for scripts: consumers, cells, all verdicts that did not pass."""
    return json.dumps(
        {
            "verdict": verdict,
            "facts": dict(facts),
            "consumers": [
                {"name": c.name, "title": c.title, "kind": c.kind, "skipped": c.skipped} for c in matrix.consumers
            ],
            "cells": [
                {
                    "message": message,
                    "dialect": dialect,
                    "consumer": consumer,
                    "pass": cell.passed,
                    "fail": cell.failed,
                    "skip": cell.skipped,
                    "expected_fail": cell.expected,
                }
                for (message, dialect, consumer), cell in sorted(matrix.cells.items())
            ],
            "notable": [
                {"consumer": c.name, "fixture": v.fixture, "verdict": v.outcome, "detail": v.detail}
                for c, v in matrix.notable
            ],
        },
        indent=2,
        ensure_ascii=False,
    )
