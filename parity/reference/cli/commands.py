"""The commands of `tinker`. Exit status: 0 good, 1 with a complaint, 2 misuse. Source: tinker.md section 3.11."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO

from tinker.v1.checkpoint_wire import Checkpoint, Cursor
from tinker.v1.training_run_wire import TrainingRun

from parity.reference import pages
from parity.reference import path as paths
from parity.reference.cli import complaint, view
from parity.reference.cli.arguments import Usage, parse
from parity.reference.cli.complaint import FORM, Complaint
from parity.reference.cli.view import View
from parity.reference.dialect import NEW, Dialect
from parity.reference.service import ServiceClient

RUN_PAGE = 100
CHECKPOINT_PAGE = 1000
Connect = Callable[[], ServiceClient]


@dataclass(frozen=True)
class Terminal:
    """`ask`: a question that is answered with yes or no; `width`: in characters, None to find out."""

    out: TextIO
    err: TextIO
    ask: Callable[[str], bool]
    width: int | None = None


async def run(words: list[str], terminal: Terminal, connect: Connect, dialect: Dialect) -> int:
    """One command; never raises for what a service does. `connect` may raise NoKeyError, BadKeyError."""
    try:
        told = parse(words, terminal.out, terminal.err)
    except Usage as usage:
        return usage.status
    try:
        if told.group == "version":
            terminal.out.write(f"tinker {dialect.sdk_version}\n")
            return 0
        if told.group == "checkpoint" and told.command != "list":
            _check(told.path, dialect)
        service = connect()
        try:
            if dialect is not NEW:
                await service.session.begin()
            await _Command(service, terminal, told, dialect).run()
        finally:
            await service.aclose()
    except Exception as error:
        told_why = complaint.of(error)
        terminal.err.write("".join(f"{line}\n" for line in (f"Error: {told_why}", told_why.details) if line))
        return 1
    return 0


class _Command:
    def __init__(self, service: ServiceClient, terminal: Terminal, told: argparse.Namespace, dialect: Dialect) -> None:
        self._rest = service.rest()
        self._terminal = terminal
        self._told = told
        self._dialect = dialect
        self._now = datetime.fromtimestamp(service.session.clock.now(), UTC)

    async def run(self) -> None:
        shown = await getattr(self, f"_{self._told.group}_{self._told.command}")()
        if isinstance(shown, View):
            self._show(shown)

    async def _run_list(self) -> View:
        async def fetch(limit: int, offset: int) -> tuple[list[TrainingRun], int]:
            page = await self._rest.list_training_runs(limit, offset)
            return page.training_runs, page.cursor.total_count

        found, total = await pages.collect(fetch, self._told.limit, RUN_PAGE)
        return view.runs(found, total, self._now, self._dialect)

    async def _run_info(self) -> View:
        return view.run(await self._rest.get_training_run(self._told.run_id), self._now, self._dialect)

    async def _checkpoint_list(self) -> View:
        of = self._told.run_id
        if of is not None:
            found = (await self._rest.list_checkpoints(of)).checkpoints
            return view.checkpoints(found, len(found), of, self._now, self._dialect)

        async def fetch(limit: int, offset: int) -> tuple[list[Checkpoint], int]:
            page = await self._rest.list_user_checkpoints(limit, offset)
            items = page.checkpoints
            return items, page.cursor.total_count if isinstance(page.cursor, Cursor) else len(items)

        found, total = await pages.collect(fetch, self._told.limit, CHECKPOINT_PAGE)
        return view.checkpoints(found, total, None, self._now, self._dialect)

    async def _checkpoint_info(self) -> View:
        parsed = paths.parse(self._told.path, self._dialect)
        for each in (await self._rest.list_checkpoints(parsed.run)).checkpoints:
            if each.tinker_path == self._told.path:
                return view.checkpoint(each, parsed.run, self._now, self._dialect)
        raise Complaint(f"Checkpoint not found: {self._told.path}")

    async def _checkpoint_publish(self) -> None:
        await self._rest.publish_checkpoint(self._told.path)

    async def _checkpoint_unpublish(self) -> None:
        await self._rest.unpublish_checkpoint(self._told.path)

    async def _checkpoint_delete(self) -> None:
        out = self._terminal.out
        if not self._told.yes:
            self._show(await self._checkpoint_info())
            out.write("\nWARNING: This action is permanent and cannot be undone.\n")
            if not self._terminal.ask("Are you sure you want to delete this checkpoint?"):
                out.write("Deletion cancelled.\n")
                return
        await self._rest.delete_checkpoint(self._told.path)
        if self._dialect is NEW:
            out.write("Deleted 1 checkpoint(s)\n")

    def _show(self, shown: View) -> None:
        shown.print(self._terminal.out, self._told.format, self._terminal.width)


def _check(text: str, dialect: Dialect) -> None:
    try:
        paths.parse(text, dialect)
    except paths.PathError:
        raise Complaint(f"Invalid checkpoint path: {text}", FORM) from None


def connecting(dialect: Dialect, env: Mapping[str, str]) -> Connect:
    """As the environment says."""
    return lambda: ServiceClient.from_env(dialect, env)
