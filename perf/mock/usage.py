"""What a process and those below it use, from /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """`cpu`: seconds, of children that ended too. `memory`: bytes resident."""

    cpu: float
    memory: int


def tree(pid: int, proc: Path = Path("/proc")) -> Usage:
    """Of a process and all below it. ProcessLookupError when it is gone."""
    stats: dict[int, list[str]] = {}
    for folder in proc.iterdir():
        if folder.name.isdigit():
            try:
                # The name, in brackets, may hold anything: what counts stands behind the last one.
                stats[int(folder.name)] = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
    if pid not in stats:
        raise ProcessLookupError(pid)
    children: dict[int, list[int]] = {}
    for each, fields in stats.items():
        children.setdefault(int(fields[1]), []).append(each)
    ticks = pages = 0
    todo = [pid]
    while todo:
        each = todo.pop()
        todo += children.get(each, [])
        fields = stats[each]
        ticks += sum(map(int, fields[11:15]))  # utime stime cutime cstime
        pages += int(fields[21])
    return Usage(ticks / _TICK, pages * _PAGE)
