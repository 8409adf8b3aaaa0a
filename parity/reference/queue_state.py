"""Why the server does not work on a request yet. Source: tinker.md sections 2.2 and 3.4."""

from __future__ import annotations

import logging
from collections.abc import Callable

from tinker.v1.future_wire import QueueState

from parity.reference.clock import Clock

Observer = Callable[[QueueState], None]
_LOG = logging.getLogger("tinker")
_EVERY_S = 60.0
_REASONS: dict[QueueState, str] = {"paused_capacity": "out of capacity", "paused_rate_limit": "rate limit hit"}
_BY_NAME: dict[str, QueueState] = {
    "active": "active",
    "paused_capacity": "paused_capacity",
    "paused_rate_limit": "paused_rate_limit",
}


def parse(text: object) -> QueueState:
    """Anything else is unknown."""
    return _BY_NAME.get(text, "unknown") if isinstance(text, str) else "unknown"


class QueueLog:
    """Tells people why nothing goes on, once a minute at most. `what`: e.g. "Training", `model`: for which."""

    def __init__(self, what: str, model: str, limit: str, clock: Clock) -> None:
        self._text = f"{what} is paused for {model}. Reason:"
        self._limit = limit
        self._clock = clock
        self._said: float | None = None

    def __call__(self, state: QueueState) -> None:
        if state == "active" or (self._said is not None and self._clock.passed() - self._said < _EVERY_S):
            return
        self._said = self._clock.passed()
        reason = f"{self._limit} {_REASONS[state]}" if state == "paused_rate_limit" else _REASONS.get(state, "unknown")
        _LOG.warning("%s %s", self._text, reason)
