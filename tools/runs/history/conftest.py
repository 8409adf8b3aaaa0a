"""Where the tests of this room keep their history."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "state" / "history.sqlite")
