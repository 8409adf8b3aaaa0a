"""What a client raises. Source: tinker.md section 3.8."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from tinker.v1.future_wire import RequestErrorCategory

from parity.reference.category import retryable
from parity.reference.dialect import Dialect

Kind = Literal[
    "bad_request",
    "authentication",
    "billing",
    "permission_denied",
    "not_found",
    "conflict",
    "unprocessable",
    "rate_limit",
    "server",
    "status",
]
_KINDS: dict[int, Kind] = {
    400: "bad_request",
    401: "authentication",
    403: "permission_denied",
    404: "not_found",
    409: "conflict",
    422: "unprocessable",
    429: "rate_limit",
}
_BILLING = 402


def kind(status: int, dialect: Dialect) -> Kind:
    if status == _BILLING and dialect.billing:
        return "billing"
    return "server" if status >= 500 else _KINDS.get(status, "status")


def message(status: int, body: str) -> str:
    """For people: the body as they know it, behind the status."""
    try:
        return f"Error code: {status} - {json.loads(body)}"
    except ValueError:
        return body.strip() or f"Error code: {status}"


class TinkerError(Exception):
    """Of the service or of the way to it. What is asked of it wrongly is a ValueError."""

    @property
    def retryable(self) -> bool:
        """Whether asking once more makes sense."""
        return True


class ConnectionFailed(TinkerError):
    """No answer came."""


class TimedOut(ConnectionFailed):
    """No answer came in time."""


class StatusError(TinkerError):
    """An answer that says no. `kind`: by the status; `body`: text; `headers`: names in lower case."""

    def __init__(self, status: int, body: str, headers: Mapping[str, str], dialect: Dialect) -> None:
        self.status = status
        self.body = body
        self.headers = headers
        self.kind = kind(status, dialect)
        super().__init__(message(status, body))

    @property
    def retryable(self) -> bool:
        return retryable("unknown", self.status)


class ValidationError(TinkerError):
    """An answer that is not the message that it should be."""

    @property
    def retryable(self) -> bool:
        return False


class RequestFailed(TinkerError):
    """The service took the request, and could not do it."""

    def __init__(self, text: str, request_id: str, category: RequestErrorCategory) -> None:
        self.request_id = request_id
        self.category = category
        super().__init__(f"request {request_id} failed: {text} ({category} error)")

    @property
    def retryable(self) -> bool:
        return retryable(self.category, None)


class WaitTimeout(TinkerError, TimeoutError):
    """The result is not there after the time that the caller gave; it can be asked for again."""


class Expired(TinkerError):
    """The service forgot the request (410): it has to be sent anew."""


def user_error(error: BaseException, seen: frozenset[int] = frozenset()) -> BaseException | None:
    """The error, its cause or its context that the user is to blame for. Source: tinker.md section 3.7."""
    if id(error) in seen:
        return None
    if isinstance(error, RequestFailed) and error.category == "user":
        return error
    status: Any = getattr(error, "status", None)
    if isinstance(status, int) and 400 <= status < 500 and status != 408:
        return error
    for other in (error.__cause__, error.__context__):
        if other is not None and (found := user_error(other, seen | {id(error)})) is not None:
            return found
    return None
