from __future__ import annotations

import sys
from pathlib import Path

import pytest

from perf.bench.rounds import Timing
from perf.bench.startup import Launches, rows


@pytest.mark.parametrize(("ours", "goal"), [(0.3, "≤ 250 ms"), (0.4, "≤ 250 ms: **missed**")])
def test_the_excess_is_what_counts(ours: float, goal: str) -> None:
    [row] = rows({"pytest_test": Timing((ours,) * 4), "unittest": Timing((0.1,) * 4)})
    assert row[-1] == goal


def test_a_program_that_fails_is_not_timed(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"red ended with 3:\nwhy"):
        Launches({"red": [sys.executable, "-c", "print('why'); raise SystemExit(3)"]}, tmp_path)
