"""Calls about rules that need no process: a worker's states, and test modes."""

from __future__ import annotations

import warnings
from dataclasses import asdict
from typing import Any

from parity.bridge.adapters.mode import mode
from parity.bridge.clock import VirtualClock
from parity.bridge.fault import Fault
from parity.bridge.state import State
from parity.bridge.testee.refusal import Refusal


def state(given: Any, _: str) -> Any:
    """Where a worker stands after `moves`. Refused: invalid_transition."""
    stands = State("w1", VirtualClock())
    try:
        for to in given["moves"]:
            stands.move(to, "error")
    except Fault as fault:
        raise Refusal(fault.type, fault.message) from None
    stands.health = given.get("health", "unknown")
    return {"state": stands.now, "takes_work": stands.takes_work, "leaves": stands.leaves, "history": len(stands.moves)}


def chosen_mode(given: Any, _: str) -> Any:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        chosen = mode(given.get("override"), given.get("configured"), given.get("env") or {})
    return asdict(chosen) | {"excluded": sorted(chosen.excluded), "warned": bool(caught)}
