"""A failure's message without what changes from run to run: times, addresses, ports, temporary folders, figures.

    normalise("no answer from 127.0.0.1:43817 within 2.5 s") == "no answer from <host>:<port> within <duration>"

What names the fault stays: words, identifiers with digits in them (`int64`), short quoted values, and the numbers that
are codes (exit code 3, HTTP 503, errno 111). Two messages of one fault should come out equal, those of two faults not.
"""

from __future__ import annotations

import hashlib
import re

# Longer messages differ in their beginnings; what is compared stays small.
READ = 16_000
KEPT = 4_000
QUOTED = 80  # characters of a quoted value; longer ones are data

_WORD = "A-Za-z0-9_"
_HOST = r"\d{1,3}(?:\.\d{1,3}){3}"
# First match wins, so what is kept and what is long stands before what is short. None: kept as it is. Each rule but the
# kept ones takes away a digit or shortens, and no mark has digits in it: that is why `normalise` comes to an end.
_RULES: tuple[tuple[str, str, str | None], ...] = (
    ("mark", r"<[a-z]+>", None),
    (
        "code",
        r"(?i:\b(?:errno|exit(?:ed|s)?(?: with)?(?: code| status)?|status(?:[ _]code)?|http(?:/[\d.]{1,4})?|signal))"
        rf"[ :=]{{1,3}}-?\d{{1,3}}(?![{_WORD}]|\.\d)",
        None,
    ),
    ("uuid", r"(?i:\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)", "<uuid>"),
    ("address", r"\b0[xX][0-9a-fA-F]+\b", "<address>"),
    (
        "time",
        rf"(?<![{_WORD}])(?:"
        r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?)?"
        r"|(?:[A-Z][a-z]{2},? )?\d{1,2}[ -][A-Z][a-z]{2}[ -]\d{4}(?: \d\d:\d\d:\d\d)?(?: GMT| [+-]\d{4})?"
        r"|\d{1,2}:\d\d:\d\d(?:[.,]\d+)?"
        rf")(?![{_WORD}])",
        "<time>",
    ),
    ("socket", rf"(?<![{_WORD}.])(?:{_HOST}|\[[0-9a-fA-F:.]*::?[0-9a-fA-F:.]*\]):\d{{1,5}}(?!\d)", "<host>:<port>"),
    ("host", rf"(?<![{_WORD}.]){_HOST}(?![{_WORD}]|\.\d)", "<host>"),
    ("port", rf"(?<=localhost):\d{{1,5}}(?![{_WORD}])", ":<port>"),
    (
        "temporary",
        rf"(?<![{_WORD}/.])(?:(?:/private)?/(?:tmp|var/tmp|var/folders|dev/shm)|(?:/[^\s'\"<>:/]+){{1,40}}?/_tmp"
        r"|[A-Za-z]:\\[^\s'\"<>:]{0,200}?\\Temp)[/\\][^\s'\"<>:;,()\[\]{}|`]+",
        "<temporary>",
    ),
    # Bazel's folders: only what stands in the workspace says where.
    (
        "output",
        rf"(?<![{_WORD}/.-])bazel-out/[^\s'\"<>:/]+/(?:bin|genfiles|testlogs)/(?:[^\s'\"<>:]{{1,400}}?\.runfiles/[^\s'\"<>:/]+/)?",
        "",
    ),
    ("execroot", rf"(?<![{_WORD}/.])(?:/[^\s'\"<>:/]+){{1,40}}?/(?:execroot|[^\s'\"<>:/]+\.runfiles)/[\w.~+-]+/", ""),
    (
        "duration",
        rf"(?<![{_WORD}.])\d+(?:\.\d+)?(?:e-?\d+)? ?"
        r"(?:ns|us|µs|μs|ms|s|secs?|seconds?|milliseconds?|microseconds?|min|mins|minutes?|h|hours?|days?)"
        rf"(?![{_WORD}])",
        "<duration>",
    ),
    ("hex", rf"(?<![{_WORD}])(?=[a-fA-F]*\d)[0-9a-fA-F]{{8,}}(?![{_WORD}])", "<hex>"),
    ("token", rf"(?<![{_WORD}])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{{20,}}(?![{_WORD}])", "<token>"),
    ("number", rf"(?<![{_WORD}.])[-+]?\.?\d+(?:[.,_]\d+)*(?:[eE][+-]?\d+)?(?![{_WORD}])", "<number>"),
)
_MARKS = {name: mark for name, _, mark in _RULES}
_PATTERN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern, _ in _RULES))
_QUOTED = re.compile(rf"(?<![{_WORD}])(['\"`])(?:(?!\1)[^\n\\]|\\.){{{QUOTED},}}\1(?![{_WORD}])")
# Colours and the like, and what no terminal shows; line ends stay.
_UNSEEN = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
# pytest's, at the end of what differs.
_ADVICE = "Use -v to get more diff"
_SPACE = re.compile(r"[^\S\n]+")


def plain(text: str) -> str:
    """The text without escape sequences of terminals, control characters and marks of direction; lines stay."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def normalise(message: str) -> str:
    """What stays the same when the same fault shows again: at most KEPT characters, its lines without blank ones.

    Takes any text; `normalise(normalise(m)) == normalise(m)`.
    """
    text = message[:READ]
    while (done := _once(text)) != text:
        text = done
    return text


def signature(message: str) -> str:
    """16 hexadecimal digits that name the normalised message; the record's `signature` of a red result."""
    return hashlib.sha256(normalise(message).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _once(text: str) -> str:
    text = _QUOTED.sub(r"\1…\1", plain(text))
    text = _PATTERN.sub(_replaced, text)
    lines = (_SPACE.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line and line != _ADVICE)[:KEPT].rstrip()


def _replaced(found: re.Match[str]) -> str:
    rule = str(found.lastgroup)
    mark = _MARKS[rule]
    if mark is None:
        return found[0]
    if rule == "temporary":
        # A file's name says what was looked for there; folders' names are made up.
        name = re.split(r"[/\\]", found[0])[-1]
        return f"{mark}/{name}" if re.fullmatch(r"[A-Za-z_-]+(?:\.[A-Za-z]+)+", name) else mark
    return mark
