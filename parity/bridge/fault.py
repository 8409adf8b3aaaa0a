"""What goes wrong in a pool, in four parts: category, type, message, context (facts A5)."""

from __future__ import annotations

from typing import NamedTuple

from bridge.v1.error_wire import ErrorCategory, PoolError, PoolFailure, PoolReason
from samewire_wire import JsonValue


class Kind(NamedTuple):
    """How a type of fault is sorted, and its one word in bridge-v1 and seed 004; None where they give the text."""

    category: ErrorCategory
    reason: PoolReason | None = None


# Those of v2 first, then what only seed 004 or the explicit rules here have.
KINDS = {
    "checkout_timeout": Kind("timeout_error", "pool_timeout"),
    "command_timeout": Kind("timeout_error", "timeout"),
    "pool_not_available": Kind("resource_error", "pool_not_initialized"),
    "pool_exit": Kind("system_error"),
    "python_error": Kind("communication_error"),
    "response_mismatch": Kind("communication_error", "response_mismatch"),
    "decode_error": Kind("communication_error"),
    "encode_error": Kind("communication_error"),
    "port_exited": Kind("communication_error", "port_exited"),
    "port_send_failed": Kind("communication_error", "send_failed"),
    "worker_init_failed": Kind("initialization_error", "worker_init_failed"),
    "session_mismatch": Kind("session_error", "session_mismatch"),
    "session_not_found": Kind("session_error", "session_not_found"),
    "invalid_checkout_type": Kind("system_error", "invalid_checkout_type"),
    "invalid_transition": Kind("system_error"),
    "health_check_failed": Kind("health_check_error"),
}


class Fault(Exception):
    """`type`: a key of KINDS; `message`: for people; `context`: worker_id, command, timeout_ms and the like."""

    def __init__(self, type_: str, message: str, /, **context: JsonValue) -> None:
        self.type = type_
        self.category = KINDS[type_].category
        self.message = message
        self.context = context
        super().__init__(message)

    def within(self, **context: JsonValue) -> Fault:
        """The same where more is known; what it said itself goes first."""
        return Fault(self.type, self.message, **{**context, **self.context})

    def model(self) -> PoolError:
        return PoolError(category=self.category, type=self.type, message=self.message, context=self.context)

    def failure(self, dialect: str) -> PoolFailure:
        """As the dialect says it: four parts in bridge-v2, else a word or the text."""
        return self.model() if dialect == "bridge-v2" else KINDS[self.type].reason or self.message
