"""`samewire flaky why`: experiments that find out what a flaky test depends on."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tools.runs import history
from tools.runs.exit import Exit
from tools.runs.flakes.cost import trials_to_see
from tools.runs.flakes.survey import survey
from tools.runs.flakes.why import CAUSES, Bench, CouldNotRun, Finding, Report, investigate
from tools.runs.flakes.why.bench import Arm
from tools.runs.record import Standing

PIPE_WIDTH = 160  # columns, where there is no terminal to ask
# Without a history: a cause that makes it red at every tenth run shall be seen.
USUAL_RATE = 0.1
LEAST, MOST = 10, 100
LOG_LINES = 25


def run(
    root: Path, test: str, runs: int | None, asked: list[str], flags: list[str], faketime: str, *, as_json: bool
) -> Exit:
    """Investigates, prints what was found, returns the exit code: 1 a cause was found, 0 none."""
    unknown = [cause for cause in asked if cause not in CAUSES]
    if unknown:
        print(f"samewire flaky why: no cause is called {unknown[0]}; there are {', '.join(CAUSES)}", file=sys.stderr)
        return Exit.MISUSE
    label, node, rate = find(root, test)
    if not label:
        print(
            f"samewire flaky why: the history knows no case {test!r}; say //package:target, or //package:target and "
            "the node id of a case",
            file=sys.stderr,
        )
        return Exit.MISUSE
    runs = runs or min(MOST, max(LEAST, trials_to_see(rate)))
    console = Console(stderr=as_json)
    if not console.is_terminal:
        console = Console(stderr=as_json, width=PIPE_WIDTH)
    what = f"{label} {node}".strip()
    console.print(Text(f"{what}: {runs} runs each (to see what is red in {100 * rate:.2g} % of them)"), soft_wrap=True)
    bench = Bench(root, label, node, flags, lambda text: console.print(Text(f"  {text} …", style="dim")))
    try:
        report = investigate(bench, runs, asked or CAUSES, faketime)
    except CouldNotRun as error:
        print(f"samewire flaky why: {error}", file=sys.stderr)
        return Exit.COULD_NOT_RUN
    if as_json:
        print(json.dumps(document(report, bench.total), indent=2, ensure_ascii=False))
    else:
        _print(console, report, bench.total)
    return Exit.FINDINGS if report.causes else Exit.GOOD


def burn_in(root: Path, label: str, rate: float, flags: list[str], *, as_json: bool) -> Exit:
    """Runs a target until a flake of this rate would have shown; prints what came of it, returns the exit code."""
    runs = trials_to_see(rate)
    bench = Bench(root, label, "", flags, lambda text: print(f"{label}, {text} …", file=sys.stderr))
    try:
        seen = bench.run(Arm("burn-in"), runs)
    except CouldNotRun as error:
        print(f"samewire flaky burn-in: {error}", file=sys.stderr)
        return Exit.COULD_NOT_RUN
    low, high = seen.rate.interval()
    cases = Counter(case for red in seen.red_cases.values() for case in red)
    if as_json:
        record = {"label": label, "runs": seen.runs, "reds": seen.reds, "low": low, "high": high, "cases": cases}
        print(json.dumps(record, indent=2, ensure_ascii=False))
    elif not seen.reds:
        print(f"{label}: green in {seen.runs} runs; what is red in {100 * rate:.2g} % would have shown with 95 %")
    else:
        words = "broken" if seen.reds == seen.runs else f"flaky, red in {100 * low:.2g} to {100 * high:.2g} % (95 %)"
        print(f"{label}: red in {seen} runs: {words}")
        for case, reds in cases.most_common():
            print(f"  {case}: {reds}".replace("\n", "\\n"))
        print(f"Why: ./samewire flaky why {label}")
    return Exit.FINDINGS if seen.reds else Exit.GOOD


def find(root: Path, test: str) -> tuple[str, str, float]:
    """Label, node id and rate of a test that a person named; the label is empty where nobody knows it.

    `test` is a label, a label and a node id, a node id alone, or a case as `flaky` lists it.
    """
    label, _, rest = test.partition(" ") if test.startswith(("//", "@", ":")) else ("", "", test)
    node = rest.strip() if "::" in rest else ""
    known = _known(root, test)
    if known:
        standing, rate = known
        return standing.case.label, "" if test == label else node or standing.node, rate
    # A name that nobody knows does not mean the whole target.
    return ("" if rest.strip() and not node else label), node, USUAL_RATE


def _known(root: Path, test: str) -> tuple[Standing, float] | None:
    """The case of that name that was red most often, and how often it is."""
    where = history.location(root)
    if not where.startswith("postgresql") and not Path(where).exists():
        return None
    with history.open(where) as past:
        for each in survey(past).judged:
            standing = each.standing
            if test in (
                str(standing.case),
                standing.node,
                standing.case.label,
                f"{standing.case.label} {standing.node}",
            ):
                return standing, max(each.judgement.probability, 0.01)
    return None


def document(report: Report, total: int) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "label": report.label,
        "node": report.node,
        "summary": report.summary,
        "runs": total,
        "as_ever": {"runs": report.base.runs, "reds": report.base.reds},
        "causes": [_record(each) for each in report.findings],
    }


def _record(finding: Finding) -> dict[str, Any]:
    return {
        "cause": finding.cause,
        "state": finding.state,
        "words": finding.words,
        "chance": finding.chance,
        "arms": [
            {
                "name": seen.arm.name,
                "runs": seen.runs,
                "reds": seen.reds,
                "rate": seen.rate.mean,
                "low": seen.rate.interval()[0],
                "high": seen.rate.interval()[1],
            }
            for seen in finding.seen
        ],
    }


def _print(console: Console, report: Report, total: int) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("what was changed", "red", "of runs (95 %)", "by chance", ""):
        table.add_column(column, no_wrap=column != "")
    low, high = report.base.rate.interval()
    table.add_row("nothing", str(report.base), f"{100 * low:.0f} to {100 * high:.0f} %", "", "")
    styles = {"cause": "bold red", "none": "green", "skipped": "cyan"}
    for finding in report.findings:
        for number, seen in enumerate(finding.seen):
            low, high = seen.rate.interval()
            chance = f"{finding.chance:.2g}" if number == len(finding.seen) - 1 else ""
            verdict = Text(finding.state, style=styles[finding.state]) if chance else ""
            table.add_row(Text(seen.arm.name), str(seen), f"{100 * low:.0f} to {100 * high:.0f} %", chance, verdict)
        if not finding.seen:
            word = "SKIPPED" if finding.state == "skipped" else "none"
            table.add_row(finding.cause, "", "", "", Text(f"{word}: {finding.words}", style=styles[finding.state]))
    console.print(table)
    if report.causes:
        log = next((seen.log for finding in report.causes for seen in finding.seen[::-1] if seen.log), "")
        lines = re.sub(r"\x1b\[[0-9;]*m", "", log).strip().splitlines()[-LOG_LINES:]
        console.print(Text("\n".join(f"    {line}" for line in lines), style="dim"), soft_wrap=True)
    console.print(Text(report.summary, style="bold"), soft_wrap=True)
    console.print(Text(f"{total} runs in all", style="dim"))
