"""The command that runs one case again."""

from __future__ import annotations

import re
import shlex

from tools.runs.record import CaseId
from tools.runs.report import text

_LABEL = re.compile(r"(?:@{1,2}[\w.~+-]*)?//[\w./@+~=-]*(?::[\w./@+~=-]+)?")


def command(case: CaseId, node: str = "") -> str:
    """`./samewire check //a:x_test '--test_filter=a/x_test.py::test_y[1]'`; empty where Bazel did not run it.

    Args:
        case: which one.
        node: pytest's node id, where the case has one. One that can't be pasted safely, or is not what it looks like,
            is left out: then the whole target runs.
    """
    if not _LABEL.fullmatch(case.label):
        return ""
    words = ["./samewire", "check", case.label]
    if "::" in node and text.name(node) == node:
        words.append(f"--test_filter={node}")
    return shlex.join(words)
