"""The command line of `tinker`. Source: tinker.md section 3.11."""

from __future__ import annotations

import argparse
from contextlib import redirect_stderr, redirect_stdout
from typing import TextIO

LIMIT = 20


class Usage(Exception):
    """The command line ends here: misuse (2), or help (0), which is said already."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(status)


def parse(words: list[str], out: TextIO, err: TextIO) -> argparse.Namespace:
    """Raises Usage."""
    try:
        with redirect_stdout(out), redirect_stderr(err):
            return _parser().parse_args(words)
    except SystemExit as end:
        raise Usage(int(end.code or 0)) from None


def _parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="tinker",
        description="Training runs and checkpoints.",
        epilog="example: tinker -f json run list --limit 5",
        allow_abbrev=False,
    )
    top.add_argument("-f", "--format", choices=["table", "json"], default="table", help="default: table")
    groups = top.add_subparsers(dest="group", required=True, metavar="COMMAND")
    groups.add_parser("version", help="which version this is")
    _run(groups.add_parser("run", help="training runs").add_subparsers(dest="command", required=True))
    _checkpoint(groups.add_parser("checkpoint", help="checkpoints").add_subparsers(dest="command", required=True))
    return top


def _run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    listing = commands.add_parser("list", help="the last runs")
    listing.add_argument("--limit", type=int, default=LIMIT, metavar="N", help="0 for all; default: 20")
    commands.add_parser("info", help="one run").add_argument("run_id", metavar="RUN_ID")


def _checkpoint(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    listing = commands.add_parser("list", help="the last checkpoints")
    listing.add_argument("--run-id", metavar="RUN_ID", help="all of this run")
    listing.add_argument("--limit", type=int, default=LIMIT, metavar="N", help="0 for all; default: 20")
    for name, text in (
        ("info", "one checkpoint"),
        ("publish", "let everybody use it"),
        ("unpublish", "keep it to oneself again"),
        ("delete", "for good"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("path", metavar="CHECKPOINT_PATH", help="tinker://run-id/weights/0001")
        if name == "delete":
            command.add_argument("-y", "--yes", action="store_true", help="without asking")
