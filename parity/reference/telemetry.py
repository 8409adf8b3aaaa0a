"""Events wait in a queue and go out in batches. Source: tinker.md section 3.7."""

from __future__ import annotations

from collections import deque

from tinker.v1.telemetry_wire import TelemetryEvent

QUEUE = 10_000
"""Events that wait; more are dropped."""
BATCH = 100
"""Events of one request."""
FLUSH_EVERY_S = 10.0
TIMEOUT_S = 5.0


class EventQueue:
    """Bounded: telemetry may get lost, but takes no memory and stops nothing."""

    def __init__(self) -> None:
        self._events: deque[TelemetryEvent] = deque()
        self.dropped = 0

    def put(self, event: TelemetryEvent) -> bool:
        """False where it was dropped."""
        if len(self._events) >= QUEUE:
            self.dropped += 1
            return False
        self._events.append(event)
        return True

    def batch(self) -> list[TelemetryEvent]:
        """The next events to send; empty when there are none."""
        return [self._events.popleft() for _ in range(min(BATCH, len(self._events)))]
