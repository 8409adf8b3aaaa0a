"""Names of test cases by pattern: `*` stands for anything but a slash, `**` for anything; all else is literal.

A case has two names, and a pattern is meant for one of them: pytest's node id, `tests/a_test.py::Class::test_x[1]`, or
what a build system calls it, `//pkg:a_test pkg.a_test.Class test_x[1]` (target, place, name).
"""

from __future__ import annotations

import re
from functools import cache

# What every test is called says nothing of which one is meant.
_TEST = re.compile(r"test_?|_?test$", re.IGNORECASE)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """For `fullmatch`. Brackets are those of parameters, never a set of characters.

    >>> bool(compiled("tests/*.py::test_x[*]").fullmatch("tests/a.py::test_x[1]"))
    True
    """
    parts = re.split(r"(\*\*|\*)", pattern)
    return re.compile("".join({"**": ".*", "*": "[^/]*"}.get(part, re.escape(part)) for part in parts), re.DOTALL)


def matches(pattern: str, name: str) -> bool:
    return compiled(pattern).fullmatch(name) is not None


def is_node(pattern: str) -> bool:
    """Whether a pattern means node ids of pytest; else it means names in the words of a build system."""
    return not pattern.startswith("//") and "::" in pattern.partition("[")[0]


def too_broad(pattern: str) -> str | None:
    """Why a pattern would mask more than cases that somebody looked at; None where it is fine.

    A pattern has to say which file or target it means, and which of the cases there.
    """
    head = pattern.partition("[")[0].rstrip()
    if "::" in head and not head.startswith("//"):
        place, _, name = head.rpartition("::")
    elif " " in head:
        place, _, name = head.rpartition(" ")
    elif head.startswith("//"):  # a target that is one case
        place, _, name = head.rpartition(":") if ":" in head else ("", "", head)
        place = place.strip("/.") and place
        if "*" in name or "..." in head:
            return "it stands for whole packages"
        return None if name and place else "it names no target: //package:name"
    else:
        return "it says neither file nor target: write FILE::test_name, or '//package:target PLACE test_name'"
    if not _letters(place):
        return "it says no file or target"
    if "..." in place:
        return "it stands for whole packages"
    if not name or ("*" in name and not _letters(_TEST.sub("", name))):
        return f"it stands for all cases of {place}"
    return None


def _letters(text: str) -> bool:
    return re.search(r"\w", text) is not None
