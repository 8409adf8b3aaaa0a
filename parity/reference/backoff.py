"""Waiting after a 429 of a sample, and retries around a whole sample. Source: tinker.md section 3.5; seed 000 3.3."""

from __future__ import annotations

from collections.abc import Mapping

from parity.reference.dialect import NEW, TINKEX, Dialect
from parity.reference.retry import retry_after

TOO_MANY = 429
_PAUSE_S = 1.0
_LARGE_BYTES = 128 * 1024
_LARGE_PAUSE_S = 5.0
_FIRST_S = 0.5
_LONGEST_S = 10.0
_JITTER = 0.25


def pause(status: int, headers: Mapping[str, str], prompt_bytes: int, now: float, dialect: Dialect) -> float:
    """Seconds for which all of one tenant wait. 0: not because of this answer."""
    if status != TOO_MANY:
        return 0.0
    if dialect is TINKEX:
        said = retry_after(headers, now)
        return said if said is not None and said > 0 else _PAUSE_S
    return _LARGE_PAUSE_S if dialect is NEW and prompt_bytes > _LARGE_BYTES else _PAUSE_S


def retry_delay(attempt: int, random: float) -> float:
    """Seconds before a sample is tried again as a whole; `random` in [0, 1) spreads it by a quarter both ways."""
    delay = min(_FIRST_S * 2.0 ** min(attempt, 64), _LONGEST_S)
    return max(0.0, min(delay * (1 + _JITTER * (2 * random - 1)), _LONGEST_S))
