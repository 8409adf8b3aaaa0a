from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from parity.reference import promise, session
from parity.reference.dialect import NEW, OLD, Dialect
from parity.reference.errors import RequestFailed
from parity.reference.promise import Promise

Connect = Callable[..., Any]


def alive(service: Any, seconds: float) -> None:
    async def run() -> None:
        await service.session.begin()
        await service.session.begin()
        await asyncio.sleep(seconds)
        await service.session.aclose(tell=False)

    asyncio.run(run())


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "HEARTBEAT_EVERY_S", 0.01)


def test_heartbeat(connect: Connect, server: Any) -> None:
    server.on("session_heartbeat", httpx.Response(500), {"type": "session_heartbeat"})
    alive(connect(), 0.3)
    beats = server.sent("session_heartbeat")
    assert len(beats) >= 3
    assert beats[0] == {"session_id": "s"}
    assert [r.headers["x-stainless-retry-count"] for r in server.requests[1:3]] == ["0", "0"]
    assert server.requests[1].headers["x-stainless-read-timeout"] == "10"
    assert len(server.sent("create_session")) == 1


@pytest.mark.parametrize(("dialect", "ends"), [(OLD, False), (NEW, True)])
def test_the_newer_stops_when_the_session_is_gone(connect: Connect, server: Any, dialect: Dialect, ends: bool) -> None:
    server.on("session_heartbeat", httpx.Response(410, json={}))
    alive(connect(dialect), 0.3)
    assert (len(server.sent("session_heartbeat")) == 1) is ends


def test_what_the_service_says_is_in_the_log(connect: Connect, server: Any, caplog: pytest.LogCaptureFixture) -> None:
    server.on("create_session", {"session_id": "s", "warning_message": "be careful"})
    alive(connect(), 0.0)
    assert [(r.levelno, r.getMessage()) for r in caplog.records if r.name == "tinker"] == [
        (logging.WARNING, "be careful")
    ]


def test_errors_on_the_way_are_told(connect: Connect, server: Any) -> None:
    server.on("telemetry", {"status": "accepted"})
    server.on("training_runs/r", httpx.Response(503))
    server.on("retrieve_future", httpx.ConnectError("x"), httpx.Response(500), {"error": "e", "category": "user"})
    service = connect(telemetry=True, max_retries=0)

    async def run() -> None:
        await service.session.begin()
        failing = service.rest().get_training_run("r")
        with pytest.raises(Exception, match="503"):
            await failing
        with pytest.raises(RequestFailed):
            await service.session.poller.result(Promise(promise.OPTIM_STEP, "r"))
        await service.session.reporter.flush()
        await service.session.aclose(tell=False)

    asyncio.run(run())
    events = [event for body in server.sent("telemetry") for event in body["events"]][1:]
    submits = [event for event in events if event["event_name"].startswith("Internal")]
    assert [event["event_data"]["is_retryable"] for event in submits] == [True] * (len(submits) - 1) + [False]
    assert submits[-1]["severity"] == "ERROR"
    assert submits[0]["severity"] == "WARNING"
    assert [(event["event_name"].rpartition(".")[2], event["severity"]) for event in events[len(submits) :]] == [
        ("connection_error", "ERROR"),
        ("api_status_error", "ERROR"),
        ("application_error", "WARNING"),
    ]
