"""Telemetry events. Source: tinker.md sections 2.9 and 3.7."""

from __future__ import annotations

import traceback
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from samewire_wire import JsonValue, Timestamp
from tinker.v1.telemetry_wire import (
    GenericEvent,
    SessionEndEvent,
    SessionStartEvent,
    Severity,
    TelemetryEvent,
    UnhandledExceptionEvent,
)

from parity.reference.errors import StatusError, user_error

USER_ERROR = "user_error"


class Events:
    """Makes the events of one session; each has the next index, from 0, in the order of making."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._began = now()
        self._next = 0

    def started(self) -> SessionStartEvent:
        return SessionStartEvent(
            event="SESSION_START",
            event_id=_id(),
            event_session_index=self._index(),
            severity="INFO",
            timestamp=self._time(),
        )

    def ended(self) -> SessionEndEvent:
        """`duration` as Python writes a timedelta, as 0.4.1 does."""
        return SessionEndEvent(
            duration=str(self._now() - self._began),
            event="SESSION_END",
            event_id=_id(),
            event_session_index=self._index(),
            severity="INFO",
            timestamp=self._time(),
        )

    def generic(self, name: str, data: dict[str, JsonValue], severity: Severity = "INFO") -> GenericEvent:
        return GenericEvent(
            event="GENERIC_EVENT",
            event_id=_id(),
            event_name=name,
            event_session_index=self._index(),
            severity=severity,
            timestamp=self._time(),
            event_data=data,
        )

    def exception(self, error: BaseException, severity: Severity = "ERROR") -> TelemetryEvent:
        """A user's own error is no crash: it is told as a generic event, and as a warning."""
        if (blamed := user_error(error)) is not None:
            return self.generic(USER_ERROR, _user_data(error, blamed), "WARNING")
        trace = "".join(traceback.format_exception(error)) if error.__traceback__ else None
        return UnhandledExceptionEvent(
            error_message=str(error),
            error_type=type(error).__name__,
            event="UNHANDLED_EXCEPTION",
            event_id=_id(),
            event_session_index=self._index(),
            severity=severity,
            timestamp=self._time(),
            traceback=trace,
        )

    def _index(self) -> int:
        self._next += 1
        return self._next - 1

    def _time(self) -> Timestamp:
        return Timestamp.from_datetime(self._now())


def _user_data(error: BaseException, blamed: BaseException) -> dict[str, JsonValue]:
    data: dict[str, JsonValue] = {"error_type": type(error).__name__}
    if text := str(error):
        data["message"] = text
    if isinstance(blamed, StatusError):
        data["status_code"] = blamed.status
        if blamed.body:
            data["body"] = blamed.body
    return data


def _id() -> str:
    return str(uuid.uuid4())
