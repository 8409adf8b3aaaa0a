"""`samewire matrix`: runs tools/runs/matrix and shows it on the terminal."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from tools.runs.exit import Exit
from tools.runs.matrix.job import Report, State, judge
from tools.runs.matrix.matrix import Cell, Matrix, combine
from tools.runs.matrix.page import as_json, page
from tools.runs.matrix.verdicts import Consumer, Kind, Outcome

PLAIN_SECONDS = 10.0
FAILURES_SHOWN = 20
LOG_LINES = 40
PIPE_WIDTH = 160  # columns, where there is no terminal to ask


def run(workspace: Path, targets: list[str], flags: list[str], as_json_text: bool, html: Path) -> Exit:
    """Judges, prints the matrix (or JSON on standard output), writes the page to `html`. Returns the exit code."""
    console = Console(stderr=as_json_text)
    if not console.is_terminal:
        console = Console(stderr=as_json_text, width=PIPE_WIDTH)
    report = _watch(console, workspace, targets, flags)
    html.parent.mkdir(parents=True, exist_ok=True)
    html.write_text(page(report.matrix, report.verdict, report.facts), encoding="utf-8")
    if as_json_text:
        print(as_json(report.matrix, report.verdict, report.facts))
    elif report.matrix.cells:
        console.print(matrix_table(report.matrix))
    _findings(console, report)
    style = "bold green" if report.exit is Exit.GOOD else "bold red"
    console.print(Text(report.verdict, style=style))
    console.print(Text(f"page: {html}  ({report.state.seconds:.1f} s)", style="dim"), soft_wrap=True)
    return report.exit


def _watch(console: Console, workspace: Path, targets: list[str], flags: list[str]) -> Report:
    if not console.is_terminal:
        last = 0.0

        def say(state: State) -> None:
            nonlocal last
            if state.seconds - last >= PLAIN_SECONDS:
                last = state.seconds
                console.print(f"{state.seconds:6.0f} s  {_counts(state)}  {state.doing}", markup=False, soft_wrap=True)

        return judge(workspace, targets, flags, say)
    with Live(console=console, refresh_per_second=8, transient=True) as live:
        spinner = Spinner("dots")
        return judge(workspace, targets, flags, lambda state: live.update(_live(spinner, state)))


def _live(spinner: Spinner, state: State) -> RenderableType:
    spinner.update(
        text=Text(f"{state.seconds:4.0f} s  {_counts(state)}  {state.doing}", overflow="ellipsis", no_wrap=True)
    )
    red = [Text(f"  red: {result.label} ({result.status.lower()})", style="red") for result in state.failed]
    return Group(spinner, *red[-FAILURES_SHOWN:])


def _counts(state: State) -> str:
    return f"{len(state.tests)} tests done, {len(state.failed)} red, {state.cached} from cache"


def matrix_table(matrix: Matrix) -> Table:
    """The matrix for a terminal: rows that somebody beside the models reads one by one, the rest summed by package."""
    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    table.add_column("message", no_wrap=True)
    table.add_column("dialect", style="dim", no_wrap=True)
    for consumer in matrix.consumers:
        table.add_column(escape(consumer.name), justify="right", no_wrap=True)
    models = {consumer.name for consumer in matrix.consumers if consumer.kind is Kind.MODEL}
    rest: dict[tuple[str, str], list[str]] = {}
    package = ""
    for message in matrix.messages:
        for dialect in matrix.dialects(message):
            told = any((message, dialect, c.name) in matrix.cells for c in matrix.consumers if c.name not in models)
            if told:
                if message.rsplit(".", 1)[0] != package:
                    package = message.rsplit(".", 1)[0]
                    table.add_row(Text(package, style="bold"))
                cells = [matrix.cells.get((message, dialect, consumer.name)) for consumer in matrix.consumers]
                table.add_row("  " + escape(message.rsplit(".", 1)[-1]), escape(dialect), *map(_cell, cells))
            else:
                rest.setdefault((message.rsplit(".", 1)[0], dialect), []).append(message)
    for (package, dialect), messages in sorted(rest.items()):
        sums = [_sum(matrix, messages, dialect, consumer) for consumer in matrix.consumers]
        table.add_row(f"{escape(package)} ({len(messages)} more)", escape(dialect), *map(_cell, sums), style="dim")
    return table


def _sum(matrix: Matrix, messages: list[str], dialect: str, consumer: Consumer) -> Cell | None:
    cells = [cell for message in messages if (cell := matrix.cells.get((message, dialect, consumer.name)))]
    return combine(cells) if cells else None


def _cell(cell: Cell | None) -> Text:
    if cell is None:
        return Text("·", style="dim")
    if cell.failed:
        return Text(f"✗{cell.failed}/{cell.total}", style="bold red")
    if cell.expected:
        return Text(f"{cell.passed} ≠{cell.expected}", style="yellow")
    if cell.skipped:
        return Text(f"{cell.passed} –{cell.skipped}", style="cyan")
    return Text(str(cell.passed), style="green")


def _findings(console: Console, report: Report) -> None:
    if report.exit is Exit.COULD_NOT_RUN:
        tail = report.log.strip().splitlines()[-LOG_LINES:]
        console.print("\n".join(tail), markup=False, highlight=False, soft_wrap=True)
    for problem in report.state.problems:
        console.print(Text(": ".join(filter(None, (problem.label, problem.text))), style="red"), soft_wrap=True)
    for result in report.state.failed:
        where = f", log: {result.outputs / 'test.log'}" if result.outputs else ""
        console.print(Text(f"red: {result.label} ({result.status.lower()}){where}", style="red"), soft_wrap=True)
    for line in report.unreadable:
        console.print(Text(line, style="red"), soft_wrap=True)
    fails = [(c, v) for c, v in report.matrix.notable if v.outcome is Outcome.FAIL]
    for consumer, verdict in fails[:FAILURES_SHOWN]:
        detail = json.dumps(verdict.detail, ensure_ascii=False)[1:-1]
        console.print(Text(f"✗ {consumer.name}  {verdict.fixture}\n    {detail}", style="red"), soft_wrap=True)
    if len(fails) > FAILURES_SHOWN:
        console.print(f"… and {len(fails) - FAILURES_SHOWN} more: see the page or --json")
    for consumer in report.matrix.consumers:
        if consumer.skipped:
            console.print(Text(f"SKIPPED {consumer.name}: {consumer.skipped}", style="cyan"), soft_wrap=True)
