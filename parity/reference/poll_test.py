from __future__ import annotations

import json
from typing import Any

import pytest

from parity.reference import poll
from parity.reference.dialect import NEW, OLD, TINKEX, Dialect


def decide(dialect: Dialect, status: int | None, body: Any = None, failures: int = 0) -> poll.Step:
    return poll.decide(
        dialect, status=status, body=b"" if body is None else json.dumps(body).encode(), failures=failures
    )


@pytest.mark.parametrize("dialect", [OLD, NEW, TINKEX])
def test_not_ready(dialect: Dialect) -> None:
    step = decide(dialect, 408, {"queue_state": "paused_capacity"})
    assert (step.then, step.delay_s, step.queue_state, step.observed) == ("poll", 0.0, "paused_capacity", True)


@pytest.mark.parametrize(("dialect", "seconds", "observed"), [(OLD, 0.0, False), (NEW, 0.0, True), (TINKEX, 1.0, True)])
def test_try_again(dialect: Dialect, seconds: float, observed: bool) -> None:
    step = decide(dialect, 200, {"type": "try_again", "request_id": "r", "queue_state": "odd"})
    assert (step.then, step.delay_s, step.queue_state, step.observed) == ("poll", seconds, "unknown", observed)


def test_the_type_alone_decides() -> None:
    assert decide(OLD, 200, {"type": "try_again", "error": "x"}).then == "poll"


def test_the_seeds_take_the_servers_word() -> None:
    assert decide(TINKEX, 200, {"type": "try_again", "queue_state": "active", "retry_after_ms": 250}).delay_s == 0.25


@pytest.mark.parametrize(("dialect", "category"), [(OLD, "unknown"), (NEW, "unknown"), (TINKEX, "user")])
def test_failed(dialect: Dialect, category: str) -> None:
    step = decide(dialect, 200, {"error": "no", "category": "User"})
    assert (step.then, step.kind, step.category) == ("fail", "request_failed", category)


def test_envelope() -> None:
    assert decide(TINKEX, 200, {"status": "completed", "result": {"a": 1}}).result == {"a": 1}
    assert [decide(TINKEX, 200, {"status": "pending"}, n).delay_s for n in (0, 1, 9)] == [1.0, 2.0, 30.0]
    failed = decide(TINKEX, 200, {"status": "failed", "error": {"message": "m", "category": "server"}})
    assert (failed.then, failed.category, failed.reason) == ("fail", "server", "m")


def test_others_know_no_envelope() -> None:
    assert decide(OLD, 200, {"status": "pending"}).result == {"status": "pending"}


def test_metadata_first() -> None:
    metadata = {"status": "complete_metadata", "response_payload_size": 3}
    assert decide(NEW, 200, metadata).then == "fetch"
    assert decide(OLD, 200, metadata).then == "done"


def test_lost() -> None:
    assert [decide(OLD, None, failures=n).delay_s for n in (0, 4, 5, 999)] == [1.0, 16.0, 30.0, 30.0]


@pytest.mark.parametrize(
    ("dialect", "status", "then"),
    [(OLD, 503, "poll"), (OLD, 410, "resubmit"), (OLD, 429, "fail"), (OLD, 400, "fail"), (OLD, 402, "fail"),
     (NEW, 429, "poll"), (NEW, 400, "poll"), (NEW, 402, "poll"), (NEW, 404, "fail"), (TINKEX, 429, "fail")],
)  # fmt: skip
def test_statuses(dialect: Dialect, status: int, then: str) -> None:
    assert decide(dialect, status).then == then


def test_three_bad_requests_are_enough() -> None:
    assert [decide(NEW, 400, failures=n).then for n in (2, 3)] == ["poll", "fail"]


def test_no_json() -> None:
    step = poll.decide(OLD, status=200, body=b"<html>", failures=0)
    assert (step.then, step.kind) == ("fail", "validation")
