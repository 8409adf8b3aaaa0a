"""What one answer to retrieve_future means. Source: tinker.md sections 2.7 and 3.4; seeds 000 section 3.4, 001 3.4."""

from __future__ import annotations

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

from parity.reference import queue_state
from parity.reference.dialect import NEW, OLD, Dialect
from parity.reference.submit import BILLING, BILLING_PAUSE_S

_LONGEST_S = 30.0
_BAD_REQUESTS = 3
"""Answers 400 that 0.38 takes for accidents."""
_TRY_AGAIN_S = 1.0
_TRY_AGAIN = TryAgainResponse.model_fields["type"].default
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
        if status == BILLING:
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
    try:
        answer = _read(dialect, body)
    except WireError as error:
        return Step("fail", kind="validation", reason=str(error))
    if isinstance(answer, TryAgainResponse):
        return _try_again(dialect, answer)
    if isinstance(answer, RequestFailedResponse):
        return _failed(answer.error, answer.category)
    if isinstance(answer, FutureFailedResponse):
        text = answer.error.message
        return _failed(text if isinstance(text, str) else "", answer.error.category)
    if isinstance(answer, FuturePendingResponse):
        return Step("poll", _longer(failures))
    if isinstance(answer, FutureMetadata):
        return Step("fetch")
    if isinstance(answer, FutureCompletedResponse):
        return Step("done", result=answer.result)
    if answer.get("type") == _TRY_AGAIN:
        return Step("poll")  # without a queue_state; the SDKs look at the type only
    return Step("done", result=answer)


def _read(dialect: Dialect, body: bytes) -> Any:
    try:
        return _ANSWER.read(body, dialect.name)
    except WireError:
        if not dialect.envelope:
            raise
        return _ANSWER.read(body, OLD.name)  # a server that knows no envelope


def _failed(reason: str, category: RequestErrorCategory) -> Step:
    return Step("fail", kind="request_failed", category=category, reason=reason)


def _try_again(dialect: Dialect, answer: TryAgainResponse) -> Step:
    if dialect.envelope:
        asked = answer.retry_after_ms
        return _waiting(answer.queue_state, _TRY_AGAIN_S if asked is MISSING else asked / 1000)
    return _waiting(answer.queue_state, tells=dialect is NEW)
