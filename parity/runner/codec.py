"""Codec cases: the golden corpus, asked of a client one text at a time."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from samewire.parity.v1.case_wire import Expectation, Rejected
from samewire.parity.v1.result_wire import Difference

from parity.runner.corpus import DEADLINE_MS, Question
from tools.wire.fixtures.jsontext import NotJsonError, equal, parse

CALL = "codec"
SOURCE = ("proto/ (the golden corpus)",)


def questions(archive: Path, package: str, dialects: Collection[str]) -> list[Question]:
    """One for each fixture of a package, in the dialects; `archive` is the unpacked corpus (//proto:fixtures_dir)."""
    found: list[Question] = []
    manifest = json.loads((archive / "manifest.json").read_bytes())
    for entry in manifest["files"]:
        if entry["message"].startswith(package + ".") and entry["dialect"] in dialects:
            for fixture in json.loads((archive / entry["path"]).read_bytes())["fixtures"]:
                found.append(_question(entry["message"], entry["dialect"], fixture))
    return found


def _question(message: str, dialect: str, fixture: dict[str, Any]) -> Question:
    text = fixture.get("json")
    given = {"json": text} if text is not None else {"json_base64": fixture["json_base64"]}
    if needs := fixture.get("needs"):
        given["needs"] = needs
    if fixture["expect"] == "reject":
        expect = Expectation(rejected=Rejected())
    else:
        expect = Expectation(result={"json": fixture.get("becomes", text)})
    return Question(
        name=f"codec/{message}/{fixture['id'].split('/', 2)[2]}",
        dialect=dialect,
        call=CALL,
        input={"message": message, **given},
        scenario=None,
        expect=expect,
        source=SOURCE,
        why=fixture["why"],
        deadline_ms=DEADLINE_MS,
    )


def text_differences(expected: str, got: Any) -> list[Difference]:
    """Two JSON texts, compared by their values as fixture.proto says."""
    text = got.get("json") if isinstance(got, dict) else None
    if not isinstance(text, str):
        return [Difference(path="$", expected={"json": expected}, got=got, what="differs")]
    try:
        same = equal(parse(text.encode("utf-8", "surrogatepass")), parse(expected.encode()))
    except NotJsonError as error:
        return [Difference(path="$.json", got=text, what=f"is no JSON: {error.reason}")]
    return [] if same else [Difference(path="$.json", expected=expected, got=text, what="differs")]


def of_bytes(given: dict[str, Any]) -> bytes:
    """The text that a codec case asks about."""
    if "json_base64" in given:
        return base64.b64decode(given["json_base64"])
    return str(given["json"]).encode()
