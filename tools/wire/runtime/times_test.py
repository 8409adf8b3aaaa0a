from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samewire_wire import Duration, FieldMask, Timestamp

SECONDS = st.integers(-62_135_596_800, 253_402_300_799)
NANOS = st.integers(0, 999_999_999)


@given(SECONDS, NANOS)
def test_a_timestamp_survives_text(seconds: int, nanos: int) -> None:
    moment = Timestamp(seconds, nanos)
    assert Timestamp.parse(str(moment)) == moment == Timestamp.parse_lenient(str(moment))


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_datetime_survives(moment: datetime) -> None:
    assert Timestamp.from_datetime(moment).to_datetime() == moment


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-11-21T09:00:00.120Z", "2026-11-21T09:00:00.120Z"),
        ("2026-11-21T10:00:00+01:00", "2026-11-21T09:00:00Z"),
        ("2026-11-21T00:30:00-08:30", "2026-11-21T09:00:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"),
        ("1969-12-31T23:59:59.000001Z", "1969-12-31T23:59:59.000001Z"),
    ],
)
def test_forms(text: str, written: str) -> None:
    assert str(Timestamp.parse(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21t09:00:00Z",
        "2026-11-21T09:00:00z",
        "2026-11-21T09:00:00",
        "2026-13-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-01:00",
        "2026-11-21T09:00:00.1234567890Z",
        "2026-11-21T09:00:00+24:00",
        "",
    ],
)
def test_what_is_no_timestamp(text: str) -> None:
    with pytest.raises(ValueError, match="time"):
        Timestamp.parse(text)


def test_lenient_forms() -> None:
    nine = Timestamp.parse("2026-11-21T09:00:00Z")
    for text in ("2026-11-21 09:00:00", "2026-11-21T09:00", "2026-11-21T09:00:00+0000", "2026-11-21t10:00:00 +01"):
        assert Timestamp.parse_lenient(text) == nine
    assert Timestamp.from_seconds(nine.to_seconds() + 0.12) == Timestamp(nine.seconds, 120_000_000)


@given(st.integers(-315_576_000_000, 315_576_000_000), NANOS)
def test_a_duration_survives_text(seconds: int, nanos: int) -> None:
    span = Duration(seconds, (-nanos if seconds < 0 else nanos) * (abs(seconds) < 315_576_000_000))
    assert Duration.parse(str(span)) == span


@given(st.timedeltas(timedelta(days=-3_652_500), timedelta(days=3_652_500)))
def test_a_timedelta_survives(span: timedelta) -> None:
    assert Duration.from_timedelta(span).to_timedelta() == span


def test_durations() -> None:
    assert str(Duration(0, -500_000_000)) == "-0.500s"
    for wrong in ("1", "1.s", ".5s", "+1s", "315576000001s", "1e3s"):
        with pytest.raises(ValueError, match="duration"):
            Duration.parse(wrong)
    with pytest.raises(ValueError, match="sign"):
        Duration(1, -1)


def test_binary_may_be_out_of_range_but_text_not() -> None:
    with pytest.raises(ValueError, match="between"):
        str(Timestamp.unchecked(253_402_300_800, 0))


def test_field_masks() -> None:
    assert str(FieldMask(("user.display_name", "photo"))) == "user.displayName,photo"
    assert FieldMask.parse("user.displayName,photo").paths == ("user.display_name", "photo")
    for path in ("fooBar", "foo__bar", "foo_3"):
        with pytest.raises(ValueError, match="lowerCamelCase"):
            str(FieldMask((path,)))


@pytest.mark.parametrize("seconds", [1e308, -1e308, float("inf"), float("nan"), 10**400, 253402300800.5])
def test_seconds_out_of_range(seconds: float) -> None:
    with pytest.raises(ValueError, match="a timestamp lies between"):
        Timestamp.from_seconds(seconds)
