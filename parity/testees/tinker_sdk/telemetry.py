"""Calls about telemetry: when it is on, what events are made, and how they are sent."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from parity.testees.tinker_sdk import offline
from parity.testees.tinker_sdk.answer import Call, Unsupported, sdk
from parity.testees.tinker_sdk.transport import environ

_telemetry = sdk("lib.telemetry")
_errors = sdk("_exceptions")


def calls() -> dict[str, Call]:
    return {
        "telemetry.enabled": enabled,
        "telemetry.batches": batches,
        "telemetry.exception": exception,
        "telemetry.index": index,
    }


def enabled(given: Any) -> Any:
    with environ(given["env"]):
        return _telemetry._is_telemetry_enabled()


def _reporter(handler: offline.Handler) -> Any:
    """One with nothing in its queue, whose first event is still to come, and that flushes when it is told to."""

    class Loop:
        def call_soon_threadsafe(self, *_: Any) -> None:
            pass

    holder = offline.holder(offline.client(handler))
    holder.get_loop = Loop
    made = _telemetry.Telemetry(holder, "session")
    made._queue.clear()
    made._session_index = 0
    return made


def batches(given: Any) -> Any:
    sizes: list[int] = []

    def accept(request: Any) -> Any:
        sizes.append(len(json.loads(request.content)["events"]))
        return offline.response({"status": 200, "body": {"status": "accepted"}})

    reporter = _reporter(accept)
    kept = sum(reporter.log("event") for _ in range(given["events"]))
    asyncio.run(reporter._flush())
    return {"batches": sizes, "dropped": given["events"] - kept}


def exception(given: Any) -> Any:
    event = _reporter(offline.answers([]))._exception_or_user_error_event(_raised(given["error"]), "ERROR")
    told = {"event": event.event, "severity": event.severity, "event_name": getattr(event, "event_name", None)}
    return {name: value for name, value in told.items() if value is not None}


def _raised(told: dict[str, Any]) -> Exception:
    made: Exception
    if "status" in told:
        made = offline.error(told)
    elif told["kind"] in ("timeout", "connection"):
        made = offline.error({"error": told["kind"]})
    elif told["kind"] == "request_failed":
        category = sdk("types").RequestErrorCategory(told.get("category", "unknown"))
        made = _errors.RequestFailedError("failed", request_id="r", category=category)
    else:
        made = ValueError(told["kind"])
    if "cause" in told:
        made.__cause__ = _raised(told["cause"])
    return made


def index(given: Any) -> Any:
    reporter = _reporter(offline.answers([]))
    makes = {
        "session_start": reporter._session_start_event,
        "session_end": reporter._session_end_event,
        "generic": lambda: reporter._generic_event("event"),
        "exception": lambda: reporter._exception_event(ValueError(""), "ERROR"),
        "unhandled_exception": lambda: reporter._exception_event(ValueError(""), "ERROR"),
    }
    made = []
    for kind in given["events"]:
        name = kind.lower().removesuffix("_event")
        if name not in makes:
            raise Unsupported(f"no event {kind}")
        made.append(makes[name]().event_session_index)
    return made
