"""Which HTTP answers are tried again, and when. Source: tinker.md section 3.1; seed 000 section 4.2."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Literal

from parity.reference.dialect import Dialect

Broken = Literal["timeout", "connection"]
"""Why there is no answer at all."""
MAX_RETRIES = 10
_FIRST_S = 0.5
_LONGEST_S = 10.0
_SERVER_LONGEST_S = 60.0
JITTER = 0.25


def retryable_status(status: int, dialect: Dialect) -> bool:
    return status >= 500 or status in dialect.retried_statuses


def decide(status: int | None, headers: Mapping[str, str], dialect: Dialect) -> bool:
    """Whether a call is tried again. `status` None: no answer came. `headers`: names in lower case."""
    if status is None:
        return dialect.retries_connection
    if status < 400:
        return False
    said = headers.get("x-should-retry")
    if said in ("true", "false"):
        return said == "true"
    return retryable_status(status, dialect)


def delay(retry: int, headers: Mapping[str, str], random: float, now: float) -> float:
    """Seconds before retry number `retry`, from 0: what the server says, where that is sensible, else longer each time.

    `random`: in [0, 1); `now`: seconds since 1970, for a Retry-After that is a date.
    """
    said = retry_after(headers, now)
    if said is not None and 0 < said <= _SERVER_LONGEST_S:
        return said
    return min(_FIRST_S * 2.0 ** min(retry, 64), _LONGEST_S) * (1 - JITTER * random)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that the server asks for. None where it does not, or says what cannot be read."""
    try:
        return float(headers["retry-after-ms"]) / 1000
    except (KeyError, ValueError):
        pass
    said = headers.get("retry-after", "")
    try:
        return float(said)
    except ValueError:
        pass
    try:
        date = parsedate_to_datetime(said)
    except (ValueError, TypeError, OverflowError):
        return None
    return (date if date.tzinfo is not None else date.replace(tzinfo=UTC)).timestamp() - now
