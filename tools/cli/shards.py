"""`samewire shards`: durations from history into the files that balance shards."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tools.runs import history
from tools.runs.exit import Exit
from tools.runs.shards.plan import Plan, plan, read, render
from tools.runs.shards.targets import Target, query

PIPE_WIDTH = 160  # columns, where there is no terminal to ask


def run(workspace: Path, patterns: list[str], write: bool, as_json: bool) -> Exit:
    """Says what balancing would gain; with `write` brings the files up to date where it is worth it."""
    found: list[tuple[Target, Plan, str]] = []
    targets = query(workspace, patterns)
    with history.open(history.location(workspace)) as past:
        for target in targets:
            measured = past.durations(target.label)
            kept = read(workspace / target.file) if target.file else None
            planned = plan(target.label, target.shards, measured, kept)
            found.append((target, planned, _advice(workspace, target, planned, write)))
    if as_json:
        print(json.dumps([_record(*each) for each in found], indent=2))
    elif not found:
        print("no sharded pytest_test among the targets")
    else:
        console = Console()
        (console if console.is_terminal else Console(width=PIPE_WIDTH)).print(_table(found))
    return Exit.FINDINGS if any(planned.worth for _, planned, _ in found) and not write else Exit.GOOD


def _advice(workspace: Path, target: Target, planned: Plan, write: bool) -> str:
    """What is to be done, or, with `write`, what was."""
    if not planned.durations:
        return "no history yet: ./samewire check"
    file = target.file or target.proposed
    if not planned.worth:
        return "balanced" if target.file else "nothing to gain"
    if not write:
        return f"--write renews {file}" if target.file else f"--write makes {file}"
    (workspace / file).write_text(render(planned.durations), encoding="utf-8")
    if target.file:
        return f"renewed {file}"
    return f'made {file}; name it in BUILD.bazel: durations = "{file.name}"'


def _record(target: Target, planned: Plan, advice: str) -> dict[str, object]:
    return {
        "label": target.label,
        "shards": target.shards,
        "file": str(target.file) if target.file else None,
        "cases": len(planned.durations),
        "slowest_shard_seconds": planned.now,
        "balanced_seconds": planned.balanced,
        "best_possible_seconds": planned.best,
        "worth": planned.worth,
        "advice": advice,
    }


def _table(found: list[tuple[Target, Plan, str]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("target", "shards", "cases", "slowest shard", "balanced", "gain", ""):
        table.add_column(column, justify="left" if column in ("target", "") else "right", no_wrap=True)
    for target, planned, advice in found:
        known = bool(planned.durations)
        table.add_row(
            target.label,
            str(target.shards),
            str(len(planned.durations)),
            f"{planned.now:.1f} s" if known else "",
            f"{planned.balanced:.1f} s" if known else "",
            f"{planned.share:.0%}" if known else "",
            advice,
        )
    return table
