"""`samewire`: the command. Exit codes: 0 good, 1 findings, 2 misuse, 3 could not run."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Annotated

import typer

from tools.cli import farm, wire
from tools.runs.bazel import workspace
from tools.runs.exit import Exit

app = typer.Typer(
    name="samewire",
    epilog="Two more, with a --help of their own: `samewire mock` (mock servers), `samewire parity` (what clients do).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(wire.app, name="wire")
app.add_typer(farm.app, name="farm")
deps = typer.Typer(help="Locked Python packages.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(deps, name="deps")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog="Example: samewire matrix //proto/... --json > matrix.json",
)
def matrix(
    context: typer.Context,
    targets: Annotated[list[str] | None, typer.Argument(help="Bazel target patterns; all by default.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the matrix as JSON instead of a table.")] = False,
    html: Annotated[Path | None, typer.Option(help="Where the page goes; out/matrix.html by default.")] = None,
) -> None:
    """Build, run every consumer and judge of the fixtures, print who speaks the wire and who does not.

    Prints the matrix message × consumer × dialect and writes it as one self-contained HTML page. Options that samewire
    does not know go to Bazel, e.g. --jobs=1. Exits with 0 when all agree, 1 on findings, 3 when the build failed.
    """
    from tools.cli import matrix as command

    words = [*(targets or []), *context.args]
    flags = [word for word in words if word.startswith("-")]
    patterns = [word for word in words if not word.startswith("-")]
    root = workspace()
    page = (context.obj / html) if html else root / "out" / "matrix.html"
    raise typer.Exit(command.run(root, patterns or ["//..."], flags, json, page))


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


@app.command(epilog="Example: samewire shards //... --write")
def shards(
    targets: Annotated[list[str] | None, typer.Argument(help="Bazel target patterns; all by default.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Write the files that are worth it.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON list instead of a table.")] = False,
) -> None:
    """Balance shards: durations from history into the files that pytest_test(durations = …) reads.

    A file is renewed only where the slowest shard gets faster by a tenth and half a second at least: each change makes
    the target run again everywhere. Exits with 1 when there is something to gain and nothing was written.
    """
    from tools.cli import shards as command

    raise typer.Exit(command.run(workspace(), targets or ["//..."], write, json))


@deps.command(epilog="Example: samewire deps lock")
def lock(
    sets: Annotated[list[str] | None, typer.Argument(help="Sets to renew, e.g. requirements; all by default.")] = None,
) -> None:
    """Renew the hashed locks of Python packages from the .in files beside them (tools/python/)."""
    command = [str(workspace() / "bazelw"), "run", "//tools/python:lock", "--", *(sets or [])]
    raise typer.Exit(subprocess.call(command, cwd=workspace()))


@app.callback()
def main_options(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("-C", help="Take file names as if started in this folder.")] = Path(),
) -> None:
    """One protobuf definition; every client in every language provably speaks the same wire."""
    context.obj = folder


def main() -> None:
    """Runs the command; what could not run says so in one line."""
    try:
        app(prog_name="samewire")
    except (RuntimeError, OSError) as error:
        typer.echo(f"samewire: {error}", err=True)
        raise SystemExit(Exit.COULD_NOT_RUN) from None


if __name__ == "__main__":
    main()
