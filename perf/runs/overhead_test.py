"""The table, from timings that are given."""

from perf.bench.rounds import Timing
from perf.runs.overhead import BENCHMARK, rows

PLAIN = Timing((60.0, 62.0, 64.0, 66.0))
TIMINGS = {
    "bazel, executed": PLAIN,
    "check, executed": Timing(tuple(1.02 * each for each in PLAIN.rounds)),
    "check --no-bes, executed": Timing(tuple(1.05 * each for each in PLAIN.rounds)),
    "bazel, cached": Timing((1.0, 1.0, 1.0, 1.0)),
    "check, cached": Timing((2.5, 2.5, 2.5, 2.5)),
}


def test_the_share_is_paired_by_round() -> None:
    table = list(rows(TIMINGS))
    assert [row[3][:5] for row in table] == ["", "1.020", "1.050", "", ""] and table[1][5] == "≤ 1.03"
    assert table[-1][4].startswith("1.50 s")
    assert all(len(row) == len(BENCHMARK.columns) for row in table)


def test_a_missed_goal_is_said() -> None:
    slow = TIMINGS | {"check, executed": Timing(tuple(1.1 * each for each in PLAIN.rounds))}
    assert "missed" in list(rows(slow))[1][5]
