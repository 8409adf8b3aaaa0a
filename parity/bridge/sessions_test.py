from __future__ import annotations

import pytest

from parity.bridge.clock import VirtualClock
from parity.bridge.fault import Fault
from parity.bridge.sessions import Sessions


def sessions(now: float = 0.0) -> tuple[Sessions[str], VirtualClock]:
    clock = VirtualClock(now)
    return Sessions(clock), clock


def test_a_session_is_tracked_once() -> None:
    known, clock = sessions(1.0)
    first, new = known.track("s1")
    clock._now = 2.0
    assert new
    assert known.track("s1") == (first, False)
    assert ("s1" in known, "s2" in known, len(known)) == (True, False, 1)
    assert known.infos()["s1"].started_at == 1000


def test_the_end_of_one_that_is_not_there() -> None:
    known, _ = sessions()
    with pytest.raises(Fault, match="There is no session ghost") as caught:
        known.end("ghost")
    assert caught.value.failure("bridge-seed") == "session_not_found"


def test_a_worker_keeps_several_sessions_and_loses_all() -> None:
    known, _ = sessions()
    for name in ("s1", "s2", "s3"):
        known.bind(known.track(name)[0], "x")
    known.bind(known.track("s3")[0], "y")
    assert (known.count("x"), known.count("y"), known.worker("s3")) == (2, 1, "y")
    assert known.end("s1").worker is None
    assert known.lose("x") == 1
    assert (known.worker("s2"), known.count("x"), known.lose("x")) == (None, 0, 0)


def test_an_ended_session_is_not_bound_any_more() -> None:
    known, _ = sessions()
    ended, _ = known.track("s1")
    known.end("s1")
    known.bind(ended, "x")
    assert known.count("x") == 0
    assert known.worker("s1") is None


def test_stale_is_who_was_not_used_and_is_not_used() -> None:
    known, clock = sessions()
    for name in ("old", "used", "young"):
        known.track(name)
    known.track("used")[0].using = 1
    clock._now = 10.0
    known.track("young")[0].active = 9.0
    assert list(known.stale(10)) == ["old"]
    assert list(known.stale(10.5)) == []
