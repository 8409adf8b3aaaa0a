"""What a healthy target looks like beside it."""

import pytest


@pytest.mark.parametrize("number", range(5))
def test_squares(number: int) -> None:
    assert number * number == sum(range(1, 2 * number, 2))
