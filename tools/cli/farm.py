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
