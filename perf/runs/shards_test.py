"""The benchmark of shards: its suite, and what its table says."""

from __future__ import annotations

import pytest

from perf.bench.rounds import Timing
from perf.runs.shards import CASES, SECONDS, cases, rows, source


@pytest.mark.parametrize("suite", range(1, 12))
def test_suites_are_skewed_and_always_the_same(suite: int) -> None:
    seconds = cases(suite)
    assert cases(suite) == seconds != cases(suite + 1)
    assert len(seconds) == CASES
    assert sum(seconds.values()) == pytest.approx(SECONDS)
    longest = sorted(seconds.values())[-CASES // 10 :]
    assert sum(longest) > SECONDS * 0.3
    compile(source(seconds), "skewed_test.py", "exec")


def test_table() -> None:
    timings = {"turn": Timing((6.0,) * 4), "hash": Timing((5.0,) * 4), "durations": Timing((4.0,) * 4)}
    table = list(rows(timings))
    assert table[1][2] == "1.20 (1.20–1.20)"
    assert table[2][1:] == ("4.00 s", "1.50 (1.50–1.50)", "≥ 1.2 times as fast")
    slow = list(rows(timings | {"durations": Timing((6.0,) * 4)}))
    assert "missed" in slow[2][3]
