"""`samewire last`, `history`, `export`, `import`: what was, in and out.

`last` and `history` come here only where the standard library does not suffice, for a history in PostgreSQL.
"""

from __future__ import annotations

from typing import Annotated

import typer

from tools.runs import history as past
from tools.runs.bazel import workspace
from tools.runs.exit import Exit
from tools.runs.history import HistoryError, reader
from tools.runs.history.change import NothingThere, days, prune, rename

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
