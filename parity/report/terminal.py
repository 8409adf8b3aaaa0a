"""Results on a terminal: the matrix, and what is red."""

from __future__ import annotations

from collections import Counter, defaultdict

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text
from samewire.parity.v1.result_wire import CaseResult, Results

from parity.report.summary import RED
from parity.runner.difference import one_line

SHOWN = 20
"""Red answers that are printed in full."""


def feature(case: str) -> str:
    """What a row of the matrix sums: the feature; of the golden corpus, the message."""
    return "/".join(case.split("/")[:2]) if case.startswith("codec/") else case.rpartition("/")[0]


def matrix(results: Results) -> Table:
    """Features down, testees across; codec cases are one row."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("feature", no_wrap=True)
    names = [testee.name for testee in results.testees]
    for testee in results.testees:
        table.add_column(escape(testee.name), justify="right", no_wrap=True)
    cells: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for result in results.results:
        row = feature(result.case)
        cells["codec" if row.startswith("codec/") else row][result.testee][result.verdict] += 1
    for row in sorted(cells):
        table.add_row(escape(row), *(_cell(cells[row][name]) for name in names))
    return table


def _cell(count: Counter[str]) -> Text:
    if not count:
        return Text("–", style="dim")
    parts = []
    if count["pass"]:
        parts.append((str(count["pass"]), "green"))
    if red := sum(count[verdict] for verdict in RED):
        parts.append((f"×{red}", "bold red"))
    if count["known"]:
        parts.append((f"≠{count['known']}", "yellow"))
    if count["unsupported"]:
        parts.append((f"·{count['unsupported']}", "dim"))
    text = Text()
    for index, (word, style) in enumerate(parts):
        text.append((" " if index else "") + word, style)
    return text


def failures(console: Console, results: Results) -> None:
    about = {case.name: case for case in results.cases}
    red = [result for result in results.results if result.verdict in RED]
    for result in red[:SHOWN]:
        console.print(Text(f"× {result.testee}  {result.case} · {result.dialect}: {result.verdict}", style="red"))
        case = about[result.case]
        for line in [*_told(result), f"source: {', '.join(case.source)}"]:
            console.print("    " + line, markup=False, highlight=False, soft_wrap=True)
    if len(red) > SHOWN:
        console.print(f"… and {len(red) - SHOWN} more: --html, --json or --junit has them all")
    for testee in results.testees:
        if testee.skipped:
            console.print(Text(f"SKIPPED {testee.name}: {testee.skipped}", style="cyan"), soft_wrap=True)
    for finding in results.findings:
        console.print(Text(finding, style="red"), soft_wrap=True)


def _told(result: CaseResult) -> list[str]:
    lines = [*filter(None, [result.detail]), *map(one_line, result.differences)]
    for exchange in result.exchanges:
        lines += exchange.splitlines()
    if result.stderr:
        lines += ["stderr:", *result.stderr.splitlines()[-20:]]
    return lines
