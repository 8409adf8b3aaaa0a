"""`--test_filter`: which cases of a target a person means.

A filter is one of

    a_test.py::test_x[1]         a node id, or the beginning of one at `::`; the path may be cut on the left
    Class.method, Class          names below the file, joined by dots
    test_x, test_x[1]            a test's own name, with or without its parameters
    *_test.py::*::test_w?        any of these with `*` and `?` (square brackets always mean parameters)
    retry and not slow           pytest's `-k` expression
    backoff                      else: a part of a name or path, in any case
"""

import difflib
import re
from collections.abc import Sequence

from tools.python.pytest.node import split

_EXPRESSION = re.compile(r"(^|[\s(])(and|or|not)([\s(]|$)")


def is_expression(text: str) -> bool:
    """Whether `text` is a `-k` expression, which pytest itself evaluates."""
    return "::" not in text and "[" not in text and bool(_EXPRESSION.search(text))


def matching(text: str, nodes: Sequence[str]) -> list[str]:
    """Those of `nodes` (pytest node ids) that `text` names, in their order; never an expression's job."""
    pattern = _pattern(text)
    exact = [node for node in nodes if any(pattern.fullmatch(name) for name in _names(node))]
    if exact or "::" in text or "*" in text:
        return exact
    return [node for node in nodes if text.lower() in node.lower()]


def nearest(text: str, nodes: Sequence[str], count: int = 5) -> list[str]:
    """Up to `count` node ids to suggest where `text` matched none."""
    by_name = {split(node)[1][-1]: node for node in reversed(nodes)}
    wanted = re.split(r"::|\.", text)[-1]
    close = difflib.get_close_matches(wanted, by_name, n=count, cutoff=0.5)
    return [by_name[name] for name in close] or list(nodes[:count])


def _pattern(text: str) -> re.Pattern[str]:
    # Not fnmatch: there `[1]` would be a character class, here it is a parameter.
    return re.compile("".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in text), re.DOTALL)


def _names(node: str) -> set[str]:
    """Every spelling under which a person may ask for `node`."""
    path, names = split(node)
    plain = [*names[:-1], names[-1].split("[", 1)[0]] if names else []
    below: set[str] = set()
    for parts in (names, plain):
        for end in range(1, len(parts) + 1):
            below.add("::".join(parts[:end]))
    folders = path.split("/")
    paths = {"/".join(folders[start:]) for start in range(len(folders))}
    spellings = paths | {f"{place}::{rest}" for place in paths for rest in below}
    for parts in (names, plain):
        for start in range(len(parts)):
            for end in range(start + 1, len(parts) + 1):
                spellings |= {".".join(parts[start:end]), "::".join(parts[start:end])}
    return spellings
