"""Rounds over a real worker process; nothing here asserts a time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from perf.bench.rounds import Timing, Worker, excess, ratio, run

WORKER = """
import sys
sys.path[:] = {path!r}
from perf.bench.worker import serve
serve({{"a/b/c": lambda: sum(range(1000))}})
"""


def worker() -> Worker:
    return Worker([sys.executable, "-c", WORKER.format(path=sys.path)])


def test_every_case_is_timed_once_a_round() -> None:
    with worker() as first:
        timings = run([first], 4)
    assert list(timings) == ["a/b/c"] and len(timings["a/b/c"].rounds) == 4
    assert 0 < timings["a/b/c"].best <= timings["a/b/c"].median


def test_a_worker_that_dies_is_named(tmp_path: Path) -> None:
    path = tmp_path / "dies.py"
    path.write_text("raise SystemExit(3)")
    with pytest.raises(RuntimeError, match=r"benchmark worker .*dies\.py.* ended with 3"):
        Worker([sys.executable, str(path)])


def test_a_ratio_is_taken_round_by_round() -> None:
    ours, peer = Timing((1.0, 2.0, 1.0, 2.0)), Timing((2.0, 4.0, 2.0, 8.0))
    found = ratio(ours, peer)
    assert (found.median, found.low) == (2.0, 2.0) and found.high > 2.0
    assert str(ratio(ours, ours)) == "1.00 (1.00–1.00)"


def test_an_excess_is_taken_round_by_round() -> None:
    ours, peer = Timing((1.0, 2.0, 1.0, 2.0)), Timing((0.5, 1.5, 0.5, 1.0))
    found = excess(ours, peer)
    assert (found.median, found.low) == (0.5, 0.5) and found.high > 0.5
    assert found.format("{:.1f} s").startswith("0.5 s (0.5 s–")
