"""`samewire farm`: each command is a program below //tools/farm; its servers are fetched when it is called."""

from __future__ import annotations

import os

import typer

from tools.runs.bazel import workspace

app = typer.Typer(
    help="Past one machine: a remote cache, a farm of workers.", no_args_is_help=True, rich_markup_mode=None
)

_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False}


def _run(target: str, words: list[str]) -> None:
    """Becomes the program; its options and its --help are its own."""
    bazelw = str(workspace() / "bazelw")
    os.chdir(workspace())
    quiet = ["--ui_event_filters=-info,-stdout", "--noshow_progress", "--noshow_loading_progress"]
    os.execv(bazelw, [bazelw, "run", *quiet, target, "--", *words])


@app.command(context_settings=_PASSED_ON, add_help_option=False, epilog="Example: samewire farm cache start")
def cache(context: typer.Context) -> None:
    """A remote cache on the loopback: start, status, stop (bazel-remote)."""
    _run("//tools/farm:cache", context.args)


@app.command(context_settings=_PASSED_ON, add_help_option=False, epilog="Example: samewire farm up --workers 4")
def up(context: typer.Context) -> None:
    """Bring up a farm here: BuildGrid, PostgreSQL, workers in networks of their own."""
    _run("//tools/farm:main", ["up", *context.args])


@app.command(context_settings=_PASSED_ON, add_help_option=False, epilog="Example: samewire farm run -- test //...")
def run(context: typer.Context) -> None:
    """Bazel on the farm."""
    _run("//tools/farm:main", ["run", "--", *(word for word in context.args if word != "--")])


@app.command(context_settings=_PASSED_ON, add_help_option=False)
def status(context: typer.Context) -> None:
    """Who runs; exit code 1 when nobody does."""
    _run("//tools/farm:main", ["status", *context.args])


@app.command(context_settings=_PASSED_ON, add_help_option=False)
def drill(context: typer.Context) -> None:
    """Kill a worker at work: nothing may be lost."""
    _run("//tools/farm:main", ["drill", *context.args])


@app.command(context_settings=_PASSED_ON, add_help_option=False)
def down(context: typer.Context) -> None:
    """End the farm; nothing is left."""
    _run("//tools/farm:main", ["down", *context.args])
