"""A place in a Markdown file that a program may write: between `<!-- NAME: begin -->` and `<!-- NAME: end -->`."""

from __future__ import annotations

import re
from pathlib import Path


def check(path: Path, name: str) -> None:
    """Raises ValueError when the file does not have the marks once each, in order; OSError when it can't be read."""
    _split(path, name)


def place(path: Path, name: str, text: str) -> None:
    """Puts the text between the marks, in place of what stands there. Raises as `check` does."""
    before, after = _split(path, name)
    path.write_text(f"{before}\n{text.strip()}\n\n{after}", encoding="utf-8")


def _split(path: Path, name: str) -> tuple[str, str]:
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    old = path.read_text(encoding="utf-8")
    found = re.fullmatch(f"(.*{re.escape(begin)}\n).*?({re.escape(end)}.*)", old, re.DOTALL)
    if found is None or old.count(begin) != 1 or old.count(end) != 1:
        raise ValueError(f"{path}: there have to be one line {begin} and after it one line {end}")
    return found[1], found[2]
