"""History: what every case did in every run, in one SQLite file, or in PostgreSQL for a team.

    with history.open(".samewire/history.sqlite") as past:
        past.record(run, results)
        for standing in past.standings(): ...

This module stays light: the reader of `samewire last` starts in milliseconds and imports nothing of what is behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from os import environ
from pathlib import Path
from time import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.runs.history.store import History


class HistoryError(RuntimeError):
    """The history could not be opened, read or written: one line that says what, where and what to do."""


def location(workspace: Path) -> str:
    """Where the history of a workspace is: SAMEWIRE_HISTORY (a path or a postgresql:// URL), else in `.samewire/`."""
    return environ.get("SAMEWIRE_HISTORY") or str(workspace / ".samewire" / "history.sqlite")


def open(where: str | Path, clock: Callable[[], float] = time) -> History:  # noqa: A001 - history.open, as gzip.open
    """Opens the history, making it where there is none.

    Args:
        where: path of the SQLite file (its folder is made), or a URL `postgresql://…`.
        clock: the present, seconds since 1970.

    Raises:
        HistoryError: not ours, damaged, written by a newer version, not readable or writable, not reachable.
    """
    from tools.runs.history.database import connect
    from tools.runs.history.store import History

    return History(connect(str(where)), clock)
