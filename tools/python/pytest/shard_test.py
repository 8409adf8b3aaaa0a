"""How cases are spread over shards."""

import pytest

from tools.python.pytest.shard import split

NODES = [f"pkg/a_test.py::test_{number}" for number in range(40)]


@pytest.mark.parametrize("total", [1, 2, 7, 100])
@pytest.mark.parametrize("durations", [None, {NODES[0]: 3.0, "pkg/gone_test.py::test_old": 1.0}])
def test_every_case_runs_in_exactly_one_shard(total: int, durations: dict[str, float] | None) -> None:
    parts = split(NODES, total, durations)
    assert len(parts) == total
    assert sorted(node for part in parts for node in part) == sorted(NODES)


def test_a_new_case_moves_no_old_one() -> None:
    before = split(NODES, 4)
    after = split(["pkg/a_test.py::test_new", *NODES], 4)
    assert [[node for node in part if node in NODES] for part in after] == before


def test_order_in_a_shard_is_the_order_of_the_files() -> None:
    for part in split(NODES, 3, {node: float(index % 5) for index, node in enumerate(NODES)}):
        assert part == [node for node in NODES if node in part]


def test_recorded_durations_balance_the_shards() -> None:
    durations = {"a": 8.0, "b": 4.0, "c": 3.0, "d": 1.0}
    assert split(["a", "b", "c", "d"], 2, durations) == [["a"], ["b", "c", "d"]]


def test_an_unrecorded_case_counts_as_the_median() -> None:
    assert split(["a", "b", "new"], 2, {"a": 9.0, "b": 5.0, "c": 5.0}) == [["a"], ["b", "new"]]
