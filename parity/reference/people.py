"""Sizes and times for people. Source: tinker.md section 3.11."""

from __future__ import annotations

from datetime import UTC, datetime

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


def time(then: datetime | None, now: datetime) -> str:
    """How long ago, up to 30 days; else the day. A time without a zone is UTC."""
    if then is None:
        return NONE
    then = then.astimezone(UTC) if then.tzinfo is not None else then.replace(tzinfo=UTC)
    past = now - then
    if past.days > 30:
        return then.strftime("%Y-%m-%d")
    if past.days > 7:
        return _ago(past.days // 7, "week")
    if past.days > 0:
        return _ago(past.days, "day")
    if past.seconds > 3600:
        return _ago(past.seconds // 3600, "hour")
    if past.seconds > 60:
        return _ago(past.seconds // 60, "minute")
    return "just now"


def _ago(count: int, unit: str) -> str:
    return f"{count} {unit}{'s' if count > 1 else ''} ago"
