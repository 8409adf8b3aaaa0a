"""`samewire`: the command. Exit codes: 0 good, 1 findings, 2 misuse, 3 could not run."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Annotated

import typer

from tools.cli import runs, wire
from tools.cli.program import program, start
from tools.runs.bazel import workspace

app = program(
    "Two more, with a --help of their own: `samewire mock` (mock servers), `samewire parity` (what clients do)."
)
app.add_typer(runs.commands)
app.add_typer(wire.app, name="wire")
deps = typer.Typer(help="Locked Python packages.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(deps, name="deps")


@app.command(epilog="Example: samewire gen --out gen -I protos protos/shop/v1/order.proto")
def gen(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE.proto...", help="The definitions.")],
    out: Annotated[Path, typer.Option(help="Folder for what is generated; made if it is not there.")],
    include: Annotated[
        list[Path] | None,
        typer.Option("-I", "--include", help="Folder that imports are looked up in; here by default."),
    ] = None,
    emit: Annotated[
        list[str] | None,
        typer.Option(help="What to generate: models (default), schema, openapi, routes, strategies, bulk, ir."),
    ] = None,
) -> None:
    """Generate models from anybody's .proto files, outside Bazel.

    What is written needs the runtime wheel only (`./bazelw build //:wheel`). Exits with 1 and file:line on findings.
    """
    from tools.cli import gen as command

    here: Path = context.obj
    folders = [here / folder for folder in include or [Path()]]
    raise typer.Exit(command.run([here / file for file in files], folders, here / out, emit or ["models"]))


@deps.command(epilog="Example: samewire deps lock")
def lock(
    sets: Annotated[list[str] | None, typer.Argument(help="Sets to renew, e.g. requirements; all by default.")] = None,
) -> None:
    """Renew the hashed locks of Python packages from the .in files beside them (tools/python/)."""
    command = [str(workspace() / "bazelw"), "run", "//tools/python:lock", "--", *(sets or [])]
    raise typer.Exit(subprocess.call(command, cwd=workspace()))


if __name__ == "__main__":
    start(app)
