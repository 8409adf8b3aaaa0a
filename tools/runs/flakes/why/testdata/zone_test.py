"""Takes the local day for the day in UTC."""

from datetime import UTC, datetime


def test_today() -> None:
    assert datetime.now().date() == datetime.now(UTC).date()  # noqa: DTZ005 - this is the bug
