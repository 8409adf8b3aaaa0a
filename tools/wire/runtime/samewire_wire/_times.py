"""google.protobuf.Timestamp and Duration with all their nanoseconds.

Text forms and ranges: ProtoJSON specification, "Timestamp" and "Duration" (https://protobuf.dev/programming-guides/json/).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from pydantic_core import core_schema

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BILLION = 1_000_000_000
_FIRST, _LAST = -62_135_596_800, 253_402_300_799  # 0001-01-01T00:00:00Z, 9999-12-31T23:59:59Z
_LONGEST = 315_576_000_000  # seconds: 10,000 years
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)
_LENIENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?\s?([Zz]|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)
_DURATION = re.compile(r"(-?)(\d{1,12})(?:\.(\d{1,9}))?s", re.ASCII)
_RANGE = "a timestamp lies between 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999999Z"


@dataclass(frozen=True, slots=True, order=True)
class Timestamp:
    """A point in time: whole `seconds` since 1970 (UTC) and `nanos`, 0 to 999,999,999, that count forward."""

    seconds: int = 0
    nanos: int = 0

    def __post_init__(self) -> None:
        self.check()

    @classmethod
    def unchecked(cls, seconds: int, nanos: int) -> Timestamp:
        """Also out of range, as binary data can be; `str()` refuses it then."""
        result = object.__new__(cls)
        object.__setattr__(result, "seconds", seconds)
        object.__setattr__(result, "nanos", nanos)
        return result

    def check(self) -> None:
        """Raises ValueError when out of range."""
        if not _FIRST <= self.seconds <= _LAST or not 0 <= self.nanos < _BILLION:
            raise ValueError(_RANGE)

    @classmethod
    def from_datetime(cls, moment: datetime) -> Timestamp:
        """`moment` without a zone is taken as UTC."""
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        passed = aware - _EPOCH
        return cls(passed.days * 86_400 + passed.seconds, passed.microseconds * 1000)

    def to_datetime(self) -> datetime:
        """In UTC; nanoseconds below a microsecond are cut off."""
        return _EPOCH + timedelta(seconds=self.seconds, microseconds=self.nanos // 1000)

    @classmethod
    def from_seconds(cls, seconds: float) -> Timestamp:
        """Seconds since 1970, rounded to the microsecond that a float of today's size can hold. Raises ValueError."""
        if not _FIRST <= seconds <= _LAST + 1:  # before a float grows past all numbers
            raise ValueError(_RANGE)
        whole, micros = divmod(round(seconds * 1_000_000), 1_000_000)
        return cls(whole, micros * 1000)

    def to_seconds(self) -> float:
        return self.seconds + round(self.nanos / _BILLION, 9)

    @classmethod
    def parse(cls, text: str) -> Timestamp:
        """RFC 3339 with capital T and Z or an offset, up to 9 fractional digits."""
        match = _RFC3339.fullmatch(text)
        if match is None:
            raise ValueError(f'"{text}" is no RFC 3339 time like "2026-11-21T09:00:00.120Z"')
        return cls._of(match[1], match[2] or "", match[3], text)

    @classmethod
    def parse_lenient(cls, text: str) -> Timestamp:
        """Any ISO 8601 date or date and time; none for the offset means UTC."""
        match = _LENIENT.fullmatch(text.strip())
        if match is None:
            raise ValueError(f'"{text}" is no ISO 8601 time')
        date, minute, second, fraction, zone = match.groups()
        return cls._of(f"{date}T{minute or '00:00'}:{second or '00'}", (fraction or "")[:9], zone or "Z", text)

    @classmethod
    def _of(cls, moment: str, fraction: str, zone: str, text: str) -> Timestamp:
        try:
            local = datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
            seconds = (local - _EPOCH) // timedelta(seconds=1)
            if zone not in "Zz":
                hours, minutes = int(zone[1:3]), int(zone[-2:]) if len(zone) > 3 else 0
                timezone(timedelta(hours=hours, minutes=minutes))  # refuses what is no offset
                if minutes > 59:
                    raise ValueError
                seconds -= (hours * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)
            return cls(seconds, int(fraction.ljust(9, "0")) if fraction else 0)
        except ValueError:
            raise ValueError(f'"{text}" is no time between the years 1 and 9999') from None

    def __str__(self) -> str:
        self.check()
        moment = _EPOCH + timedelta(seconds=self.seconds)
        return f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + fraction(self.nanos) + "Z"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.is_instance_schema(cls, serialization=core_schema.to_string_ser_schema())


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A span of time: `seconds` and `nanos` of the same sign, at most 10,000 years either way."""

    seconds: int = 0
    nanos: int = 0

    def __post_init__(self) -> None:
        self.check()

    @classmethod
    def unchecked(cls, seconds: int, nanos: int) -> Duration:
        """Also out of range, as binary data can be; `str()` refuses it then."""
        result = object.__new__(cls)
        object.__setattr__(result, "seconds", seconds)
        object.__setattr__(result, "nanos", nanos)
        return result

    def check(self) -> None:
        """Raises ValueError when out of range."""
        if abs(self.seconds) > _LONGEST or abs(self.nanos) >= _BILLION or self.seconds * self.nanos < 0:
            raise ValueError("a duration is at most 315,576,000,000 s, its nanos below 1e9 and of the same sign")

    @classmethod
    def from_timedelta(cls, span: timedelta) -> Duration:
        micros = span // timedelta(microseconds=1)
        sign = -1 if micros < 0 else 1
        seconds, rest = divmod(abs(micros), 1_000_000)
        return cls(sign * seconds, sign * rest * 1000)

    def to_timedelta(self) -> timedelta:
        """Nanoseconds below a microsecond are cut off."""
        return timedelta(seconds=self.seconds, microseconds=int(self.nanos / 1000))

    @classmethod
    def parse(cls, text: str) -> Duration:
        """`-1.500s`: seconds, up to 9 fractional digits, the letter s."""
        match = _DURATION.fullmatch(text)
        if match is None:
            raise ValueError(f'"{text}" is no duration like "1.500s"')
        sign = -1 if match[1] else 1
        return cls(sign * int(match[2]), sign * int((match[3] or "").ljust(9, "0")))

    def __str__(self) -> str:
        self.check()
        sign = "-" if self.seconds < 0 or self.nanos < 0 else ""
        return f"{sign}{abs(self.seconds)}{fraction(abs(self.nanos))}s"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.is_instance_schema(cls, serialization=core_schema.to_string_ser_schema())


def fraction(nanos: int) -> str:
    """With 0, 3, 6 or 9 digits, as ProtoJSON asks."""
    if not nanos:
        return ""
    digits = f"{nanos:09}"
    while digits.endswith("000"):
        digits = digits[:-3]
    return "." + digits
