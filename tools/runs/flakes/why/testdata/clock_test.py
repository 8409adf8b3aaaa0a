"""Wrong on one day in four years."""

from datetime import UTC, datetime


def test_in_a_year() -> None:
    today = datetime.now(UTC)
    assert today.replace(year=today.year + 1) > today
