"""Not flaky."""

import pytest


@pytest.mark.parametrize("number", range(5))
def test_steady(number: int) -> None:
    assert number < 5
