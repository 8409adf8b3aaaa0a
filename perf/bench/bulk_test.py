from __future__ import annotations

from perf.bench.bulk import rows
from perf.bench.rounds import Timing


def test_a_row_for_each_of_ours_beside_the_peer_where_there_is_one() -> None:
    fast, slow = Timing((1e-6,) * 4), Timing((2e-5,) * 4)
    found = list(rows({"samewire/A/value": fast, "samewire/B/value": slow, "polyfactory/A/value": slow}))
    assert [row[:2] for row in found] == [("A", "value"), ("B", "value")]
    assert found[0][3:] == ("≥ 100,000", "50,000", "20.00 (20.00–20.00)")
    assert found[1][3:] == ("≥ 100,000: **missed**", "", "")
