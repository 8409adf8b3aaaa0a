"""A schedule strikes the requests that it means, and the same ones every time."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samewire.mock.v1.fault_wire import FaultSchedule

from mock.engine.api import Apis
from mock.engine.clock import Clock
from mock.engine.faults.plan import FaultPlan
from mock.engine.request import Connection, Request
from mock.engine.stubs.error import StubError
from mock.engine.stubs.files import read_faults

APIS = Apis([])
LATENCIES: list[dict[str, Any]] = [
    {"fixed_s": 0.5},
    {"uniform": {"min_s": 0.1, "max_s": 0.3}},
    {"lognormal": {"median_s": 0.2, "sigma": 0.5}},
    {"recorded": {"buckets": [{"le_s": 0.1, "count": 3}, {"le_s": 0.4, "count": 1}]}},
]
FAULTS: list[dict[str, Any]] = [
    {"kind": "status", "status": 503},
    {"kind": "garbage"},
    {"kind": "truncate"},
    *({"kind": "delay", "latency": latency} for latency in LATENCIES),
    *({"kind": "dribble", "latency": latency} for latency in LATENCIES),
]
RULES = st.fixed_dictionaries(
    {"fault": st.sampled_from(FAULTS)},
    optional={
        "probability": st.floats(0, 1),
        "request": st.sampled_from([{"path": "/a"}, {"path_regex": "^/[ab]"}, {"calls": {"from": 2, "to": 5}}]),
        "from_s": st.integers(0, 5),
    },
)
SCHEDULES = st.fixed_dictionaries({"rules": st.lists(RULES, max_size=4)}, optional={"seed": st.integers(0, 3)})
# A path, and how long after the request before it comes.
REQUESTS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([0, 0, 0.5, 3])), max_size=40)


def asked(path: str = "/") -> Request:
    return Request("GET", path, [], connection=Connection(1))


def struck(schedule: dict[str, Any], requests: Sequence[tuple[str, float]], seed: int = 1) -> list[Any]:
    """All that can be told of the strikes: rule, figures, bytes."""
    clock = Clock(1000.0)
    plan = FaultPlan(FaultSchedule.from_wire(orjson.dumps(schedule)), clock, seed, APIS)
    found: list[Any] = []
    for path, after in requests:
        asyncio.run(clock.advance(after))
        strike = plan.strike(asked(f"/{path}"))
        if strike is None:
            found.append(None)
        else:
            found.append((strike.rule, strike.drawn, strike.seconds(), strike.seconds(), strike.garbage()))
    return found


@settings(max_examples=60, deadline=None)
@given(SCHEDULES, REQUESTS, st.integers(0, 2**63 - 1))
def test_the_same_file_seed_and_requests_give_the_same_strikes(
    schedule: dict[str, Any], requests: list[tuple[str, float]], seed: int
) -> None:
    assert struck(schedule, requests, seed) == struck(schedule, requests, seed)


def test_another_seed_gives_other_strikes() -> None:
    schedule = {"rules": [{"probability": 0.5, "fault": {"kind": "dribble", "latency": LATENCIES[1]}}]}
    requests: list[tuple[str, float]] = [("a", 0)] * 50
    assert struck(schedule, requests, 1) != struck(schedule, requests, 2)
    assert struck(schedule | {"seed": 7}, requests, 1) == struck(schedule | {"seed": 7}, requests, 2)


@settings(max_examples=60, deadline=None)
@given(RULES, RULES, REQUESTS)
def test_what_a_rule_does_depends_on_no_rule_before_it(
    first: dict[str, Any], second: dict[str, Any], requests: list[tuple[str, float]]
) -> None:
    """But for the requests that the first one takes."""
    never = first | {"probability": 0}
    alone = struck({"rules": [never, second]}, requests)
    for both, one in zip(struck({"rules": [first, second]}, requests), alone, strict=True):
        assert both == one or both[0] == "rule-1"


def test_probability_is_a_share() -> None:
    count = 4000
    found = struck({"rules": [{"probability": 0.3, "fault": {"kind": "empty"}}]}, [("a", 0)] * count)
    # Five standard deviations of the binomial distribution.
    assert abs(sum(strike is not None for strike in found) - 0.3 * count) < 5 * (count * 0.3 * 0.7) ** 0.5


def test_a_window_on_the_clock_and_a_range_of_calls() -> None:
    schedule = {
        "rules": [
            {"id": "early", "from_s": 2, "to_s": 4, "fault": {"kind": "empty"}},
            {"id": "second", "request": {"calls": {"from": 2, "to": 3}}, "fault": {"kind": "empty"}},
        ]
    }
    found = struck(schedule, [("a", 1)] * 5)
    assert [strike and strike[0] for strike in found] == [None, "early", "early", None, None]
    assert [strike and strike[0] for strike in struck(schedule, [("a", 0)] * 4)] == [None, "second", "second", None]


def test_a_clock_that_is_set_back_begins_the_schedule_anew() -> None:
    clock = Clock()
    said = {"rules": [{"id": "early", "to_s": 3, "fault": {"kind": "empty"}}, {"fault": {"kind": "hang"}}]}
    plan = FaultPlan(FaultSchedule.from_wire(orjson.dumps(said)), clock, 0, APIS)
    found = []
    for now in (1000.0, 1002.0, 1004.0):
        asyncio.run(clock.set(now))
        strike = plan.strike(asked())
        found.append(strike and strike.rule)
    assert found == ["early", "early", "rule-2"]


def test_when_a_request_came_does_not_change_what_happens_to_later_ones() -> None:
    schedule = {"rules": [{"from_s": 2, "probability": 0.5, "fault": {"kind": "garbage"}}]}
    late = struck(schedule, [("a", 3)] + [("a", 0)] * 39)
    early = struck(schedule, [("a", 0)] * 20 + [("a", 3)] + [("a", 0)] * 19)
    assert early[:20] == [None] * 20
    assert early[20:] == late[20:]
    assert any(early) and None in early[20:]


def test_a_file_is_a_schedule(tmp_path: Path) -> None:
    said: dict[str, Any] = {"seed": 7, "rules": [{"probability": 0.5, "fault": {"kind": "garbage"}}]}
    (tmp_path / "faults.json").write_bytes(orjson.dumps(said))
    plans = [FaultPlan(read_faults(tmp_path / "faults.json"), Clock(), seed, APIS) for seed in (1, 2)]
    first, second = [[(s := plan.strike(asked())) and s.garbage() for _ in range(30)] for plan in plans]
    assert first == second
    assert None in first and any(first)


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        ([{"fault": {"kind": "status"}}], "$.rules[0].fault.status"),
        ([{"fault": {"kind": "delay", "latency": {}}}], "$.rules[0].fault.latency"),
        ([{"fault": {"kind": "hang"}, "from_s": 3, "to_s": 3}], "$.rules[0].to_s"),
        ([{"fault": {"kind": "hang"}, "request": {"path_regex": "("}}], "$.rules[0].request.path_regex"),
        ([{"fault": {"kind": "hang"}}, {"fault": {"kind": "hang"}, "id": "rule-1"}], "$.rules[1].id"),
        ([{"fault": {"kind": "grpc_status", "grpc": {"code": "UNAVAILABEL"}}}], "$.rules[0].fault.grpc.code"),
    ],
)
def test_a_schedule_that_cannot_be_meant(rules: list[Any], path: str) -> None:
    with pytest.raises(StubError) as caught:
        struck({"rules": rules}, [])
    assert caught.value.path == path
