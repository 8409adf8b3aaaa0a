from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from parity.reference import people
from parity.reference.dialect import NEW, OLD

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KB"), (2048, "2.0 KB"), (1024**6, "1.0 EB"), (None, "N/A"), (-1, "N/A")],
)
def test_size(count: int | None, text: str) -> None:
    assert people.size(count) == text


@pytest.mark.parametrize(
    ("past", "text"),
    [
        ({"seconds": 60}, "just now"),
        ({"seconds": 61}, "1 minute ago"),
        ({"hours": 1, "seconds": 1}, "1 hour ago"),
        ({"days": 7}, "7 days ago"),
        ({"days": 8}, "1 week ago"),
        ({"days": 30}, "4 weeks ago"),
        ({"days": 31}, "2025-12-01"),
    ],
)
def test_time(past: dict[str, int], text: str) -> None:
    assert people.time(NOW - timedelta(**past), NOW, OLD) == text


def test_time_ahead() -> None:
    assert people.time(NOW + timedelta(days=2), NOW, NEW) == "in 2 days"


def test_time_as_text() -> None:
    assert people.time("2025-12-31T23:00:00", NOW, OLD) == "60 minutes ago"
    assert people.time("yesterday", NOW, OLD) == "yesterday"
    assert people.time(None, NOW, OLD) == "N/A"
