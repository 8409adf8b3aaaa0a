"""`samewire last`, `history`, `export`, `import`: what was, in and out.

`last` and `history` come here only where the standard library does not suffice, for a history in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from tools.runs import history as past
from tools.runs.bazel import workspace
from tools.runs.exit import Exit
from tools.runs.history import HistoryError, reader
from tools.runs.history.change import NothingThere, days, prune, rename
from tools.runs.history.text import line

app = typer.Typer(rich_markup_mode=None)
AS_THEY_ARE = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command(context_settings=AS_THEY_ARE, add_help_option=False)
def last(context: typer.Context) -> None:
    """What the last run said: verdict, reds, flakes, time."""
    _read(["last", *context.args])


@app.command(context_settings=AS_THEY_ARE, add_help_option=False)
def history(context: typer.Context) -> None:
    """What each case did so far; `history rename` and `history prune` change what is kept."""
    if context.args[:1] in (["rename"], ["prune"]):
        code = change(context.args, prog_name="samewire history", standalone_mode=False)
        raise typer.Exit(code if isinstance(code, int) else 0)
    _read(["history", *context.args])


def _read(words: list[str]) -> None:
    where = past.location(workspace())
    try:
        with past.open(where) as opened:
            raise typer.Exit(reader.run(words, lambda: opened.database.rows, opened.where))
    except HistoryError as error:
        typer.echo(f"samewire: {error}", err=True)
        raise typer.Exit(Exit.COULD_NOT_RUN) from None


@app.command(epilog="Example: samewire export --junit results.xml --run 5b0c")
def export(
    context: typer.Context,
    jsonl: Annotated[Path | None, typer.Option(help="All that is known, as JSON lines; - prints them.")] = None,
    junit: Annotated[Path | None, typer.Option(help="As JUnit XML, with the attempts as Surefire writes them.")] = None,
    run: Annotated[str, typer.Option(metavar="ID", help="How the run's id begins; the newest by default.")] = "",
    every: Annotated[bool, typer.Option("--all", help="All runs; JSON lines only.")] = False,
) -> None:
    """Write a run of the history for others to read. What is there is replaced when all of it is written.

    Exits with 2 where there is no such run, 3 where the history can't be read.
    """
    from tools.runs.exchange import NoSuchRun, junit_text, lines
    from tools.runs.exchange.export import EVERY, chosen

    if (jsonl is None) == (junit is None):
        raise typer.BadParameter("exactly one of --jsonl FILE and --junit FILE is needed")
    if every and (run or junit):
        raise typer.BadParameter("--all goes with --jsonl and without --run")
    with past.open(past.location(workspace())) as opened:
        try:
            runs = opened.runs(EVERY)[::-1] if every else [chosen(opened, run)]
        except NoSuchRun as error:
            typer.echo(f"samewire: {error}", err=True)
            raise typer.Exit(Exit.MISUSE) from None
        text = junit_text(opened, runs[0]) if junit else lines(opened, runs)
        _write(context.obj / (junit or jsonl), text)


def _write(path: Path, lines: Iterable[str]) -> None:
    if path.name == "-":
        for line in lines:
            print(line)
        return
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for line in lines)
    part.replace(path)


@app.command("import", epilog="Example: samewire import --commit $SHA --clean --configuration linux target/TEST-*.xml")
def import_(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="JUnit XML, Bazel's events, JSON lines.")],
    commit: Annotated[str, typer.Option(help="Full hash of what was tested, where the file does not say.")] = "",
    clean: Annotated[bool, typer.Option("--clean", help="The tree had no changes beside the commit.")] = False,
    branch: Annotated[str, typer.Option(help="Its branch.")] = "",
    configuration: Annotated[str, typer.Option(help="What else decides results: job, system, options.")] = "",
    label: Annotated[str, typer.Option(help="Name of the suite, instead of the one in a JUnit file.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print what came of it as JSON.")] = False,
) -> None:
    """Take results from elsewhere into the history; each file once, however often it is named.

    JUnit XML of any framework, files of --build_event_json_file and --build_event_binary_file, what `export --jsonl`
    wrote. With --commit and --clean, a case that passed and failed on that commit is a proven flake. Exits with 1 when
    a file was broken: the others are in.
    """
    from tools.runs.exchange import Origin, bring

    origin = Origin(label, commit, branch, clean, configuration)
    with past.open(past.location(workspace())) as opened:
        brought = bring(opened, [context.obj / file for file in files], origin)
        notices = opened.notices
    for problem in [*brought.problems, *notices]:
        typer.echo(f"samewire: {line(problem, 2000)}", err=True)
    if json:
        print(dumps(asdict(brought)))
    else:
        known = f", {brought.known} known already" if brought.known else ""
        print(f"{brought.runs} runs with {brought.results} results{known}")
    raise typer.Exit(Exit.FINDINGS if brought.problems else Exit.GOOD)


changes = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)


@changes.command("rename", epilog="Example: samewire history rename //old:name_test //new:name_test")
def rename_(
    old: Annotated[str, typer.Argument(help="A label, a folder //old/..., or a case as `samewire history` shows it.")],
    new: Annotated[str, typer.Argument(help="What it is called now, in the same form.")],
) -> None:
    """A test moved: what it did under the old name counts under the new one; reports with the old name do, too."""
    with past.open(past.location(workspace())) as opened:
        try:
            count = rename(opened.database, old, new)
        except NothingThere as error:
            typer.echo(f"samewire: {error}", err=True)
            raise typer.Exit(Exit.FINDINGS) from None
    print(f"{count} cases renamed")


@changes.command("prune", epilog="Example: samewire history prune --older-than 180d")
def prune_(
    older_than: Annotated[str, typer.Option(help="An age in days, e.g. 180d.")],
) -> None:
    """Forget single results that are older; runs, sums, newest trials and what was proven stay."""
    try:
        age = days(older_than)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--older-than") from None
    with past.open(past.location(workspace())) as opened:
        gone = prune(opened.database, age, opened.clock())
    print(f"{gone} results forgotten")


change = typer.main.get_command(changes)
