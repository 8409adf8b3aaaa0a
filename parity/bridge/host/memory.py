"""What memory this process takes."""

from __future__ import annotations

import os
from pathlib import Path

from bridge.v1.worker_wire import MemoryUsage

_STATM = Path("/proc/self/statm")  # proc(5): pages, size and resident first


def memory(statm: Path = _STATM) -> MemoryUsage:
    """Bytes; all 0 with the reason where the system does not tell."""
    try:
        size, resident = map(int, statm.read_text().split()[:2])
        page = os.sysconf("SC_PAGE_SIZE")
        share = resident / os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError) as error:
        return MemoryUsage(rss=0, vms=0, percent=0.0, error=str(error))
    return MemoryUsage(rss=resident * page, vms=size * page, percent=100 * share)
