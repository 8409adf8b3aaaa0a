from __future__ import annotations

import json
from itertools import product
from typing import cast, get_args

import pytest
from bridge.v1.state_wire import TransitionReason, WorkerState
from hypothesis import given
from hypothesis import strategies as st

from parity.bridge.clock import VirtualClock
from parity.bridge.fault import Fault
from parity.bridge.state import KEPT, MOVES, State

STATES = [state for state in get_args(WorkerState) if not state.endswith("UNSPECIFIED")]
REASONS = [reason for reason in get_args(TransitionReason) if not reason.endswith("UNSPECIFIED")]

# bridge_tinyllm_ollama.md A4, "Explicit state machine", row by row.
FACTS = {
    "initializing": "ready terminated",
    "ready": "busy degraded terminating",
    "busy": "ready degraded terminating",
    "degraded": "ready terminating",
    "terminating": "terminated",
    "terminated": "",
}


def state_in(now: str) -> State:
    state = State("w1", VirtualClock())
    state.now = cast(WorkerState, now)
    return state


@pytest.mark.parametrize(("start", "end"), list(product(STATES, STATES)))
def test_every_move_is_allowed_or_refused_as_the_facts_say(start: str, end: str) -> None:
    state = state_in(start)
    if end in FACTS[start].split():
        state.move(cast(WorkerState, end), "checkout")
        assert state.now == end
    else:
        with pytest.raises(Fault) as caught:
            state.move(cast(WorkerState, end), "checkout")
        assert caught.value.type == "invalid_transition"
        assert caught.value.context == {"worker_id": "w1", "from": start, "to": end}
        assert state.now == start
        assert not state.moves


@pytest.mark.parametrize(("now", "health"), list(product(STATES, ["unknown", "healthy", "unhealthy"])))
def test_who_takes_work_and_who_leaves(now: str, health: str) -> None:
    state = state_in(now)
    state.health = health  # type: ignore[assignment]
    assert state.takes_work == ((now, health) == ("ready", "healthy"))
    assert state.leaves == (now in ("terminating", "terminated"))


def test_a_new_machine_knows_nothing_of_its_health() -> None:
    model = State("w1", VirtualClock()).model()
    assert (model.state, model.health, model.history) == ("initializing", "unknown", [])


def test_moves_are_told_newest_first_with_their_durations() -> None:
    clock = VirtualClock()
    state = State("w1", clock, wall=lambda: 1_795_207_561.5)
    clock._now = 0.25
    state.move("ready", "init_complete")
    clock._now = 1.25
    state.move("busy", "checkout", session="s1")
    told = json.loads(state.model().to_wire("bridge-v2"))["history"]
    assert [(move["from"], move["to"], move["reason"], move["duration_ms"]) for move in told] == [
        ("ready", "busy", "checkout", 1000),
        ("initializing", "ready", "init_complete", 250),
    ]
    assert told[0]["timestamp"] == 1_795_207_561.5
    assert told[0]["metadata"] == {"session": "s1"}


def test_memory_has_an_end() -> None:
    state = state_in("ready")
    for _ in range(KEPT):
        state.move("busy", "checkout")
        state.move("ready", "checkin_success")
    assert len(state.moves) == KEPT


@given(st.lists(st.tuples(st.sampled_from(STATES), st.sampled_from(REASONS)), max_size=30))
def test_any_walk_stays_on_the_table(walk: list[tuple[WorkerState, TransitionReason]]) -> None:
    state = State("w1", VirtualClock())
    for to, reason in walk:
        before = state.now
        try:
            state.move(to, reason)
        except Fault:
            assert to not in MOVES[before]
            assert state.now == before
        else:
            assert to in MOVES[before]
