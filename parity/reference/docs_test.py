"""docs/reference-client.md does what it says: its Python is run against the mock server."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from mock.client.process import MockProcess

_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_blocks(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    for block in _BLOCK.findall(Path("docs/reference-client.md").read_text(encoding="utf-8")):
        exec(block, names)
    with MockProcess("tinker") as mock:
        asyncio.run(names["train"](mock.address))
        names["sample"](mock.address)
    metrics, samples, first = capsys.readouterr().out.splitlines()
    assert metrics.startswith("['") and metrics.endswith("] True")
    assert (samples, first) == ("1", "None")
