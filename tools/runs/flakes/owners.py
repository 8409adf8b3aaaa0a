"""Who owns a test: the repository's CODEOWNERS file, as GitHub, GitLab and Gitea read it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

PLACES = ("CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS")


class Owners:
    """The rules of one file; the last one that matches a path counts."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._rules: list[tuple[re.Pattern[str], str]] = []
        for line in lines:
            words = line.split("#", 1)[0].split()
            if words and not words[0].startswith(("[", "^[")):  # GitLab's sections
                self._rules.append((_pattern(words[0]), " ".join(words[1:])))

    @classmethod
    def of(cls, workspace: Path) -> Owners:
        """Those of a workspace; none where it has no such file."""
        for place in PLACES:
            path = workspace / place
            if path.is_file():
                return cls(path.read_text(encoding="utf-8", errors="replace").splitlines())
        return cls()

    def owner(self, path: str) -> str:
        """Of a file, by its path from the workspace's root; empty where nobody owns it."""
        return next((owners for pattern, owners in reversed(self._rules) if pattern.match(path)), "")


def place(label: str, node: str = "") -> str:
    """The path that stands for a test: its file where the node id tells it, else the name in its package."""
    path = node.partition("::")[0]
    if path and "/" in path:
        return path
    package, _, name = label.removeprefix("@@").removeprefix("@").removeprefix("//").partition(":")
    return "/".join(part for part in (package, name) if part)


def _pattern(text: str) -> re.Pattern[str]:
    """As in .gitignore: a slash at the beginning or inside ties it to the root, one at the end means the folder."""
    inner = text.strip("/")
    anchored = "/" in text.rstrip("/")
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", inner)
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    body = "".join(words.get(part, re.escape(part)) for part in parts)
    end = "/" if text.endswith("/") else "(?:/|$)"
    return re.compile(("" if anchored else "(?:.*/)?") + body + end)
