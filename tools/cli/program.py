"""What the programs behind `samewire` have in common: how they begin, and how they say that they could not run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tools.runs.exit import Exit


def program(epilog: str | None = None) -> typer.Typer:
    """An empty program; commands find the folder that the user called from in their context's `obj`."""
    app = typer.Typer(
        name="samewire",
        epilog=epilog,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback()
    def options(
        context: typer.Context,
        folder: Annotated[Path, typer.Option("-C", help="Take file names as if started in this folder.")] = Path(),
    ) -> None:
        """One protobuf definition; every client in every language provably speaks the same wire."""
        context.obj = folder

    return app


def start(app: typer.Typer) -> None:
    """Runs the command; what could not run says so in one line."""
    try:
        app(prog_name="samewire")
    except (RuntimeError, OSError) as error:
        typer.echo(f"samewire: {error}", err=True)
        raise SystemExit(Exit.COULD_NOT_RUN) from None
