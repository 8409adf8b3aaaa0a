"""Names of cases by pattern: * stands for anything but a slash, ** for anything."""

from __future__ import annotations

import re
from functools import cache


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """For `fullmatch`.

    >>> bool(compiled("training/*/mean").fullmatch("training/metrics/mean"))
    True
    """
    parts = re.split(r"(\*\*|\*)", pattern)
    return re.compile("".join({"**": ".*", "*": "[^/]*"}.get(part, re.escape(part)) for part in parts), re.DOTALL)


def matches(pattern: str, name: str) -> bool:
    return compiled(pattern).fullmatch(name) is not None
