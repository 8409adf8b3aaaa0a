"""Calls about futures, listings, telemetry and texts for people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tinker.v1.telemetry_wire import TelemetryEvent

from parity.reference import category, pages, path, people, poll, queue_state, telemetry
from parity.reference.config import telemetry_enabled
from parity.reference.dialect import Dialect
from parity.reference.errors import ConnectionFailed, RequestFailed, StatusError, TimedOut, ValidationError
from parity.reference.event import Events
from parity.reference.testee import reading


def poll_decide(given: Any, dialect: Dialect) -> Any:
    status = None if "error" in given else given.get("status", 200)
    body = reading.text(given["body"]) if "body" in given else b""
    step = poll.decide(dialect, status=status, body=body, failures=given.get("failures", 0))
    answer: dict[str, Any] = {"then": "poll" if step.then == "fetch" else step.then}
    if answer["then"] == "poll":
        answer["delay_s"] = step.delay_s
    if step.then == "fail":
        answer["kind"] = step.kind
    if step.category is not None:
        answer["category"] = step.category
    if step.queue_state is not None:
        answer |= {"queue_state": step.queue_state, "observed": step.observed}
    return answer


def category_parse(given: Any, dialect: Dialect) -> Any:
    return category.parse(given["text"], dialect)


def category_retryable(given: Any, dialect: Dialect) -> Any:
    return dialect.retries_failed and category.retryable(
        category.parse(given["category"], dialect), given.get("status")
    )


def queue_parse(given: Any, _: Dialect) -> Any:
    return queue_state.parse(given["text"])


def path_parse(given: Any, dialect: Dialect) -> Any:
    parsed = path.parse(given["path"], dialect)
    return {**vars(parsed), "checkpoint_id": parsed.checkpoint_id}


def telemetry_is_enabled(given: Any, _: Dialect) -> Any:
    return telemetry_enabled(given["env"])


def telemetry_batches(given: Any, _: Dialect) -> Any:
    queue, events = telemetry.EventQueue(), Events()
    event = events.started()
    for _number in range(given["events"]):
        queue.put(event)
    batches = []
    while batch := queue.batch():
        batches.append(len(batch))
    return {"batches": batches, "dropped": queue.dropped}


def telemetry_exception(given: Any, dialect: Dialect) -> Any:
    event = Events().exception(_error(given["error"], dialect))
    told = reading.shown(event, dialect)
    return {name: told[name] for name in ("event", "severity", "event_name") if name in told}


def telemetry_index(given: Any, dialect: Dialect) -> Any:
    events = Events()
    make: dict[str, Callable[[], TelemetryEvent]] = {
        "SESSION_START": events.started,
        "SESSION_END": events.ended,
        "UNHANDLED_EXCEPTION": lambda: events.exception(RuntimeError("planted")),
        "GENERIC_EVENT": lambda: events.generic("planted", {}),
    }
    return [make[kind]().event_session_index for kind in given["events"]]


async def pages_plan(given: Any, _: Dialect) -> Any:
    asked: list[list[int]] = []

    async def fetch(limit: int, offset: int) -> tuple[list[None], int]:
        asked.append([limit, offset])
        return [None] * max(0, min(limit, given["total"] - offset)), given["total"]

    await pages.collect(fetch, given["limit"], given["batch"])
    return asked


def cli_size(given: Any, _: Dialect) -> Any:
    return people.size(given["bytes"])


def cli_time(given: Any, dialect: Dialect) -> Any:
    return people.time(given.get("time"), datetime.fromisoformat(given["now"]), dialect)


def _error(told: Any, dialect: Dialect) -> BaseException:
    match told["kind"]:
        case "status":
            error: BaseException = StatusError(told["status"], "", {}, dialect)
        case "request_failed":
            error = RequestFailed("planted", "r", category.parse(told.get("category", "unknown"), dialect))
        case "validation":
            error = ValidationError("planted")
        case "timeout":
            error = TimedOut("planted")
        case "connection":
            error = ConnectionFailed("planted")
        case _:
            error = RuntimeError("planted")
    if cause := told.get("cause"):
        error.__cause__ = _error(cause, dialect)
    return error
