"""A judge: a real vendor SDK that says of every golden fixture whether its own types agree.

The SDK is unmodified and decides; where it and the definitions differ, the difference is mended or stands in the
judge's x
"""

from __future__ import annotations

import base64
import fnmatch
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from tools.wire.fixtures.jsontext import Node, NotJsonError, equal, parse

# From the input to what the SDK writes: one text, several of which any may be right, or none where it only reads.
Reader = Callable[[bytes], tuple[bytes, ...]]


class Refused(Exception):
    """The SDK does not take the input; the text is the SDK's own, in one line."""


class Sdk(Protocol):
    """What a judge needs of a vendor SDK."""

    name: str
    title: str
    dialects: frozenset[str]

    def reader(self, message: str) -> Reader | None:
        """Reads JSON with the SDK's own type and writes it again as the SDK would, None for types it does not have.

        The reader raises Refused when the SDK does.
        """

    def binary(self, message: str) -> Reader | None:
        """The same for protobuf's binary form (deterministic), None where the SDK has none."""


@dataclass(slots=True)
class Disagreement:
    """`pattern`: a glob over fixture ids; `count`: how many of them fail; `seen`: how many did now."""

    count: int
    pattern: str
    reason: str
    line: int
    seen: int = 0


class ListError(ValueError):
    """A list of disagreements that can't be read; the text names file and line."""


ENTRY = re.compile(r"(?P<count>\d+)\s+(?P<pattern>\S+)\s+# (?P<reason>\S.*)")


def disagreements(path: Path) -> list[Disagreement]:
    """Lines of `count pattern  # reason`; blank lines and lines of comment are passed over.

    Raises ListError for a line of another form and for a pattern that stands twice.
    """
    entries: dict[str, Disagreement] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if (found := ENTRY.fullmatch(line.strip())) is None:
            raise ListError(f"{path.name}:{number}: write `count pattern  # reason`, not {line.strip()!r}")
        pattern = found["pattern"]
        if pattern in entries:
            raise ListError(f"{path.name}:{number}: {pattern}: stands in line {entries[pattern].line} already")
        entries[pattern] = Disagreement(int(found["count"]), pattern, found["reason"], number)
    return list(entries.values())


def fixtures(folder: Path, dialects: frozenset[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(message, fixture) of every file of the archive in one of the dialects; see proto/samewire/v1/fixture.proto."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for entry in manifest["files"]:
        if entry["dialect"] in dialects:
            for fixture in json.loads((folder / entry["path"]).read_bytes())["fixtures"]:
                yield entry["message"], fixture


def judge(folder: Path, sdk: Sdk, known: list[Disagreement]) -> Iterator[dict[str, str]]:
    """A verdict.proto Verdict for every fixture of a message that the SDK has."""
    readers: dict[str, tuple[Reader | None, Reader | None]] = {}
    for message, fixture in fixtures(folder, sdk.dialects):
        if message not in readers:
            readers[message] = sdk.reader(message), sdk.binary(message)
        if readers[message] == (None, None):
            continue
        problem = try_fixture(fixture, *readers[message])
        yield verdict(fixture["id"], problem, known)


def try_fixture(fixture: dict[str, Any], reader: Reader | None, binary: Reader | None) -> str:
    """What is wrong, empty when the SDK agrees."""
    if reader and (problem := _try_json(fixture, reader)):
        return problem
    if binary and "binary" in fixture:
        return _try_binary(fixture["binary"], binary)
    return ""


def _try_json(fixture: dict[str, Any], reader: Reader) -> str:
    data = base64.b64decode(fixture["json_base64"]) if "json_base64" in fixture else fixture["json"].encode()
    try:
        written = reader(data)
    except Refused as refused:
        return "" if fixture["expect"] == "reject" else f"the SDK refuses it: {refused}"
    if fixture["expect"] == "reject":
        return "the SDK takes it"
    expected = fixture.get("becomes", fixture.get("json", ""))
    try:
        if not written:
            return ""
        wanted = instants(parse(expected.encode()))
        same = any(equal(instants(parse(text)), wanted) for text in written)
        return "" if same else f"the SDK writes {_short(written[0].decode())}"
    except NotJsonError as error:
        return f"the SDK writes no JSON: {error.reason}"


def _try_binary(text: str, binary: Reader) -> str:
    data = base64.b64decode(text)
    try:
        written = binary(data)
    except Refused as refused:
        return f"the SDK refuses the binary form: {refused}"
    return "" if data in written else f"the SDK writes binary {written[0].hex()}, not {data.hex()}"


DATE = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?")


def instants(node: Node) -> Node:
    """The same JSON with every ISO date in one spelling, in UTC: SDKs write six digits of a second, or an offset."""
    match node:
        case str():
            return _instant(node)
        case list():
            return [instants(item) for item in node]
        case dict():
            return {key: instants(item) for key, item in node.items()}
    return node


def _instant(text: str) -> str:
    if (found := DATE.fullmatch(text)) is None:
        return text
    date, clock, fraction, zone = found.groups()
    try:
        moment = datetime.fromisoformat(f"{date}T{clock}{zone or 'Z'}").astimezone(UTC)
    except (ValueError, OverflowError):
        return text
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction or '':0<9}Z"


def verdict(ident: str, problem: str, known: Iterable[Disagreement]) -> dict[str, str]:
    """The Verdict of one fixture. A failure is counted for the first entry of the list that matches it."""
    if not problem:
        return {"fixture": ident, "verdict": "pass"}
    entry = next((entry for entry in known if fnmatch.fnmatchcase(ident, entry.pattern)), None)
    if entry is None:
        return {"fixture": ident, "verdict": "fail", "detail": problem}
    entry.seen += 1
    return {"fixture": ident, "verdict": "expected_fail", "detail": f"{entry.reason} ({problem})"}


def _short(text: str, limit: int = 300) -> str:
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


def write(path: Path, sdk: Sdk, verdicts: Iterable[dict[str, str]]) -> None:
    """Writes verdicts.jsonl."""
    header = {"consumer": sdk.name, "title": sdk.title, "kind": "judge"}
    lines = [json.dumps(line, ensure_ascii=False) for line in (header, *verdicts)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
