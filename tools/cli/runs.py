"""Commands on runs: what tests did, do and should do. `samewire` has them, and a program of their own.

That program leans on no definition: where a change breaks those, `samewire check` still says what is wrong.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tools.cli import farm, flaky, history, quarantine
from tools.cli.program import program, start
from tools.runs.bazel import workspace

# Without a name: whoever adds it has its commands as their own.
commands = typer.Typer(rich_markup_mode=None)
commands.add_typer(farm.app, name="farm")
commands.add_typer(flaky.app, name="flaky")
commands.add_typer(quarantine.app, name="quarantine")
commands.add_typer(history.app)


@commands.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog="Example: samewire check //tools/... --config=fast",
)
def check(
    context: typer.Context,
    targets: Annotated[list[str] | None, typer.Argument(help="Bazel target patterns; all by default.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")] = False,
    html: Annotated[Path | None, typer.Option(help="Where the report goes; out/report.html by default.")] = None,
    report: Annotated[bool, typer.Option("--report/--no-report", help="Write the report.")] = True,
    bes: Annotated[
        bool, typer.Option("--bes/--no-bes", help="Take events over gRPC, or from the file that Bazel fills.")
    ] = True,
) -> None:
    """Run all tests, and say what came of it: what is red and whose it is, what is a flake, what is in quarantine.

    Keeps the run in the history, writes the report and the matrix as HTML pages. Options that samewire does not know go
    to Bazel. Exits with 0 when all is well or every failure is quarantined, 1 on findings, 2 when it was called
    wrongly, 3 when the build failed, was interrupted, or had nothing to test.
    """
    from tools.cli import check as command

    root = workspace()
    patterns, flags = _sorted([*(targets or []), *context.args])
    page = (context.obj / html if html else root / "out" / "report.html") if report else None
    raise typer.Exit(command.run(root, patterns, flags, as_json=json, html=page, bes=bes))


@commands.command(
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

    patterns, flags = _sorted([*(targets or []), *context.args])
    root = workspace()
    page = (context.obj / html) if html else root / "out" / "matrix.html"
    raise typer.Exit(command.run(root, patterns, flags, json, page))


@commands.command(epilog="Example: samewire shards //... --write")
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


@commands.command(epilog="Example: samewire explain now.zst --against before.zst --target //shop:order_test")
def explain(
    context: typer.Context,
    log: Annotated[Path, typer.Argument(help="What `bazel test --execution_log_compact_file=LOG` wrote.")],
    against: Annotated[Path | None, typer.Option(help="An older one; without it, what history holds.")] = None,
    target: Annotated[list[str] | None, typer.Option(help="Say it for this target only.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Say why actions of a build ran and came from no cache: which input changed first, and what followed.

    Exits with 0, with 3 when a log can't be read to its end (after what stood before).
    """
    from tools.cli import explain as command

    here: Path = context.obj
    older = here / against if against else None
    raise typer.Exit(command.run(workspace(), here / log, older, target or [], json))


@commands.command(epilog="Example: samewire report --run 5b0c --parity results.json --perf models.json --open")
def report(
    context: typer.Context,
    run: Annotated[str, typer.Option(metavar="ID", help="How the run's id begins; the newest by default.")] = "",
    html: Annotated[Path | None, typer.Option(help="Where the page goes; out/report.html by default.")] = None,
    parity: Annotated[list[Path] | None, typer.Option(help="What `samewire parity --json` wrote.")] = None,
    perf: Annotated[list[Path] | None, typer.Option(help="What a benchmark's --json wrote.")] = None,
    before: Annotated[
        Path | None, typer.Option(help="The benchmark's file from earlier, or a folder that has them by name.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON too.")] = False,
    show: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Write the report of any run that history holds: one HTML file that needs no server and no network.

    Exits with 0 when it is written, 2 when there is no such run or a file is not what it should be, 3 when the history
    can't be read.
    """
    from tools.cli import report as command

    here: Path = context.obj
    root = workspace()
    raise typer.Exit(
        command.run(
            root,
            run,
            here / html if html else root / "out" / "report.html",
            parity=[here / file for file in parity or []],
            benchmarks=[here / file for file in perf or []],
            before=here / before if before else None,
            as_json=json,
            show=show,
        )
    )


def _sorted(words: list[str]) -> tuple[list[str], list[str]]:
    """Target patterns and options for Bazel; `-//pkg/...` takes targets out."""
    flags = [
        word for word in words if word.startswith("-") and word != "--" and not word.startswith(("-//", "-@", "-:"))
    ]
    patterns = [word for word in words if word not in flags and word != "--"]
    return patterns or ["//..."], flags


app = program()
app.add_typer(commands)

if __name__ == "__main__":
    start(app)
