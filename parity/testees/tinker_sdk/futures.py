"""Calls about futures, submits and samples: what the SDK does with one answer."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from parity.testees.tinker_sdk import offline
from parity.testees.tinker_sdk.answer import Call, sdk
from parity.testees.tinker_sdk.clock import CLOCK

types = sdk("types")
_future = sdk("lib.api_future_impl")
_holder = sdk("lib.internal_client_holder")
_retry = sdk("lib.retry_handler")
_sampling = sdk("lib.public_interfaces.sampling_client")
_errors = sdk("_exceptions")
_BEGAN = 1.0
"""Unix seconds. Nothing begins at 0, which the SDK takes for never."""
_BILL_S = 5.0
"""Between two tries while a bill is open."""


def calls() -> dict[str, Call]:
    return {
        "submit.decide": submit,
        "poll.decide": poll,
        "category.parse": category,
        "category.retryable": retryable,
        "queue.parse": queue,
        "sampling.backoff": backoff,
        "sampling.retry_delay": retry_delay,
    }


class _Observer:
    def __init__(self) -> None:
        self.states: list[str] = []

    def on_queue_state_change(self, state: Any, reason: str | None = None) -> None:
        self.states.append(state.value)


def _holder_of(told: list[dict[str, Any]]) -> Any:
    more: dict[str, Any] = {}
    if hasattr(types, "ClientConfigResponse"):
        more["_client_config"] = types.ClientConfigResponse()
        more["_inflight_response_bytes_semaphore"] = _holder.BytesSemaphore(10**9)
    return offline.holder(offline.client(offline.answers(told)), **more)


def submit(given: Any) -> Any:
    """The last of `attempt` + 1 tries that fail alike, at `elapsed_s` since the first."""
    CLOCK.start(now=_BEGAN)
    error = offline.error(given)
    tries = 0
    last = False

    async def fail() -> None:
        nonlocal tries, last
        if last:
            raise offline.Again
        tries += 1
        elapsed = CLOCK.at(lambda: _BEGAN) - _BEGAN
        # A bill is waited for without counting tries, and often enough to know that it is the same one still.
        last = elapsed + _BILL_S >= given["elapsed_s"] if given.get("status") == 402 else tries > given["attempt"]
        if given.get("status") != 402 or last:
            CLOCK.move((given["elapsed_s"] if last else 0.0) - elapsed)
        raise error

    try:
        asyncio.run(_holder_of([]).execute_with_retries(fail))
    except offline.Again:
        return {"retry": True, "delay_s": CLOCK.slept[-1]}
    except _errors.APIError:
        return {"retry": False}
    raise AssertionError("neither raised nor asked again")


def poll(given: Any) -> Any:
    """One answer to retrieve_future, after `failures` that were the same."""
    CLOCK.start()
    answer = {name: given[name] for name in ("status", "error", "body") if name in given}
    if "error" not in answer:
        answer.setdefault("status", 200)
    before = given.get("failures", 0)
    observer = _Observer()
    holder = _holder_of([answer] * (before + 1))
    future = types.UntypedAPIFuture(request_id="r")
    waiting = _future._APIFuture(dict, holder, future, 0.0, "OptimStep", queue_state_observer=observer)
    told: dict[str, Any] = {}
    try:
        asyncio.run(waiting._result_async())
        told["then"] = "done"
    except offline.Again:
        told["then"] = "poll"
        told["delay_s"] = CLOCK.slept[before] if len(CLOCK.slept) > before else 0.0
    except sdk("lib.retryable_exception").RetryableException:
        told["then"] = "resubmit"
    except _errors.RequestFailedError as error:
        told |= {"then": "fail", "kind": "request_failed", "category": error.category.value}
    except ValueError:
        told |= {"then": "fail", "kind": "status" if answer.get("status", 200) >= 400 else "validation"}
    told["observed"] = told["then"] == "poll" and bool(observer.states)
    if told["observed"]:
        told["queue_state"] = observer.states[-1]
    return told


def category(given: Any) -> Any:
    return poll({"body": {"error": "e", "category": given["text"]}})["category"]


def retryable(given: Any) -> Any:
    """What the retries around a whole sample say; nothing else in the SDK looks at a failed request again."""
    error: Exception
    if "status" in given:
        error = offline.error(given)
    else:
        parsed = types.RequestErrorCategory(category({"text": given["category"]}))
        error = _errors.RequestFailedError("e", request_id="r", category=parsed)
    return _retry.RetryHandler()._should_retry(error)


def queue(given: Any) -> Any:
    return poll({"status": 408, "body": {"queue_state": given["text"]}}).get("queue_state")


def backoff(given: Any) -> Any:
    """Until when, after one answer to a submit, the dispatch holds back all samples; the time is 0."""
    CLOCK.start(now=0.0)
    answer = {"status": given["status"], "headers": given.get("headers"), "body": {"request_id": "r"}}
    holder = _holder_of([answer])
    holder._sample_dispatch_semaphore = asyncio.Semaphore(400)
    if hasattr(types, "ClientConfigResponse"):
        holder._sample_dispatch_throttled_semaphore = asyncio.Semaphore(10)
        holder._sample_dispatch_bytes_semaphore = _holder.BytesSemaphore(10**9)
    sampling = object.__new__(_sampling.SamplingClient)
    sampling.__dict__.update(
        holder=holder,
        _sampling_session_id="s",
        _request_id_counter=0,
        _cloned_sampler_id=0,
        _record_stability_info=False,
    )
    # An image: of text the SDK knows ten bytes for each token, and nothing in between.
    fields = {
        "data": b"\0" * given["prompt_bytes"],
        "format": "png",
        "height": 1,
        "width": 1,
        "tokens": 1,
        "type": "image",
    }
    prompt = types.ModelInput.model_construct(chunks=[types.ImageChunk.model_construct(**fields)])
    # TypeError: taken, and nobody waits for the sample.
    with contextlib.suppress(offline.Again, _errors.APIError, TypeError):
        asyncio.run(sampling._sample_async_impl(prompt, 1, types.SamplingParams(max_tokens=1), False))
    return holder._sample_backoff_until or 0


def retry_delay(given: Any) -> Any:
    CLOCK.start(given["random"])
    return _retry.RetryHandler()._calculate_retry_delay(given["attempt"])
