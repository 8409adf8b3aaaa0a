"""The test behind `golden_test`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools.private import golden


@pytest.mark.parametrize("pair", os.environ["GOLDEN_PAIRS"].split())
def test_what_is_built_is_what_is_committed(pair: str) -> None:
    """Red with the difference and the command that accepts it."""
    built, _, committed = pair.partition("=")
    after = golden.files(Path(built))
    assert after, f"{built} holds nothing"
    lines = golden.drift(golden.files(Path(committed)), after, committed)
    if lines:
        accept = f"If that is meant: ./bazelw run {os.environ['GOLDEN_UPDATE']}"
        pytest.fail("\n".join([*lines, "", accept]), pytrace=False)
