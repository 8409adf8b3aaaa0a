"""A judge: a real vendor SDK that says of every golden fixture whether its own types agree.

The SDK is unmodified and decides; where it and the definitions differ, the difference is mended or stands in the
judge's list of disagreements with a reason. The list is checked both ways: an entry whose fixtures agree, or that matches
none, is a failure too.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tools.wire.fixtures.jsontext import NotJsonError, equal, parse

Reader = Callable[[bytes], bytes]


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
    """`pattern`: a glob over fixture ids. `used`: it has matched a fixture that fails."""

    pattern: str
    reason: str
    line: int
    used: bool = False


class ListError(ValueError):
    """A list of disagreements that can't be read; the text names file and line."""


def disagreements(path: Path) -> list[Disagreement]:
    """Lines of `pattern  # reason`; blank lines and lines of comment are passed over.

    Raises ListError for a line without a reason and for a pattern that stands twice.
    """
    entries: dict[str, Disagreement] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pattern, _, reason = (part.strip() for part in line.partition(" #"))
        if not reason:
            raise ListError(f"{path.name}:{number}: {pattern}: no reason; write `{pattern}  # why`")
        if pattern in entries:
            raise ListError(f"{path.name}:{number}: {pattern}: stands in line {entries[pattern].line} already")
        entries[pattern] = Disagreement(pattern, reason, number)
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
    data = _base64(fixture["json_base64"]) if "json_base64" in fixture else fixture["json"].encode()
    try:
        written = reader(data)
    except Refused as refused:
        return "" if fixture["expect"] == "reject" else f"the SDK refuses it: {refused}"
    if fixture["expect"] == "reject":
        return "the SDK takes it"
    expected = fixture.get("becomes", fixture.get("json", ""))
    try:
        return "" if equal(parse(written), parse(expected.encode())) else f"the SDK writes {_short(written.decode())}"
    except NotJsonError as error:
        return f"the SDK writes no JSON: {error.reason}"


def _try_binary(text: str, binary: Reader) -> str:
    data = _base64(text)
    try:
        written = binary(data)
    except Refused as refused:
        return f"the SDK refuses the binary form: {refused}"
    return "" if written == data else f"the SDK writes binary {written.hex()}, not {data.hex()}"


def verdict(ident: str, problem: str, known: Iterable[Disagreement]) -> dict[str, str]:
    """The Verdict of one fixture; entries of the list that matched a failure are marked as used."""
    entry = next((entry for entry in known if fnmatch.fnmatchcase(ident, entry.pattern)), None)
    if entry is None:
        return {"fixture": ident, "verdict": "fail", "detail": problem} if problem else _pass(ident)
    if not problem:
        detail = f"agrees, but line {entry.line} of the list says it does not ({entry.reason}): narrow or remove it"
        return {"fixture": ident, "verdict": "fail", "detail": detail}
    entry.used = True
    return {"fixture": ident, "verdict": "expected_fail", "detail": f"{entry.reason} ({problem})"}


def _pass(ident: str) -> dict[str, str]:
    return {"fixture": ident, "verdict": "pass"}


def _base64(text: str) -> bytes:
    import base64

    return base64.b64decode(text, validate=True)


def _short(text: str, limit: int = 300) -> str:
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


def write(path: Path, sdk: Sdk, verdicts: Iterable[dict[str, str]]) -> None:
    """Writes verdicts.jsonl."""
    header = {"consumer": sdk.name, "title": sdk.title, "kind": "judge"}
    lines = [json.dumps(line, ensure_ascii=False) for line in (header, *verdicts)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
