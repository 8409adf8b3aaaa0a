"""What the command ends with."""

from enum import IntEnum


class Exit(IntEnum):
    GOOD = 0
    FINDINGS = 1
    MISUSE = 2
    COULD_NOT_RUN = 3
