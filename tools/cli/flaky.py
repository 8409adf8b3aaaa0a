"""`samewire flaky`: which tests are flaky, how much, and what that costs."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tools.runs import history, quarantine
from tools.runs.bazel import workspace
from tools.runs.exit import Exit
from tools.runs.flakes.cost import MINUTES_LOST, most_unseen, trials_to_see
from tools.runs.flakes.instability import entropy, flip_rate
from tools.runs.flakes.judgement import judge
from tools.runs.flakes.owners import Owners, place
from tools.runs.flakes.survey import Judged, Survey, survey
from tools.runs.history.store import History
from tools.runs.record import Standing

app = typer.Typer(
    help="Which tests are flaky, how much, and why.",
    invoke_without_command=True,
    rich_markup_mode=None,
    epilog="Example: samewire flaky --json > flakes.json",
)
PIPE_WIDTH = 160  # columns, where there is no terminal to ask
STYLES = {"proven": "bold red", "suspect": "yellow", "regressed": "magenta", "unknown": "cyan", "steady": "green"}
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@app.callback()
def listing(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Every case that was ever red, not flakes alone.")] = False,
    minutes: Annotated[float, typer.Option(min=0.0, help="A person's, lost by a red not theirs.")] = MINUTES_LOST,
    json: Json = False,
) -> None:
    """List flaky tests, those first that cost most. Exits with 1 where there are any, 3 without a history."""
    if context.invoked_subcommand:
        return
    root = workspace()
    with opened(root) as past:
        found = survey(past, minutes)
    owner = Ownership(root)
    shown = list(found.judged) if every else found.flakes
    if json:
        print(jsonlib.dumps(document(found, shown, owner), indent=2, ensure_ascii=False))
    else:
        _print(found, shown, owner)
    raise typer.Exit(Exit.FINDINGS if found.flakes else Exit.GOOD)


@app.command(epilog="Example: samewire flaky show '//pkg:retry_test pkg.retry_test test_backoff'")
def show(
    case: Annotated[str, typer.Argument(help="A case as `flaky` names it, a node id of pytest, a label, or a part.")],
    json: Json = False,
) -> None:
    """Show all that is known of a case, or of several. Exits with 1 where one is flaky, 2 where nothing matches."""
    root = workspace()
    with opened(root) as past:
        found = survey(past)
        standings = list(_matching(past, case))
    if not standings:
        typer.echo(f"samewire flaky show: no case in the history is called, or has in its name, {case!r}", err=True)
        raise typer.Exit(Exit.MISUSE)
    judged = {each.standing.case: each for each in found.judged}
    owner = Ownership(root)
    records = []
    accused = False
    for standing in standings:
        judgement = judge(standing, found.prior)
        accused |= judgement.accused
        known = judged.get(standing.case)
        record = _record(known, owner) if known else _calm(standing)
        record |= {
            "flip_rate": flip_rate(standing.recent),
            "entropy": entropy(standing.recent),
            "runs_to_see_it": trials_to_see(min(judgement.probability, 0.999)),
            "recent": "".join("r" if trial.red else "g" for trial in standing.recent),
            "contradiction": standing.contradiction,
        }
        records.append(record)
    if json:
        print(jsonlib.dumps(records, indent=2, ensure_ascii=False))
    else:
        for record in records[:20]:
            _describe(record)
        if len(records) > 20:
            print(f"… and {len(records) - 20} more: say more of the name, or --json")
    raise typer.Exit(Exit.FINDINGS if accused else Exit.GOOD)


@app.command(epilog="Example: samewire flaky rule --threshold 0.5")
def rule(
    context: typer.Context,
    file: Annotated[Path, typer.Option("--history", help="What pytest wrote.")] = Path(".pytest_flaky_history.json"),
    threshold: Annotated[float, typer.Option(min=0.0, max=1.0, help="Least share of failures.")] = 0.3,
    write: Annotated[bool, typer.Option("--write", help="First add the last results of our own history.")] = False,
    json: Json = False,
) -> None:
    """The rule of thumb: 3 of the last 10 results at least, both outcomes, 30 % red; advice from 5 results on.

    Reads the file that pytest-samewire keeps. Exits with 1 where a test is flaky by it.
    """
    from pytest_samewire import summary
    from pytest_samewire.history_file import HistoryFile
    from pytest_samewire.rule import RESULTS, failure_rate, is_flaky, should_quarantine

    kept = HistoryFile(_here(context) / file)
    if write:
        with opened(workspace()) as past:
            results = kept.record(
                {
                    standing.node: ["failed" if trial.red else "passed" for trial in standing.recent[-RESULTS:]]
                    for standing in past.standings()
                    if standing.node and standing.recent
                }
            )
    elif not kept.path.exists():
        typer.echo(f"samewire flaky rule: there is no {kept.path}; pytest-samewire or --write makes it", err=True)
        raise typer.Exit(Exit.COULD_NOT_RUN)
    else:
        results = kept.read()
    if kept.warning:
        typer.echo(f"samewire flaky rule: {kept.warning}", err=True)
        raise typer.Exit(Exit.COULD_NOT_RUN)
    flaky = {node: each for node, each in results.items() if is_flaky(each, threshold)}
    if json:
        records = [
            {
                "node": node,
                "failure_rate": failure_rate(each),
                "results": each,
                "quarantine": should_quarantine(each, threshold),
            }
            for node, each in sorted(flaky.items())
        ]
        print(jsonlib.dumps(records, indent=2, ensure_ascii=False))
    else:
        lines = [*summary.flaky(results, threshold, detailed=True), *summary.recommended(results, threshold, ())]
        print("\n".join(lines) if lines else f"no flaky test among {len(results)}, by this rule")
    raise typer.Exit(Exit.FINDINGS if flaky else Exit.GOOD)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog="Example: samewire flaky why '//pkg:retry_test pkg/retry_test.py::test_backoff' --only order,seed",
)
def why(
    context: typer.Context,
    test: Annotated[str, typer.Argument(help="A label, a label and a node id of pytest, or a case as listed.")],
    runs: Annotated[
        int | None, typer.Option(min=5, help="Under each condition; by default enough to see it at the rate known.")
    ] = None,
    only: Annotated[str, typer.Option(help="Causes to look at, by comma: order, alone, seed, hash, zone …")] = "",
    faketime: Annotated[Path | None, typer.Option(help="libfaketime's file, where it is not installed.")] = None,
    json: Json = False,
) -> None:
    """Find out why a test is flaky: run it under Bazel, changing one thing at a time, and compare by an exact test.

    Looks at order, alone, seed, hash (of Python's sets), zone, locale, cpu, port, clock, network. Options that samewire
    does not know go to Bazel. Exits with 1 where a cause was found, 0 where none, 3 where the test cannot be run.
    """
    from tools.cli import why as command

    asked = [cause.strip() for cause in only.split(",") if cause.strip()]
    library = str(_here(context) / faketime) if faketime else ""
    raise typer.Exit(command.run(workspace(), test, runs, asked, context.args, library, as_json=json))


@app.command(
    "burn-in",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog="Example: samewire flaky burn-in //pkg:new_test --rate 0.02",
)
def burn_in(
    context: typer.Context,
    target: Annotated[str, typer.Argument(help="Label of a test, new or mended.")],
    rate: Annotated[float, typer.Option(min=0.001, max=0.9, help="How often it may be red unseen.")] = 0.05,
    json: Json = False,
) -> None:
    """Run a test as often as it takes to see a flake of this rate with 95 %: 59 times for 5 %, 299 for 1 %.

    Options that samewire does not know go to Bazel. Exits with 0 where it stayed green, 1 where it was red.
    """
    from tools.cli import why as command

    raise typer.Exit(command.burn_in(workspace(), target, rate, context.args, as_json=json))


def _here(context: typer.Context) -> Path:
    """The folder that the user called from; the program's own context, at the root of all, knows it."""
    folder: Path = context.find_root().obj
    return folder


def opened(root: Path) -> History:
    """The history of a workspace.

    Raises RuntimeError where there is none yet.
    """
    where = history.location(root)
    if not where.startswith("postgresql") and not Path(where).exists():
        raise RuntimeError(f"no history yet at {where}: ./samewire check makes it, ./samewire import reads other CI's")
    return history.open(where)


class Ownership:
    """Who owns a case: whom its quarantine entry names, else CODEOWNERS."""

    def __init__(self, root: Path) -> None:
        self._code = Owners.of(root)
        try:
            self._quarantined = quarantine.read(root / "quarantine.yaml", datetime.now(UTC).date()).entries
        except quarantine.Refused:
            self._quarantined = ()  # `samewire check` says what is wrong there

    def __call__(self, standing: Standing) -> str:
        for entry in self._quarantined:
            if entry.pattern(str(standing.case), standing.node) is not None:
                return entry.owner
        return self._code.owner(place(standing.case.label, standing.node))


def document(found: Survey, shown: list[Judged], owner: Ownership) -> dict[str, Any]:
    """What `--json` prints."""
    prior = found.prior
    return {
        "flaky": len(found.flakes),
        "ever_red": len(found.judged),
        "never_red": found.calm,
        "red_by_flake": found.red_by_flake,
        "prior": {
            "share": prior.share,
            "a": prior.a,
            "b": prior.b,
            "regression_begins": prior.start,
            "regression_ends": prior.end,
        },
        "cases": [_record(each, owner) for each in shown],
    }


def _record(each: Judged, owner: Ownership) -> dict[str, Any]:
    judgement, standing = each.judgement, each.standing
    return {
        "case": str(standing.case),
        "label": standing.case.label,
        "node": standing.node,
        "state": judgement.state,
        "flaky": judgement.flaky,
        "probability": judgement.probability,
        "low": judgement.low,
        "high": judgement.high,
        "quarantine": judgement.held(),
        "evidence": judgement.evidence,
        "trials": standing.trials,
        "reds": standing.reds,
        "reds_a_week": each.cost.reds,
        "minutes_a_week": each.cost.minutes,
        "owner": owner(standing),
    }


def _calm(standing: Standing) -> dict[str, Any]:
    """A case that was never red."""
    return {
        "case": str(standing.case),
        "label": standing.case.label,
        "node": standing.node,
        "state": "steady" if standing.trials else "unknown",
        "evidence": f"{standing.trials} trials, none red"
        + (f": red in less than {100 * most_unseen(standing.trials):.2g} % with 95 %" if standing.trials else ""),
        "trials": standing.trials,
        "reds": 0,
    }


def _matching(past: History, text: str) -> Iterator[Standing]:
    """By exact name, else by a part of it."""
    label = text.split(" ")[0] if text.startswith("//") else ""
    every = list(past.standings([label]) if label else past.standings())
    exact = [each for each in every if text in (str(each.case), each.node, each.case.label)]
    yield from exact or (each for each in every if text in str(each.case) or text in each.node)


def _print(found: Survey, shown: list[Judged], owner: Ownership) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPE_WIDTH)
    for each in shown:
        judgement = each.judgement
        console.print(
            Text.assemble(
                (f"{judgement.state:<10}", STYLES[judgement.state]),
                (str(each.standing.case).replace("\n", "\\n"), "bold"),
            ),
            soft_wrap=True,
        )
        facts = [owner(each.standing) or "nobody owns it"]
        if judgement.accused:
            rate = f"{_share(judgement.probability)} ({_share(judgement.low)} to {_share(judgement.high)})"
            lost = f"some {each.cost.reds:.1f} reds, {each.cost.minutes:.0f} minutes a week"
            facts = [f"red in {rate} of trials", lost, *facts]
        console.print(Text(" " * 10 + "; ".join(facts)), soft_wrap=True)
        console.print(Text(" " * 10 + judgement.evidence, style="dim"), soft_wrap=True)
    states = ", ".join(f"{count} {state}" for state, count in found.states.most_common())
    words = f"{len(found.flakes)} flaky of {len(found.judged) + found.calm} cases"
    words += f" ({len(found.judged)} were ever red: {states})" if found.judged else ", none was ever red"
    console.print(Text(words, style="bold"), soft_wrap=True)
    if found.flakes:
        console.print(Text(f"A run of them all is red by flake with {_share(found.red_by_flake)}."), soft_wrap=True)
        console.print(
            Text("Why one is: ./samewire flaky why CASE. All of one: ./samewire flaky show CASE", style="dim")
        )


def _describe(record: dict[str, Any]) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPE_WIDTH)
    console.print(Text(record["case"].replace("\n", "\\n"), style="bold"), soft_wrap=True)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_row("state", Text(record["state"], style=STYLES[record["state"]]))
    table.add_row("evidence", Text(record["evidence"]))
    if record["reds"]:
        rate = f"{_share(record['probability'])} ({_share(record['low'])} to {_share(record['high'])}, 95 %)"
        table.add_row("red at a good version", rate)
        table.add_row("flaky today", _share(record["flaky"]))
        table.add_row("quarantine", "advised" if record["quarantine"] else "not advised")
        table.add_row("cost a week", f"{record['reds_a_week']:.1f} reds, {record['minutes_a_week']:.0f} minutes")
        table.add_row("owner", Text(record["owner"] or "nobody"))
        table.add_row("flips, entropy", f"{record['flip_rate']:.2f}, {record['entropy']:.2f} bits")
        table.add_row("trials to see it", f"{record['runs_to_see_it']} for 95 %")
    table.add_row("newest trials", Text(record["recent"].replace("g", "·").replace("r", "✗")))
    if record["contradiction"]:
        table.add_row("both outcomes on", Text(record["contradiction"]))
    console.print(table)


def _share(share: float) -> str:
    percent = 100.0 * share
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.2g} %" if percent >= 0.01 else "< 0.01 %"
