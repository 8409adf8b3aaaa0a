from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from parity.reference.dialect import NEW, OLD
from parity.reference.errors import RequestFailed, StatusError
from parity.reference.event import Events
from parity.reference.reporter import Reporter
from parity.reference.telemetry import BATCH, QUEUE, EventQueue

Connect = Callable[..., Any]


def told(service: Any, work: Callable[[Reporter], Any]) -> None:
    async def run() -> None:
        await service.session.begin()
        work(service.session.reporter)
        await service.session.reporter.flush()
        await service.session.aclose(tell=False)

    asyncio.run(run())


def test_events_are_numbered(connect: Connect, server: Any) -> None:
    server.on("telemetry", {"status": "accepted"})
    told(connect(telemetry=True), lambda reporter: reporter.event("a", {"n": 1}))
    (body,) = server.sent("telemetry")
    assert [event["event"] for event in body["events"]] == ["SESSION_START", "GENERIC_EVENT"]
    assert [event["event_session_index"] for event in body["events"]] == [0, 1]
    assert (body["session_id"], body["sdk_version"], "process_uuid" in body) == ("s", "0.4.1", False)
    assert server.requests[-1].headers["x-stainless-read-timeout"] == "5"


def test_batches(connect: Connect, server: Any) -> None:
    server.on("telemetry", {"status": "accepted"})
    told(connect(NEW, telemetry=True), lambda reporter: [reporter.event("a", {}) for _ in range(BATCH)])
    assert [len(body["events"]) for body in server.sent("telemetry")] == [BATCH, 1]
    assert "process_uuid" in server.sent("telemetry")[0]


@pytest.mark.parametrize("answer", [httpx.Response(404), httpx.ConnectError("no"), {"status": "odd"}])
def test_nobody_notices_when_it_fails(connect: Connect, server: Any, answer: Any) -> None:
    server.on("telemetry", answer)
    told(connect(telemetry=True, max_retries=0), lambda reporter: reporter.event("a", {}))
    assert len(server.sent("telemetry")) == 1


def test_off(connect: Connect, server: Any) -> None:
    told(connect(telemetry=False), lambda reporter: reporter.exception(ValueError("x")))
    assert server.sent("telemetry") == []


def test_queue_is_bounded() -> None:
    queue, event = EventQueue(), Events().started()
    assert sum(queue.put(event) for _ in range(QUEUE + 3)) == QUEUE
    assert queue.dropped == 3


@pytest.mark.parametrize(
    ("error", "kind", "severity"),
    [
        (RequestFailed("x", "r", "user"), "GENERIC_EVENT", "WARNING"),
        (RequestFailed("x", "r", "server"), "UNHANDLED_EXCEPTION", "ERROR"),
        (StatusError(404, "b", {}, OLD), "GENERIC_EVENT", "WARNING"),
        (StatusError(408, "b", {}, OLD), "UNHANDLED_EXCEPTION", "ERROR"),
        (RuntimeError("x"), "UNHANDLED_EXCEPTION", "ERROR"),
    ],
)
def test_whose_fault(error: Exception, kind: str, severity: str) -> None:
    event = Events().exception(error)
    assert (event.event, event.severity) == (kind, severity)


def test_the_cause_counts() -> None:
    error = RuntimeError("x")
    error.__cause__ = StatusError(422, "", {}, OLD)
    error.__cause__.__cause__ = error
    assert Events().exception(error).event == "GENERIC_EVENT"
