"""The bridge's calls of docs/cases.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge.v1 import pool_wire

from parity.bridge.testee import adapter_calls, pool_calls, protocol_calls, rules_calls

DIALECTS: tuple[str, ...] = tuple(pool_wire.FILE.dialects)
Call = Callable[[Any, str], Any]
"""(input, dialect) → result, or an awaitable of it; raises Refusal."""
CALLS: dict[str, Call] = {
    "bridge.frames": protocol_calls.frames,
    "bridge.request.validate": protocol_calls.check_request,
    "bridge.response.validate": protocol_calls.check_response,
    "bridge.response.decode": protocol_calls.decode,
    "bridge.worker": protocol_calls.worker,
    "bridge.state": rules_calls.state,
    "bridge.mode": rules_calls.chosen_mode,
    "pool.script": pool_calls.script,
    "adapter.script": adapter_calls.script,
}
