"""The generated models against the golden corpus: a case per message, and verdicts.jsonl for the matrix.

There is no list of disagreements: the corpus and the models come from one definition and have to agree.
"""

from __future__ import annotations

import importlib
import json
import os
from pathlib import Path

import pytest
from samewire_wire import WireError, registry

from tools.wire.fixtures import archive
from tools.wire.fixtures.consumer import Consumer, Verdict, write

FILES = archive.read(Path(os.environ["SAMEWIRE_FIXTURES"]))
MESSAGES = sorted({entry["message"] for entry in json.loads(FILES[archive.MANIFEST])["files"]})
SHOWN = 5


@pytest.fixture(scope="session")
def failures() -> dict[str, list[Verdict]]:
    """By message, what differs; everything is judged once."""
    (schema,) = Path(os.environ["SAMEWIRE_IR"]).rglob("ir.json")
    for file in json.loads(schema.read_text(encoding="utf-8"))["files"]:
        if file["generate"]:
            importlib.import_module(file["module"])
    consumer = Consumer(registry.find, WireError)
    found: dict[str, list[Verdict]] = {}
    for verdict in write(consumer.verdicts(FILES), Path(os.environ["TEST_UNDECLARED_OUTPUTS_DIR"])):
        found.setdefault(verdict.fixture.split("/", 1)[0], []).append(verdict)
    return found


def test_the_archive_is_whole() -> None:
    assert archive.verify(FILES) > 0


@pytest.mark.parametrize("message", MESSAGES)
def test_message(failures: dict[str, list[Verdict]], message: str) -> None:
    registry.find(message)
    lines = [f"{verdict.fixture}: {verdict.detail[:600]}" for verdict in failures.get(message, [])]
    more = f"\n… and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    if lines:
        pytest.fail("\n".join(lines[:SHOWN]) + more, pytrace=False)
