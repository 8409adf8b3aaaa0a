"""What no file of this repository may hold, and what no file may be called."""

import re
from collections.abc import Iterator
from pathlib import Path

# A name that says nothing about what is inside.
_EMPTY_NAMES = {"common", "helper", "helpers", "manager", "misc", "util", "utils"}

# Brackets keep these patterns from finding themselves.
_FORBIDDEN = {
    "a path of one machine": r"(?<![\w.$}~])/(?:[r]oot|[h]ome/\w+|[w]ork|[f]arm|[U]sers/\w+)/",
    "an address other than 127.0.0.1": r"(?<![\w.=])(?!127\.0\.0\.1(?![\d.])|0\.0\.0\.0(?![\d.]))"
    r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.]|-)",
    "the host of a package registry": r"\b(?:registry\.[n]pmjs|[p]ypi\.org|files\.[p]ythonhosted|[c]rates\.io|"
    r"proxy\.[g]olang|repo1?\.[m]aven|deb\.[d]ebian|[h]ex\.pm)\b",
}
_PATTERNS = {what: re.compile(pattern) for what, pattern in _FORBIDDEN.items()}


def names(paths: list[str]) -> Iterator[str]:
    """Files and folders with names that say nothing."""
    for path in paths:
        for part in Path(path).parts:
            if part.split(".")[0].removesuffix("_test") in _EMPTY_NAMES:
                yield f"{path}: '{part}' says nothing; name the noun that is inside"


def lines(path: str, text: str) -> Iterator[str]:
    """Lines that tie the repository to one machine or one registry."""
    for number, line in enumerate(text.splitlines(), 1):
        for what, pattern in _PATTERNS.items():
            if found := pattern.search(line):
                yield f"{path}:{number}: {what}: {found[0]}"
