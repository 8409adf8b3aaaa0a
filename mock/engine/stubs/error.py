"""The one error of what a tester wrote: a condition, a stub, a template, a file."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class StubError(ValueError):
    """`path`: where in the JSON, `$.stubs[0].answers[1].json.model`; `reason`: what is wrong and what to do."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def meant(name: str, names: Iterable[str]) -> str:
    """A hint to be put behind an error: the name that comes nearest, "" where none does."""
    close = get_close_matches(name, list(names), 1, 0.5)
    return f"; did you mean {close[0]!r}?" if close else ""
