"""`samewire check`: runs tools/runs/check, shows it while it goes on, and says what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tools.cli.live import watch
from tools.runs import history
from tools.runs.check.document import document
from tools.runs.check.job import Checked, Request, check
from tools.runs.check.state import STATUS_LINE
from tools.runs.check.verdict import Red, many
from tools.runs.exit import Exit
from tools.runs.matrix.page import page as matrix_page
from tools.runs.matrix.verdicts import Outcome
from tools.runs.quarantine import Refused

REDS_SHOWN = 20
MESSAGE_LINES = 6
LOG_LINES = 40
PIPE_WIDTH = 160  # columns, where there is no terminal to ask


def run(
    workspace: Path, targets: list[str], flags: list[str], *, as_json: bool, html: Path | None, bes: bool = False
) -> Exit:
    """Checks, prints what a person can act on (or one JSON document on standard output), writes the pages.

    The report goes to `html`, nowhere when that is None. Returns the exit code.
    """
    # Bazel's own words are caught anyway; ours go where JSON is not.
    console = Console(stderr=as_json)
    if not console.is_terminal:
        console = Console(stderr=as_json, width=PIPE_WIDTH)
    store = workspace / ".samewire" / "events" if bes else None
    request = Request(workspace, targets, flags, where=history.location(workspace), store=store)
    try:
        checked = watch(console, lambda show: check(request, show))
    except Refused as refused:
        for line in refused.problems:
            console.print(Text(line, style="red"), soft_wrap=True)
        console.print(Text("quarantine.yaml is not understood; nothing was run", style="bold red"))
        return Exit.MISUSE
    written = _written(workspace, checked, html)
    if as_json:
        print(json.dumps(document(checked), ensure_ascii=False, indent=2))
    _say(console, checked)
    for name, path in written:
        console.print(Text(f"{name}: {path}", style="dim"), soft_wrap=True)
    return checked.verdict.exit


def _written(workspace: Path, checked: Checked, html: Path | None) -> list[tuple[str, Path]]:
    """Writes the pages, and names them. One that cannot be written is a warning: the verdict is not lost with it."""
    pages: list[tuple[str, Path, Callable[[Checked, Path], None]]] = []
    if checked.matrix is not None:
        pages.append(("matrix", workspace / "out" / "matrix.html", _write_matrix))
    if html is not None:
        pages.append(("report", html, _write_report))
    written = []
    for name, path, write in pages:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(checked, path)
        except OSError as error:
            checked.warnings.append(f"{name}: {path} could not be written: {error.strerror or error}")
        else:
            written.append((name, path))
    return written


def _write_matrix(checked: Checked, path: Path) -> None:
    assert checked.matrix is not None
    text = matrix_page(checked.matrix, checked.verdict.text, [("seconds", f"{checked.seconds:.1f}")])
    path.write_text(text, encoding="utf-8")


def _write_report(checked: Checked, path: Path) -> None:
    from tools.runs.check.page import report
    from tools.runs.report.page import write

    write(report(checked), path)


def _say(console: Console, checked: Checked) -> None:
    """What is red first, then what is to be known beside it, and the verdict last: that is what stays on the screen."""

    def line(text: str, style: str = "") -> None:
        console.print(Text(text, style=style), soft_wrap=True)

    counting = [red for red in checked.reds if not red.masked]
    for red in counting[:REDS_SHOWN]:
        _red(console, red)
    if len(counting) > REDS_SHOWN:
        line(f"… and {many(len(counting) - REDS_SHOWN, 'more failing case')}: see the report or --json")
    for problem in checked.state.unbuilt:
        line(": ".join(filter(None, (problem.label, _first(problem.text)))), "red")
    if checked.verdict.exit in (Exit.COULD_NOT_RUN, Exit.MISUSE):
        tail = [each for each in STATUS_LINE.sub("", checked.log).splitlines() if each.strip()][-LOG_LINES:]
        line("\n".join(tail), "dim")
    masked = [red for red in checked.reds if red.masked]
    for red in masked:
        who = ", ".join(filter(None, (red.owner, red.issue)))
        line(f"quarantined: {_name(red)} failed ({who}): {_first(red.result.message)}", "yellow")
    for word in checked.words:
        if word.flaky:
            line(f"flaky: {_plain(str(word.result.case))} passed at attempt {word.result.attempt}", "yellow")
    for finding in checked.findings:
        line(str(finding), "red")
    for text in checked.unreadable:
        line(text, "red")
    for text in checked.warnings:
        line(text, "yellow")
    _matrix(console, checked)
    if checked.run.outage:
        line(
            f"outage? {checked.run.outage}: this run is kept, and counts for nothing in the statistics of flakes",
            "bold red",
        )
    style = "bold red" if not checked.verdict.good else "bold yellow" if checked.counts.masked else "bold green"
    line(f"{checked.verdict.text}  ({_seconds(checked.seconds)})", style)


def _red(console: Console, red: Red) -> None:
    result = red.result
    console.print(Text(f"✗ {_name(red)}", style="bold red"), soft_wrap=True)
    message = [each for each in _plain(result.message or result.detail).splitlines() if each.strip()] or [
        result.outcome
    ]
    if not result.case.name and result.detail:  # Bazel's own words say only that it failed; the log says why.
        message += _plain(result.detail).splitlines()[-MESSAGE_LINES:]
    shown = message[: 2 * MESSAGE_LINES]
    for each in shown:
        console.print(Text(f"    {each[:400]}"), soft_wrap=True)
    where = f"{result.file}:{result.line}" if result.file else ""
    tried = f"{red.tries} attempts, all red" if red.tries > 1 else ""
    facts = [fact for fact in (where, tried, *_odds(red)) if fact]
    if facts:
        console.print(Text(f"    {'; '.join(facts)}", style="yellow"), soft_wrap=True)
    console.print(Text(f"    again: {red.command}", style="dim"), soft_wrap=True)
    if red.log:
        console.print(Text(f"    log:   {_plain(red.log)}", style="dim"), soft_wrap=True)


def _odds(red: Red) -> Iterator[str]:
    if red.flake is not None:
        yield f"a flake with probability {_percent(red.flake)}" + (f" ({red.why})" if red.why else "")
    elif red.why:
        yield f"nobody knows whether it is a flake: {red.why}"
    if red.reach == "unreachable":
        yield f"your change cannot reach this test ({red.reach_why})"
    elif red.reach == "reachable" and red.reach_why:
        yield f"your change reaches this test ({red.reach_why})"
    if red.owner and not red.masked:
        yield f"in quarantine ({', '.join(filter(None, (red.owner, red.issue)))}), and not masked"


def _matrix(console: Console, checked: Checked) -> None:
    if checked.matrix is None:
        return
    matrix = checked.matrix
    total = matrix.total()
    told = sum(not consumer.skipped for consumer in matrix.consumers)
    text = f"matrix: {many(told, 'consumer')}, {many(len(matrix.messages), 'message')}: {total.passed:,} fixtures pass"
    if total.failed:
        text += f", {total.failed:,} fail"
    if total.expected:
        text += f", {total.expected:,} known to differ"
    if total.skipped:
        text += f", {total.skipped:,} skipped"
    if skipped := [consumer.name for consumer in matrix.consumers if consumer.skipped]:
        text += f", not run: {', '.join(skipped)}"
    for consumer, verdict in matrix.notable[:REDS_SHOWN]:
        if verdict.outcome is Outcome.FAIL:
            console.print(Text(f"✗ {consumer.name}  {verdict.fixture}\n    {_plain(verdict.detail)}", style="red"))
    console.print(Text(text, style="red" if total.failed else ""), soft_wrap=True)


def _percent(share: float) -> str:
    """Never 0 and never 100: of flakes nobody is that sure."""
    if share < 0.01:
        return "below 1 %"
    return "above 99 %" if share > 0.99 else f"{share:.0%}".replace("%", " %")


def _name(red: Red) -> str:
    return _plain(str(red.result.case)).replace("\n", " ")


def _first(text: str) -> str:
    return next((line.strip() for line in _plain(text).splitlines() if line.strip()), "")[:300]


def _plain(text: str) -> str:
    """What a test wrote must not move the terminal's cursor or change its title."""
    return "".join(char if char.isprintable() or char == "\n" else "·" for char in text)


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 100 else f"{int(seconds) // 60} min {int(seconds) % 60} s"
