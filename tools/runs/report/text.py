"""Text that came out of tests, made fit to be shown: nothing unseen, nothing endless."""

from __future__ import annotations

import re

from tools.runs.failures import plain

NAME = 400  # characters of a name that are shown
DETAIL = 6_000  # characters of a traceback

# Control characters, marks of direction, what has no width, halves of surrogate pairs: names that look like others.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_HALVES = re.compile("[\ud800-\udfff]")


def name(text: str) -> str:
    """One line: what can't be seen is written as an escape, and the middle of a long name is left out."""
    if len(text) > NAME:
        text = f"{text[: NAME - 100]} … {len(text):,} characters … {text[-60:]}"
    return _UNSEEN.sub(_escaped, text)


def lines(text: str, limit: int = DETAIL) -> str:
    """Some lines, without colours; of a long text the beginning and, twice as long, the end."""
    if len(text) > 4 * limit:
        text = text[: 2 * limit] + text[-2 * limit :]
    text = _HALVES.sub("\N{REPLACEMENT CHARACTER}", plain(text)).strip("\n")
    if len(text) <= limit:
        return text
    first, last = limit // 3, limit - limit // 3
    return f"{text[:first]}\n… {len(text) - limit:,} characters …\n{text[-last:]}"


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
