"""test.xml as Bazel, CI systems and test frameworks write it: JUnit's format, read without trust in who wrote it.

No document type, so no entity that grows or reaches out; no tree, so a big file is never in memory whole; bounded
lengths. Standard library only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal
from xml.parsers import expat

Verdict = Literal["passed", "failed", "error", "skipped"]

BYTES = 256 << 20  # of one file
CASES = 500_000  # of one file
DEPTH = 64  # of elements
NAME = (
    1_000  # characters of a name; what is longer is cut and keeps a digest of the whole, so it is still the same case
)
MESSAGE = 4_000
DETAIL = 32_000
_PIECE = 1 << 16

_OUTCOMES: Mapping[str, Verdict] = {"failure": "failed", "error": "error", "skipped": "skipped"}
# Surefire's names for attempts that are not the last one.
_EARLIER: Mapping[str, Verdict] = {
    "flakyFailure": "failed",
    "flakyError": "error",
    "rerunFailure": "failed",
    "rerunError": "error",
}


class BrokenReport(ValueError):
    """A test.xml that is not one; the text names file and place."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What one attempt ended with."""

    outcome: Verdict
    message: str
    detail: str


@dataclass(frozen=True, slots=True)
class JUnitCase:
    """One `<testcase>`.

    Attributes:
        suite: name of the innermost `<testsuite>`.
        seconds: as the report says; 0 where it does not.
        started: seconds since 1970 from the case's or the suite's timestamp, 0 where there is none.
        message: of the failure, or why it was skipped; kind: the `type` of that element.
        earlier: attempts that the report tells of beside the one that counts.
        properties: of the suite, overlaid with the case's own.
    """

    suite: str
    classname: str
    name: str
    outcome: Verdict = "passed"
    message: str = ""
    detail: str = ""
    kind: str = ""
    seconds: float = 0.0
    started: float = 0.0
    file: str = ""
    line: int = 0
    earlier: tuple[Trouble, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)


def read(path: Path) -> Iterator[JUnitCase]:
    """Every case of a file, in order.

    Raises BrokenReport on what is not such a report (those before the broken place have been given), OSError when the
    file cannot be read.
    """
    with path.open("rb") as stream:
        yield from parse(stream, str(path))


def parse(stream: IO[bytes], name: str) -> Iterator[JUnitCase]:
    """The same from an open file; `name` stands in errors."""
    reader = _Reader(name)
    size = 0
    while True:
        piece = stream.read(_PIECE)
        size += len(piece)
        if size > BYTES:
            raise BrokenReport(f"{name}: larger than {BYTES >> 20} MiB; not read further")
        reader.feed(piece)
        yield from reader.done
        reader.done.clear()
        if not piece:
            return


def bounded(text: str, most: int = NAME) -> str:
    """A name that may be stored: of one too long the beginning, and a digest that tells it from its like."""
    if len(text) <= most:
        return text
    return f"{text[: most - 18]}…{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:16]}"


def clipped(text: str, most: int) -> str:
    """A text's beginning and end, where all of it is too much to keep."""
    if len(text) <= most:
        return text
    head, tail = most // 3, most - most // 3
    return f"{text[:head]}\n… {len(text) - head - tail:,} characters left out …\n{text[-tail:]}"


class _Reader:
    def __init__(self, name: str) -> None:
        self.done: list[JUnitCase] = []
        self._name = name
        self._count = 0
        self._path: list[str] = []
        self._suites: list[tuple[str, float, dict[str, str]]] = []
        self._case: dict[str, str] | None = None
        self._properties: dict[str, str] = {}
        self._troubles: list[tuple[str, dict[str, str], list[str]]] = []
        self._text: list[str] | None = None
        self._length = 0
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        self._parser = parser

    def feed(self, piece: bytes) -> None:
        try:
            self._parser.Parse(piece, not piece)
        except expat.ExpatError as error:
            place = f"{self._name}:{error.lineno}:{error.offset + 1}"
            raise BrokenReport(f"{place}: not XML: {expat.ErrorString(error.code)}") from None
        except (ValueError, LookupError) as error:
            if isinstance(error, BrokenReport):
                raise
            raise BrokenReport(f"{self._name}: not XML: {error}") from None

    def _refuse(self, why: str) -> None:
        raise BrokenReport(f"{self._name}:{self._parser.CurrentLineNumber}: {why}")

    def _doctype(self, *_: object) -> None:
        self._refuse("has a document type; a test report needs none, and entities could grow without end")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._path and tag not in ("testsuites", "testsuite"):
            self._refuse(f"<{bounded(tag, 60)}> is no test report; it begins with <testsuites> or <testsuite>")
        if len(self._path) >= DEPTH:
            self._refuse(f"elements nested deeper than {DEPTH}")
        self._path.append(tag)
        if tag == "testsuite":
            inherited = self._suites[-1] if self._suites else ("", 0.0, {})
            started = _time(attributes.get("timestamp", "")) or inherited[1]
            self._suites.append((attributes.get("name", inherited[0]), started, dict(inherited[2])))
        elif tag == "testcase":
            self._case, self._properties, self._troubles = attributes, {}, []
        elif tag == "property":
            target = self._properties if self._case is not None else self._suites[-1][2] if self._suites else {}
            if len(target) < 1000:
                target[bounded(attributes.get("name", ""), 200)] = clipped(attributes.get("value", ""), MESSAGE)
        elif self._case is not None and (tag in _OUTCOMES or tag in _EARLIER) and len(self._troubles) < 100:
            self._text, self._length = [], 0
            self._troubles.append((tag, attributes, self._text))

    def _characters(self, text: str) -> None:
        if self._text is not None and self._length < 16 * DETAIL:
            self._text.append(text)
            self._length += len(text)

    def _end(self, tag: str) -> None:
        self._path.pop()
        if tag == "testsuite":
            self._suites.pop()
        elif tag == "testcase" and self._case is not None:
            self._count += 1
            if self._count > CASES:
                self._refuse(f"more than {CASES:,} cases")
            self.done.append(self._made(self._case))
            self._case = self._text = None
        elif tag in _OUTCOMES or tag in _EARLIER:
            self._text = None

    def _made(self, attributes: dict[str, str]) -> JUnitCase:
        suite, started, properties = self._suites[-1] if self._suites else ("", 0.0, {})
        last = [each for each in self._troubles if each[0] in _OUTCOMES]
        # A failure in the test and an error after it are one case: what came first explains it.
        red = [each for each in last if each[0] != "skipped"] or last
        told = _trouble(*red[0]) if red else Trouble("passed", "", "")
        line = attributes.get("line", "")
        return JUnitCase(
            suite=bounded(suite),
            classname=bounded(attributes.get("classname", "")),
            name=bounded(attributes.get("name", "")),
            outcome=told.outcome,
            message=told.message,
            detail=told.detail,
            kind=bounded(red[0][1].get("type", ""), 200) if red else "",
            seconds=_seconds(attributes.get("time", "")),
            started=_time(attributes.get("timestamp", "")) or started,
            file=bounded(attributes.get("file", "")),
            line=int(line) if line.isascii() and line.isdigit() and len(line) < 10 else 0,
            earlier=tuple(_trouble(*each) for each in self._troubles if each[0] in _EARLIER),
            properties={**properties, **self._properties} if self._properties else properties,
        )


def _trouble(tag: str, attributes: dict[str, str], text: list[str]) -> Trouble:
    detail = "".join(text).strip()
    message = attributes.get("message", "").strip() or next(iter(detail.splitlines()), "")
    return Trouble(_OUTCOMES.get(tag) or _EARLIER[tag], clipped(message, MESSAGE), clipped(detail, DETAIL))


def _seconds(text: str) -> float:
    """Some write thousands' commas; none write more than a year."""
    try:
        seconds = float(text.replace(",", ""))
    except ValueError:
        return 0.0
    return seconds if 0.0 <= seconds < 1e8 else 0.0


def _time(text: str) -> float:
    try:
        when = datetime.fromisoformat(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return 0.0
