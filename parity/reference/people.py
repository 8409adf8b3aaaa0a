"""Sizes and times for people. Source: tinker.md section 3.11."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from parity.reference.dialect import NEW, Dialect

_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")
NONE = "N/A"


def size(count: int | None) -> str:
    """Of bytes: 2048 → "2.0 KB"."""
    if count is None or count < 0:
        return NONE
    left = float(count)
    for unit in _UNITS:
        if left < 1024:
            return f"{count} B" if unit == "B" else f"{left:.1f} {unit}"
        left /= 1024
    return f"{left:.1f} EB"


def time(then: datetime | str | None, now: datetime, dialect: Dialect) -> str:
    """How long ago, up to 30 days; else the day. Without a zone it is UTC. Text that is no time stays as it is."""
    if not then:
        return NONE
    if isinstance(then, str):
        try:
            return time(datetime.fromisoformat(then), now, dialect)
        except ValueError:
            return then
    then = then.astimezone(UTC) if then.tzinfo is not None else then.replace(tzinfo=UTC)
    if then > now and dialect is NEW:
        return _distance(then, then - now, "in {}", "in less than a minute")
    return _distance(then, now - then, "{} ago", "just now")


def _distance(then: datetime, apart: timedelta, form: str, near: str) -> str:
    if apart.days > 30:
        return then.strftime("%Y-%m-%d")
    if apart.days > 7:
        return form.format(_count(apart.days // 7, "week"))
    if apart.days > 0:
        return form.format(_count(apart.days, "day"))
    if apart.seconds > 3600:
        return form.format(_count(apart.seconds // 3600, "hour"))
    if apart.seconds > 60:
        return form.format(_count(apart.seconds // 60, "minute"))
    return near


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'s' if number > 1 else ''}"
