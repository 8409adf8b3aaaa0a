"""The parts of the benchmark, small: what it makes, and that it measures what it says."""

from __future__ import annotations

from pathlib import Path

from perf.bench.rounds import Timing
from perf.runs.history import BENCHMARK, Reader, Store, World, fill, rows
from tools.runs import history


def test_a_small_one(tmp_path: Path) -> None:
    world = World(cases=200, runs=12)
    with history.open(tmp_path / "history.sqlite") as past:
        fill(past, world)
        assert fill(past, world) >= 0
        assert len(past.runs(99)) == 12
        assert sum(1 for _ in past.standings()) == 200
        assert 0 < sum(1 for _ in past.standings(reds_only=True)) < 60
        store, reader = Store(past, world), Reader(past.where)
        timings = {case: store.time(case, 1) for case in store.cases}
        assert len(past.runs(99)) == 13
        timings |= {case: reader.time(case, 1) for case in reader.cases}
    assert all(seconds > 0 for seconds in timings.values())
    table = list(
        rows({case: Timing((seconds,) * 4) for case, seconds in timings.items()} | {"size": Timing((60.0,) * 4)})
    )
    assert all(len(row) == len(BENCHMARK.columns) for row in table)
