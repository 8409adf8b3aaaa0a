"""What one answer to retrieve_future means. Source: tinker.md sections 2.7 and 3.4; seeds 000 section 3.4, 001 3.4."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from samewire_wire import MISSING, WireError, registry
from tinker.v1.future_wire import (
    FutureCompletedResponse,
    FutureFailedResponse,
    FutureMetadata,
    FuturePendingResponse,
    FutureTimeout,
    QueueState,
    RequestErrorCategory,
    RequestFailedResponse,
    TryAgainResponse,
)

from parity.reference import category, queue_state
from parity.reference.dialect import NEW, TINKEX, Dialect
from parity.reference.submit import BILLING, BILLING_LIMIT_S, BILLING_PAUSE_S

_LONGEST_S = 30.0
_BAD_REQUESTS = 3
"""Answers 400 that 0.38 takes for accidents."""
_TRY_AGAIN_S = 1.0
# Keys that decide, and their values, as the definitions have them.
_TYPE, _REQUEST_ID, _QUEUE_STATE, _REASON, _RETRY_AFTER = TryAgainResponse.model_fields
_TRY_AGAIN = TryAgainResponse.model_fields[_TYPE].default
_STATUS = next(iter(FutureMetadata.model_fields))
_METADATA = FutureMetadata.model_fields[_STATUS].default
_ERROR, _CATEGORY = RequestFailedResponse.model_fields
_ANSWER = registry.find("tinker.v1.FutureRetrieveResponse")


@dataclass(frozen=True)
class Step:
    """`then`: what to do. `result`: JSON of a message, where it is done."""

    then: Literal["done", "poll", "fetch", "resubmit", "fail"]
    delay_s: float = 0.0
    kind: Literal["status", "request_failed", "validation", "connection", "timeout"] | None = None
    category: RequestErrorCategory | None = None
    queue_state: QueueState | None = None
    observed: bool = False
    """Whether the observer is told the queue's state."""
    result: Any = None
    reason: str = ""


def decide(dialect: Dialect, *, status: int | None, body: bytes, failures: int) -> Step:
    """`status` None: no answer came. `failures`: how many like it came in a row before this one."""
    if status is None:
        return Step("poll", _longer(failures))
    if status == 200:
        return _said(dialect, body, failures)
    if status == 408:
        return _not_ready(dialect, body)
    if status >= 500:
        return Step("poll")
    if status == 410:
        return Step("resubmit", kind="status")
    if dialect is NEW:
        if status == 429:
            return Step("poll", _longer(failures))
        if status == BILLING and failures * BILLING_PAUSE_S <= BILLING_LIMIT_S:
            return Step("poll", BILLING_PAUSE_S)
        if status == 400 and failures < _BAD_REQUESTS:
            return Step("poll")
    return Step("fail", kind="status")


def _longer(failures: int) -> float:
    return min(2.0 ** min(failures, 64), _LONGEST_S)


def _not_ready(dialect: Dialect, body: bytes) -> Step:
    try:
        said = FutureTimeout.WIRE.read_lenient(body or b"{}", dialect.name).queue_state
    except WireError:
        said = MISSING
    return _waiting(said)


def _waiting(said: Any, delay_s: float = 0.0, *, tells: bool = True) -> Step:
    if said is MISSING or said is None:
        return Step("poll", delay_s)
    return Step("poll", delay_s, queue_state=queue_state.parse(said), observed=tells)


def _said(dialect: Dialect, body: bytes, failures: int) -> Step:
    """The SDKs look at single keys; whether the rest is as it should be is nobody's concern here."""
    try:
        told = json.loads(body)
    except ValueError as error:
        return Step("fail", kind="validation", reason=f"no JSON: {error}")
    if not isinstance(told, dict):
        return Step("done", result=told)
    if told.get(_TYPE) == _TRY_AGAIN:
        return _try_again(dialect, told)
    if dialect.envelope and (step := _enveloped(body, failures)) is not None:
        return step
    if dialect is NEW and told.get(_STATUS) == _METADATA:
        return Step("fetch")
    if _ERROR in told:
        said = told.get(_CATEGORY)
        return _failed(str(told[_ERROR]), category.parse(said, dialect) if isinstance(said, str) else "unknown")
    return Step("done", result=told)


def _enveloped(body: bytes, failures: int) -> Step | None:
    """None for what a server without envelopes says."""
    try:
        answer = _ANSWER.read(body, TINKEX.name)
    except WireError:
        return None
    if isinstance(answer, FutureFailedResponse):
        text = answer.error.message
        return _failed(text if isinstance(text, str) else "", answer.error.category)
    if isinstance(answer, FuturePendingResponse):
        return Step("poll", _longer(failures))
    return Step("done", result=answer.result) if isinstance(answer, FutureCompletedResponse) else None


def _failed(reason: str, category: RequestErrorCategory) -> Step:
    return Step("fail", kind="request_failed", category=category, reason=reason)


def _try_again(dialect: Dialect, told: dict[str, Any]) -> Step:
    state = told.get(_QUEUE_STATE)
    if not dialect.envelope:
        return _waiting(state, tells=dialect is NEW)
    asked = told.get(_RETRY_AFTER)
    return _waiting(state, asked / 1000 if isinstance(asked, int | float) and asked >= 0 else _TRY_AGAIN_S)
