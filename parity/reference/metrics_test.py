from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity.reference.dialect import NEW, OLD, TINKEX, Dialect
from parity.reference.metrics import Measured, MetricKeyError, ZeroWeightError, reduce

THREE = [Measured({f"a:{how}": value for how in ("mean", "slack", "min", "max", "sum", "unique")}, weight)
         for value, weight in ((1.0, 1), (3.0, 3), (3.0, 0))]  # fmt: skip


def test_reductions() -> None:
    assert reduce(THREE, OLD) == {
        "a:mean": 2.5,
        "a:slack": 0.5,
        "a:min": 1.0,
        "a:max": 3.0,
        "a:sum": 7.0,
        "a:unique": 1.0,
        "a:unique_1": 3.0,
        "a:unique_2": 3.0,
    }


def test_seeds_count_unique_from_two() -> None:
    assert [key for key in reduce(THREE, TINKEX) if "unique" in key] == ["a:unique", "a:unique_2", "a:unique_3"]


@pytest.mark.parametrize(
    ("values", "hashed"),
    [
        ([1.0], -6644214454873602895),
        ([2.0, 1.0], -3550055125485641917),
        ([3.7, -1.0], 6299364165049820628),
        ([0.0], -8753497827991233192),
    ],
)
def test_hash_unordered(values: list[float], hashed: int) -> None:
    assert reduce([Measured({"a:hash_unordered": value}, 1) for value in values], OLD) == {
        "a:hash_unordered": float(hashed)
    }


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="compares with CPython's own hash")
@given(st.lists(st.integers(-(2**70), 2**70), min_size=1, max_size=6))
def test_hash_unordered_is_that_of_cpython(values: list[int]) -> None:
    hashed = hash(tuple(sorted(int(float(value)) for value in values)))
    assert reduce([Measured({"a:hash_unordered": float(value)}, 1) for value in values], OLD) == {
        "a:hash_unordered": float(hashed)
    }


@pytest.mark.parametrize(("dialect", "kept"), [(OLD, {}), (TINKEX, {}), (NEW, {"a:hash2": 2})])
def test_hash2_is_of_the_newer(dialect: Dialect, kept: dict[str, float]) -> None:
    assert reduce([Measured({"a:hash2": 3.7}, 1), Measured({"a:hash2": -1.0}, 1)], dialect) == kept


def test_keys_of_the_first_that_all_have() -> None:
    first, second = Measured({"a:sum": 1.0, "b:sum": 1.0, "c:odd": 1.0}, 1), Measured({"b:sum": 2.0, "d:sum": 1.0}, 1)
    assert reduce([first, second], OLD) == {"b:sum": 3.0}


@pytest.mark.parametrize("key", ["a", "a:b:c", ""])
def test_bad_key(key: str) -> None:
    with pytest.raises(MetricKeyError, match="name:reduction"):
        reduce([Measured({key: 1.0}, 1)], OLD)


@pytest.mark.parametrize("how", ["mean", "slack"])
def test_zero_weight(how: str) -> None:
    with pytest.raises(ZeroWeightError):
        reduce([Measured({f"a:{how}": 1.0}, 0)], OLD)


def test_nothing() -> None:
    assert reduce([], OLD) == {}
