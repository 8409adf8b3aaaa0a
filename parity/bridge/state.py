"""The states of a worker, and the moves between them that are allowed (facts A4)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from bridge.v1.state_wire import Health, StateMachine, Transition, TransitionReason, WorkerState
from samewire_wire import JsonValue, Timestamp

from parity.bridge.clock import Clock
from parity.bridge.fault import Fault

# From a state to those that may follow it; bridge/v1/state.proto says the same in words.
MOVES: Mapping[WorkerState, frozenset[WorkerState]] = {
    "initializing": frozenset({"ready", "terminated"}),
    "ready": frozenset({"busy", "degraded", "terminating"}),
    "busy": frozenset({"ready", "degraded", "terminating"}),
    "degraded": frozenset({"ready", "terminating"}),
    "terminating": frozenset({"terminated"}),
    "terminated": frozenset(),
}
KEPT = 64  # moves that are remembered; the source keeps all, which never ends


class Move(NamedTuple):
    """One move; `seconds` were spent in `from_`, and `at` is seconds since 1970."""

    from_: WorkerState
    to: WorkerState
    reason: TransitionReason
    seconds: float
    at: float
    metadata: dict[str, JsonValue]


class State:
    """Where one worker stands."""

    def __init__(self, worker_id: str, clock: Clock, wall: Callable[[], float] = time.time) -> None:
        self.worker_id = worker_id
        self.now: WorkerState = "initializing"
        self.health: Health = "unknown"
        self.moves: deque[Move] = deque(maxlen=KEPT)  # newest first
        self._clock = clock
        self._wall = wall
        self._since = clock.now()

    def move(self, to: WorkerState, reason: TransitionReason, **metadata: JsonValue) -> None:
        """Raises Fault(invalid_transition) for a move that MOVES does not have; the state stays."""
        if to not in MOVES[self.now]:
            raise Fault(
                "invalid_transition",
                f"A worker cannot go from {self.now} to {to}",
                worker_id=self.worker_id,
                **{"from": self.now, "to": to},
            )
        now = self._clock.now()
        self.moves.appendleft(Move(self.now, to, reason, now - self._since, self._wall(), metadata))
        self.now = to
        self._since = now

    @property
    def takes_work(self) -> bool:
        return self.now == "ready" and self.health == "healthy"

    @property
    def leaves(self) -> bool:
        return self.now in ("terminating", "terminated")

    def model(self) -> StateMachine:
        history = [
            Transition(
                from_=move.from_,
                to=move.to,
                reason=move.reason,
                duration_ms=int(move.seconds * 1000),
                timestamp=Timestamp.from_seconds(move.at),
                metadata=move.metadata,
            )
            for move in self.moves
        ]
        return StateMachine(worker_id=self.worker_id, state=self.now, health=self.health, history=history)
