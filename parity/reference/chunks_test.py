from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity.reference import chunks
from parity.reference.chunks import Limits, NoDataError
from parity.reference.dialect import NEW, OLD, TINKEX, Dialect


@pytest.mark.parametrize(("count", "cut"), [(127, [127]), (128, [128]), (129, [128, 1]), (0, [])])
def test_length(count: int, cut: list[int]) -> None:
    assert chunks.cut([1] * count, Limits.of(OLD)) == cut


@pytest.mark.parametrize(
    ("sizes", "cut"),
    [
        ([250_000, 249_999], [2]),
        ([250_000, 250_000], [2]),
        ([250_000, 250_001], [1, 1]),
        ([600_000, 1], [1, 1]),
        ([1, 600_000, 1], [1, 1, 1]),
    ],
)
def test_size(sizes: list[int], cut: list[int]) -> None:
    assert chunks.cut(sizes, Limits.of(OLD)) == cut


def test_newer_limits() -> None:
    assert chunks.cut([1] * 1025, Limits.of(NEW)) == [1024, 1]
    assert chunks.cut([5_000_000, 1], Limits.of(NEW)) == [1, 1]


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(1, 7), st.integers(0, 60))
def test_no_chunk_is_too_large_and_none_could_take_one_more(sizes: list[int], most: int, size: int) -> None:
    counts = chunks.cut(sizes, Limits(most, size))
    assert sum(counts) == len(sizes)
    at = 0
    for count in counts:
        held = sum(sizes[at : at + count])
        assert 1 <= count <= most
        assert count == 1 or held <= size
        after = at + count
        assert after == len(sizes) or count == most or held + sizes[after] > size
        at = after


@pytest.mark.parametrize(("parallel", "order"), [(True, [3, 4, 2]), (False, [2, 3, 4])])
def test_sending(parallel: bool, order: list[int]) -> None:
    assert chunks.sending([2, 3, 4], parallel) == order


@pytest.mark.parametrize("dialect", [OLD, TINKEX])
def test_nothing_is_taken(dialect: Dialect) -> None:
    chunks.check(0, dialect)


def test_nothing_is_refused_by_the_newer() -> None:
    chunks.check(1, NEW)
    with pytest.raises(NoDataError, match="at least one"):
        chunks.check(0, NEW)
