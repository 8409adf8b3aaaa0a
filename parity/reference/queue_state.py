"""Why the server does not work on a request yet. Source: tinker.md sections 2.2 and 3.4."""

from __future__ import annotations

from tinker.v1.future_wire import QueueState

_BY_NAME: dict[str, QueueState] = {
    "active": "active",
    "paused_capacity": "paused_capacity",
    "paused_rate_limit": "paused_rate_limit",
}


def parse(text: object) -> QueueState:
    """Anything else is unknown."""
    return _BY_NAME.get(text, "unknown") if isinstance(text, str) else "unknown"
