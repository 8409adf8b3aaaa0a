"""quarantine.yaml changed as a person would: entries come and go, and every other line, comment and space stays.

Functions take the text of a file and return the new one; nothing is written here but by `write`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import yaml
from pytest_samewire.quarantine import PASSES, Entry, Refused, parse

HEADER = """\
# Test cases that are known to be flaky: they run, and the failure that is known of them is masked until somebody has
# made them well. Reviewed like code.
"""


def add(text: str, entry: Entry, name: str = "quarantine.yaml") -> str:
    """The text with one more entry, the last of the list.

    Raises:
        Refused: the text is not understood, the entry is none that the file may have, or the list is written in one
            line, where no entry can be added.
    """
    parse(text, name)
    if not text.strip():
        return _checked(f"{HEADER}quarantine:\n{_block(entry, 2)}", text, [entry], (), name)
    lines = text.splitlines(keepends=True)
    if not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    key, held = _list(text)
    if key is None:
        new = "".join(lines) + f"quarantine:\n{_block(entry, 2)}"
    elif not isinstance(held, yaml.SequenceNode) or not held.value:
        at = key.end_mark.line
        lines[at] = _without_value(lines[at], key, held)
        new = "".join([*lines[: at + 1], _block(entry, 2), *lines[at + 1 :]])
    elif held.flow_style:
        line = held.start_mark.line + 1
        raise Refused([f"{name}:{line}: the list stands in one line: write it with '- cases: ...' lines first"])
    else:
        at = _last_line(held.value[-1], lines)
        new = "".join([*lines[: at + 1], _block(entry, held.start_mark.column), *lines[at + 1 :]])
    return _checked(new, text, [entry], (), name)


def remove(text: str, numbers: Collection[int], name: str = "quarantine.yaml") -> str:
    """The text without some entries, by their numbers from 0. Comments in the list directly above one go with it.

    Raises:
        Refused: the text is not understood, or the list is written in one line.
    """
    parse(text, name)
    key, held = _list(text)
    if not numbers or key is None or not isinstance(held, yaml.SequenceNode):
        return text
    if held.flow_style:
        line = held.start_mark.line + 1
        raise Refused([f"{name}:{line}: the list stands in one line: write it with '- cases: ...' lines first"])
    lines = text.splitlines(keepends=True)
    gone: set[int] = set()
    for number in numbers:
        first = held.value[number].start_mark.line
        while not lines[first].lstrip().startswith("-"):  # the entry begins below its dash
            first -= 1
        indent = held.start_mark.column
        while indent and lines[first - 1].startswith(" " * indent + "#"):
            first -= 1
        gone.update(range(first, _last_line(held.value[number], lines) + 1))
    if len(numbers) == len(held.value):
        at = key.end_mark.line
        head, colon, rest = lines[at].partition(":")
        lines[at] = f"{head}{colon} []{rest}"
    return _checked("".join(line for number, line in enumerate(lines) if number not in gone), text, (), numbers, name)


def write(path: Path, text: str) -> None:
    """Writes the file in one step."""
    target = path.resolve()
    handle, part = tempfile.mkstemp(prefix=f"{target.name}.", dir=target.parent)
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(part, target.stat().st_mode & 0o777 if target.exists() else 0o644)
        os.replace(part, target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _block(entry: Entry, indent: int) -> str:
    """An entry in lines; `indent`: columns before the dash."""
    pairs: list[tuple[str, object]] = [
        ("cases", list(entry.cases)),
        ("reason", entry.reason),
        ("owner", entry.owner),
        ("issue", entry.issue),
        ("until", entry.until),
        ("failure", entry.failure),
        ("passes", entry.passes if entry.passes != PASSES else ""),
    ]
    lines = [f"{key}: {_scalar(value)}\n" for key, value in pairs if value != ""]
    return "".join(" " * indent + ("  " if number else "- ") + line for number, line in enumerate(lines))


def _scalar(value: object) -> str:
    """In one line."""
    said: str = yaml.safe_dump(value, default_flow_style=True, width=float("inf"), allow_unicode=True)
    return said.removesuffix("...\n").strip()


def _list(text: str) -> tuple[Any, Any]:
    """The nodes of the key `quarantine` and of its value; None where the file has no such key."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    return next(((key, value) for key, value in pairs if key.value == "quarantine"), (None, None))


def _without_value(line: str, key: Any, held: Any) -> str:
    """`quarantine: []  # none` without its empty list; what follows it stays."""
    after = line[key.end_mark.column :].lstrip(": ")
    if held.start_mark.line == key.end_mark.line and held.end_mark.column > key.end_mark.column:
        after = line[held.end_mark.column :]
    rest = after.strip()
    return line[: key.end_mark.column] + (f":  {rest}\n" if rest else ":\n")


def _last_line(node: Any, lines: Sequence[str]) -> int:
    """The number of the last line of a node, from 0, without comments and blank lines that follow it."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _last_line(node.value[-1][1], lines)
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _last_line(node.value[-1], lines)
    last: int = node.end_mark.line if node.end_mark.column else node.end_mark.line - 1
    while last > node.start_mark.line and not lines[last].strip():
        last -= 1
    return last


def _checked(new: str, old: str, added: Sequence[Entry], removed: Collection[int], name: str) -> str:
    """The new text, when it says what it should: all old entries but those removed, and the added ones.

    Raises:
        Refused: the added entry may not stand in the file.
    """
    want = [entry for number, entry in enumerate(parse(old, name)) if number not in removed] + list(added)
    if [_facts(entry) for entry in parse(new, name)] != [_facts(entry) for entry in want]:
        raise Refused([f"{name}: is written in a way that this command cannot edit: change it by hand"])
    return new


def _facts(entry: Entry) -> tuple[object, ...]:
    return (entry.cases, entry.reason, entry.owner, entry.until, entry.issue, entry.failure, entry.passes)
