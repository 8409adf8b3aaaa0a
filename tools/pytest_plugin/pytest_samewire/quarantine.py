"""`quarantine.yaml`: the reviewed list of cases that run, and whose known failures are masked for a while.

    quarantine:
      - cases: ["tests/net_test.py::test_reconnects[*]"]
        reason: the loopback is slow under load, reconnects time out
        owner: team-wire
        issue: "#123"           # optional
        until: 2027-01-31       # the last day it counts
        failure: TimeoutError   # optional: a part of the one failure that is known; others are not masked
        passes: 20              # optional: passed so often in a row, it has to go

Read with line numbers. What is wrong in it is told all at once, one line each, with what to do. PyYAML is imported
when there is a file to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_samewire.pattern import matches, too_broad

if TYPE_CHECKING:
    from yaml.nodes import MappingNode, Node

NAME = "quarantine.yaml"
PASSES = 20
LARGEST = 1024 * 1024  # bytes

_NEEDED = {
    "cases": 'cases: ["FILE::test_name"]',
    "reason": "reason: what goes wrong, and what is known of it",
    "owner": "owner: who makes it well",
    "until": "until: YYYY-MM-DD, the last day that it counts",
}
_KEYS = (*_NEEDED, "issue", "failure", "passes")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NULL = "tag:yaml.org,2002:null"


class Refused(ValueError):
    """A file that is not understood as a whole. `problems`: one line each, "quarantine.yaml:3: what, what to do"."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry.

    Attributes:
        cases: patterns, see pytest_samewire.pattern.
        until: the last day that it counts.
        failure: a part of the message that is masked; empty where none was given.
        passes: how many passes in a row end it.
        file: as it was called. line: of the entry, from 1; `lines` of each pattern.
    """

    cases: tuple[str, ...]
    reason: str
    owner: str
    until: date
    issue: str = ""
    failure: str = ""
    passes: int = PASSES
    file: str = NAME
    line: int = 0
    lines: tuple[int, ...] = field(default=())

    @property
    def at(self) -> str:
        """`quarantine.yaml:3`."""
        return f"{self.file}:{self.line}"

    def pattern(self, *names: str) -> str | None:
        """The first pattern that one of a case's names matches."""
        return next((pattern for pattern in self.cases for name in names if name and matches(pattern, name)), None)

    def expired(self, today: date) -> str | None:
        """The line to print when its time is over."""
        if self.until >= today:
            return None
        return (
            f"{self.at}: {_short(self.cases[0])} was quarantined until {self.until}: {self.owner} makes it well and "
            f"takes the entry out, or gives a new date and says why"
        )


def read(path: Path, name: str | None = None) -> tuple[Entry, ...]:
    """The entries of a file, in its order; none where there is no file. Raises as `load` and `parse` do."""
    return parse(load(path, name), name or str(path))


def load(path: Path, name: str | None = None) -> str:
    """The text of a file; empty where there is no file.

    Args:
        path: the file.
        name: what it is called in messages; as `path` has it by default.

    Raises:
        Refused: it cannot be read.
    """
    called = name or str(path)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise Refused([f"{called}: cannot be read: {error.strerror}"]) from None
    if len(data) > LARGEST:
        raise Refused([f"{called}: is larger than {LARGEST >> 20} MiB: a quarantine that nobody reviews"])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused([f"{called}:{line}: is not UTF-8: save it as UTF-8"]) from None


def parse(text: str, name: str = NAME) -> tuple[Entry, ...]:
    """The entries in `text`, in their order.

    Raises:
        Refused: it is no YAML, or something in it is wrong.
        ModuleNotFoundError: there is text, and PyYAML is not installed.
    """
    if not text:
        return ()
    import yaml

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f"{name}:{mark.line + 1}" if mark else name
        raise Refused([f"{at}: is no YAML: {error.problem or error.context}"]) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Refused([f"{name}:{line}: is no YAML: {error.reason}: U+{error.character:04X}"]) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Refused([f"{name}: is no YAML: {_short(str(error))}"]) from None
    reading = _Reading(name)
    entries = tuple(reading.file(root))
    if reading.problems:
        raise Refused([text for _, text in sorted(reading.problems, key=lambda problem: problem[0])])
    return entries


class _Reading:
    """One reading of one file; `problems` are collected, so that all are told at once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[tuple[int, str]] = []
        self._seen: dict[str, int] = {}

    def file(self, root: Node | None) -> Iterator[Entry]:
        from yaml.nodes import MappingNode, SequenceNode

        if root is None or root.tag == _NULL:
            return
        if not isinstance(root, MappingNode):
            self._problem(root, "has to begin with 'quarantine:' and a list of entries")
            return
        held = self._mapping(root, ("quarantine",), "the file")
        entries = held.get("quarantine")
        if entries is None or entries.tag == _NULL:
            return
        if not isinstance(entries, SequenceNode):
            self._problem(entries, "'quarantine' is no list: begin each entry with '- cases: [...]'")
            return
        for node in entries.value:
            if not isinstance(node, MappingNode):
                self._problem(node, "is no entry: begin it with '- cases: [...]'")
            elif (entry := self._entry(node)) is not None:
                yield entry

    def _entry(self, node: MappingNode) -> Entry | None:
        before = len(self.problems)
        held = self._mapping(node, _KEYS, "an entry")
        line = node.start_mark.line + 1
        for key, example in _NEEDED.items():
            if key not in held and not any(at == line and f"'{key}'" in text for at, text in self.problems):
                self._problem(node, f"an entry without {key}: add {example}")
        cases = self._cases(held["cases"]) if "cases" in held else []
        text = {key: self._text(key, held[key]) for key in ("reason", "owner", "issue", "failure") if key in held}
        until = self._day(held["until"]) if "until" in held else None
        passes = self._passes(held["passes"]) if "passes" in held else PASSES
        if len(self.problems) > before or until is None:
            return None
        return Entry(
            cases=tuple(pattern for pattern, _ in cases),
            until=until,
            passes=passes,
            file=self.name,
            line=line,
            lines=tuple(at for _, at in cases),
            reason=text["reason"],
            owner=text["owner"],
            issue=text.get("issue", ""),
            failure=text.get("failure", ""),
        )

    def _mapping(self, node: MappingNode, keys: tuple[str, ...], what: str) -> dict[str, Node]:
        held: dict[str, Node] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            word = str(key.value)
            if word in lines:
                self._problem(key, f"{_short(word)!r} stands twice (first in line {lines[word]}): take one out")
                continue
            lines[word] = key.start_mark.line + 1
            if word in keys:
                held[word] = value
                continue
            import difflib

            near = difflib.get_close_matches(word.lower(), keys, n=1, cutoff=0.6)
            way = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(keys)}"
            self._problem(key, f"{_short(word)!r} is no key of {what}: {way}")
            if near:
                held.setdefault(near[0], value)
        return held

    def _cases(self, node: Node) -> list[tuple[str, int]]:
        from yaml.nodes import ScalarNode, SequenceNode

        if not isinstance(node, SequenceNode):
            self._problem(node, f"cases is no list: write {_NEEDED['cases']}")
            return []
        if not node.value:
            self._problem(node, f"cases is empty: write {_NEEDED['cases']}")
        found = []
        for each in node.value:
            line = each.start_mark.line + 1
            if not isinstance(each, ScalarNode) or each.tag == _NULL or not each.value.strip():
                self._problem(each, f"is no pattern of cases: write {_NEEDED['cases']}")
                continue
            pattern = each.value.strip()
            if pattern in self._seen:
                self._problem(
                    each, f"{_short(pattern)} is listed twice (first in line {self._seen[pattern]}): take one out"
                )
            elif why := too_broad(pattern):
                self._problem(each, f"{_short(pattern)!r} is too broad: {why}")
            self._seen.setdefault(pattern, line)
            found.append((pattern, line))
        return found

    def _text(self, key: str, node: Node) -> str:
        from yaml.nodes import ScalarNode

        if not isinstance(node, ScalarNode):
            self._problem(node, f"{key} is no text: put it in one pair of quotes")
            return ""
        text = "" if node.tag == _NULL else str(node.value).strip()
        if not text:
            self._problem(node, f"{key} is empty: {_NEEDED.get(key, 'say it, or take the line out')}")
        return text

    def _day(self, node: Node) -> date | None:
        text = self._text("until", node)
        if not text:
            return None
        try:
            if not _DAY.fullmatch(text):
                raise ValueError
            return date.fromisoformat(text)
        except ValueError:
            self._problem(node, f"until is {_short(text)!r}, which is no day: write YYYY-MM-DD, e.g. 2027-01-31")
            return None

    def _passes(self, node: Node) -> int:
        text = self._text("passes", node)
        if text and re.fullmatch(r"[1-9]\d{0,5}", text):
            return int(text)
        if text:
            self._problem(node, f"passes is {_short(text)!r}: write how many in a row end it, e.g. {PASSES}")
        return PASSES

    def _problem(self, node: Node, text: str) -> None:
        line = node.start_mark.line + 1
        self.problems.append((line, f"{self.name}:{line}: {text}"))


def _short(text: str, width: int = 100) -> str:
    """One line, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= width else f"{line[: width - 1]}…"
