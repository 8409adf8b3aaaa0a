"""What came of a step, as docs/cases.md has it."""

from __future__ import annotations

from typing import Any

from parity.reference.errors import (
    ConnectionFailed,
    Expired,
    RequestFailed,
    StatusError,
    TimedOut,
    TinkerError,
    ValidationError,
    WaitTimeout,
)


def of_error(error: Exception) -> dict[str, Any]:
    """Raises `error` again where it is none of a client's."""
    return {"error": _told(error)}


def _told(error: Exception) -> dict[str, Any]:
    match error:
        case StatusError():
            return {"kind": "status", "status": error.status, "retryable": error.retryable}
        case Expired():
            return {"kind": "status", "status": 410, "retryable": True}
        case RequestFailed():
            return {"kind": "request_failed", "category": error.category, "retryable": error.retryable}
        case ValidationError():
            return {"kind": "validation"}
        case TimedOut() | WaitTimeout():
            return {"kind": "timeout"}
        case ConnectionFailed():
            return {"kind": "connection"}
        case TinkerError():
            raise error
        case ValueError() | LookupError():
            return {"kind": "usage"}
        case _:
            raise error
