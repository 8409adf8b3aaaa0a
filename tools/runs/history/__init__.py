"""History: what every case did in every run, in one SQLite file, or in PostgreSQL for a team.

    with history.open(history.location(workspace)) as past:
        past.record(run, results)
        for standing in past.standings(): ...

This module imports nothing that costs time: `samewire last` is there in milliseconds.
"""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False  # typing's own costs more than all of this module
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tools.runs.history.store import History


class HistoryError(RuntimeError):
    """The history could not be opened, read or written: one line that says what, where and what to do."""


def is_url(where: str) -> bool:
    """Whether it names a PostgreSQL database, not a file."""
    return where.startswith(("postgresql://", "postgres://"))


def location(workspace: str | Path) -> str:
    """Where the history of a workspace is.

    The variable SAMEWIRE_HISTORY says so, with a path (from the workspace, if relative) or a URL `postgresql://…`;
    otherwise `.samewire/history.sqlite`.
    """
    named = os.environ.get("SAMEWIRE_HISTORY", "")
    if is_url(named):
        return named
    return os.path.join(workspace, os.path.expanduser(named) or os.path.join(".samewire", "history.sqlite"))


def open(where: str | Path, clock: Callable[[], float] = time.time) -> History:  # noqa: A001 - as gzip.open
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
