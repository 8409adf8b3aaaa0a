"""What a consumer or judge said: the file verdicts.jsonl of one test (proto/samewire/v1/verdict.proto)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any


class Outcome(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    SKIP = "skip"
    EXPECTED_FAIL = "expected_fail"


class Kind(StrEnum):
    MODEL = "model"
    CONSUMER = "consumer"
    JUDGE = "judge"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`fixture` is message/dialect/name."""

    fixture: str
    outcome: Outcome
    detail: str

    @property
    def message(self) -> str:
        return self.fixture.split("/", 2)[0]

    @property
    def dialect(self) -> str:
        return self.fixture.split("/", 2)[1]


@dataclass(frozen=True, slots=True)
class Consumer:
    """One consumer with all it said. `skipped`: why it could not run at all, else empty."""

    name: str
    title: str
    kind: Kind
    verdicts: tuple[Verdict, ...]
    skipped: str = ""


class VerdictsError(ValueError):
    """A verdicts file that is not as verdict.proto says; the text names file and line."""


def read(path: Path) -> Consumer:
    """The consumer of one verdicts.jsonl.

    Raises VerdictsError on the first line that is not as verdict.proto says, OSError when the file can't be read.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines:
        raise VerdictsError(f"{path}: empty; the first line must be a VerdictHeader")
    header = _object(path, 1, lines[0])
    try:
        name, title, kind = str(header["consumer"]), str(header["title"]), Kind(header["kind"])
    except (KeyError, ValueError) as error:
        raise VerdictsError(f"{path}:1: not a VerdictHeader (consumer, title, kind): {error}") from None
    return Consumer(
        name=name,
        title=title,
        kind=kind,
        verdicts=tuple(_verdict(path, number, line) for number, line in enumerate(lines[1:], 2) if line.strip()),
        skipped=str(header.get("skipped", "")),
    )


def _verdict(path: Path, number: int, line: str) -> Verdict:
    data = _object(path, number, line)
    try:
        fixture = str(data["fixture"])
        if fixture.count("/") < 2:
            raise ValueError(f"fixture {fixture!r} is not message/dialect/name")
        return Verdict(fixture, Outcome(data["verdict"]), str(data.get("detail", "")))
    except (KeyError, ValueError) as error:
        raise VerdictsError(f"{path}:{number}: not a Verdict: {error}") from None


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise VerdictsError(f"{path}:{number}: not JSON: {error}") from None
    if not isinstance(data, dict):
        raise VerdictsError(f"{path}:{number}: expected a JSON object, got {line[:60]!r}")
    return data
