"""What every command of the orchestrator exits with."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The house's exit codes."""

    GOOD = 0
    FINDINGS = 1
    MISUSE = 2
    COULD_NOT_RUN = 3
