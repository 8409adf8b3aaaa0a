"""Figures as the page takes them: whole and bearable, whatever a test's report says."""

from __future__ import annotations

import math
from collections.abc import Iterable

MOST = 10**12  # milliseconds; 30 years


def ms(seconds: float) -> int:
    """Milliseconds, not below 0."""
    return round(min(max(seconds * 1000, 0), MOST)) if math.isfinite(seconds) else 0


def finite(figures: Iterable[float]) -> list[float]:
    """Those that are figures."""
    return [figure for figure in figures if math.isfinite(figure)]


def share(probability: float) -> float:
    """Between 0 and 1, to four places."""
    return round(min(max(probability, 0.0), 1.0), 4) if math.isfinite(probability) else 0.0


def moment(seconds: float | None) -> float | None:
    """A time since 1970 that a calendar can show, None for what is none."""
    return seconds if seconds is not None and math.isfinite(seconds) and 0 < seconds < 1e11 else None
