"""PyPI `tinker` 0.4.1 and promises: waiting, queues, what fails, what expires. tinker.md section 3.4."""

from __future__ import annotations

import importlib
import time
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.client.stub import match, rule
from mock.tinker.judges.sdk_0_4_1 import (
    BASE,
    BROKEN,
    POLL,
    Call,
    bodies,
    datum,
    fail,
    header,
    sent,
    step,
    tinker,
    types,
)

RetryableException: Any = importlib.import_module("tinker.lib.retryable_exception").RetryableException

PROMPT = types.ModelInput.from_ints([1, 2, 3])
ONE = types.SamplingParams(max_tokens=1)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("paused_rate_limit", "concurrent models rate limit hit"),
        ("paused_capacity", "out of capacity"),
        ("something new", "unknown"),
    ],
)
def test_a_training_that_waits_says_why(
    training: Any, mock: MockClient, state: str, reason: str, call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    mock.configure("tinker", future={"not_ready_polls": 2, "queue_state": state})
    assert call(training, "forward_backward", [datum([1, 2, 3])], "cross_entropy").metrics
    polls = sent(mock, "/retrieve_future")[-3:]
    assert [each["status"] for each in polls] == [408, 408, 200]
    assert [header(each, "x-tinker-request-iteration") for each in polls] == ["0", "1", "2"]
    assert [header(each, "x-tinker-create-promise-roundtrip-time") is not None for each in polls] == [
        True,
        False,
        False,
    ]
    assert {header(each, "x-tinker-request-type") for each in polls} == {"ForwardBackward"}
    said = [each.getMessage() for each in caplog.records if "paused" in each.getMessage()]
    assert said == [f"Training is paused for {training.model_id}. Reason: {reason}"], "at most once a minute"


def test_an_active_queue_is_no_news(training: Any, mock: MockClient, caplog: pytest.LogCaptureFixture) -> None:
    mock.configure("tinker", future={"not_ready_polls": 1, "queue_state": "active"})
    assert step(training) == 1
    assert not [each for each in caplog.records if "paused" in each.getMessage()]


def test_a_sample_that_waits_says_why(
    service: Any, mock: MockClient, call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    sampler = service.create_sampling_client(base_model=BASE)
    mock.configure("tinker", future={"not_ready_polls": 1, "queue_state": "paused_rate_limit"})
    call(sampler, "sample", PROMPT, 1, ONE)
    assert "Sampling is paused for None. Reason: concurrent LoRA rate limit hit" in caplog.text


def test_try_again(training: Any, mock: MockClient, call: Call, caplog: pytest.LogCaptureFixture) -> None:
    """Asked again at once; the queue's state in it is not looked at."""
    mock.configure("tinker", future={"not_ready_polls": 3, "not_ready": "try_again", "queue_state": "paused_capacity"})
    call(training, "optim_step", types.AdamParams())
    answers = [each["answer"]["json"] for each in sent(mock, "/retrieve_future")[-4:]]
    assert [each.get("type") for each in answers] == ["try_again"] * 3 + [None]
    assert answers[0]["queue_state"] == "paused_capacity" and answers[0]["request_id"]
    assert "paused" not in caplog.text and "because of try_again" in caplog.text


def test_a_poll_is_held_until_there_is_a_result(training: Any, mock: MockClient) -> None:
    mock.advance(0)
    mock.configure("tinker", durations={"optim_step": 20})
    future = training.optim_step(types.AdamParams())
    mock.verify(path="/api/v1/optim_step", within=10)
    _polled(mock, 2)
    mock.advance(19)
    assert not future._future.done()
    mock.advance(1)
    assert future.result(timeout=20).metrics["optimizer_step:max"] == 1
    assert (
        len([each for each in sent(mock, "/retrieve_future") if header(each, "x-tinker-request-type") == "OptimStep"])
        == 1
    )


def test_a_poll_is_not_held_for_ever(training: Any, mock: MockClient) -> None:
    """Half a minute, as clients wait three quarters; they ask again at once, and do not spin."""
    mock.advance(0)
    mock.configure("tinker", durations={"optim_step": 70})
    future = training.optim_step(types.AdamParams())
    for count in (2, 3, 4):
        _polled(mock, count)
        mock.advance(30)
    assert future.result(timeout=20).metrics["optimizer_step:max"] == 1
    polls = [each for each in sent(mock, "/retrieve_future") if header(each, "x-tinker-request-type") == "OptimStep"]
    assert [each["status"] for each in polls] == [408, 408, 200]
    assert {header(each, "x-stainless-read-timeout") for each in polls} == {"45"}


@pytest.mark.parametrize("status", [500, 503, 504])
def test_a_poll_that_the_server_fails_is_asked_again_at_once(
    training: Any, mock: MockClient, status: int, call: Call
) -> None:
    fail(mock, POLL, status, (1, 12))
    started = time.monotonic()
    assert call(training, "optim_step", types.AdamParams()).metrics["optimizer_step:max"] == 1
    assert time.monotonic() - started < 2, "without a pause"


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 422, 429])
def test_a_poll_that_is_refused_is_the_end(training: Any, mock: MockClient, status: int, call: Call) -> None:
    fail(mock, POLL, status, json={"detail": "no"})
    with pytest.raises(ValueError, match=f"Error retrieving result: .*{status}"):
        call(training, "optim_step", types.AdamParams())


def test_a_training_result_that_has_expired(training: Any, mock: MockClient, call: Call) -> None:
    """What was not fetched in time; the answer is the mock's own."""
    fail(mock, POLL, 503, (1, None), headers={"x": "y"})
    future = training.optim_step(types.AdamParams())
    mock.verify(rpc=POLL, count=(3, None), within=10)
    mock.configure("tinker", future={"expiry_s": 60})
    mock.advance(61)
    mock.clear_faults()
    with pytest.raises(RetryableException, match="Promise expired"):
        future.result(timeout=20)
    assert sent(mock, "/retrieve_future")[-1]["answer"]["json"]["detail"].endswith("has expired")


@pytest.mark.usefixtures("hurry")
def test_a_sample_that_has_expired_is_asked_for_anew(service: Any, mock: MockClient, call: Call) -> None:
    sampler = service.create_sampling_client(base_model=BASE)
    fail(mock, POLL, 410, (1, 2))
    assert call(sampler, "sample", PROMPT, 1, ONE).sequences
    assert [each["seq_id"] for each in bodies(mock, "/asample")] == [0, 1, 2]


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.usefixtures("hurry")
def test_a_poll_whose_connection_breaks_is_asked_again(training: Any, mock: MockClient, kind: str) -> None:
    """A result that was lost on the way is still there."""
    mock.set_faults([rule(kind, match(rpc=POLL, calls=(1, 2)), unserved=False)])
    assert step(training) == 1
    assert [each.get("fault") for each in sent(mock, "/retrieve_future")[-3:]] == ["rule-1", "rule-1", None]


@pytest.mark.parametrize(
    ("category", "name"), [("user", "User"), ("server", "Server"), ("unknown", "Unknown"), (None, "Unknown")]
)
def test_a_call_that_fails_says_whose_fault_it_was(
    training: Any, mock: MockClient, category: str | None, name: str, call: Call
) -> None:
    """Never tried again by the SDK; the model goes on with its next call."""
    failing = {"operation": "optim_step", "nth": 1, "message": "the rate is too high"}
    mock.configure("tinker", fail=[failing | ({"category": category} if category else {})])
    with pytest.raises(tinker.RequestFailedError, match="the rate is too high") as caught:
        call(training, "optim_step", types.AdamParams())
    assert caught.value.category.name == name and caught.value.request_id
    mock.verify(path="/api/v1/optim_step", count=1)
    assert step(training) == 1


@pytest.mark.parametrize(
    "operation",
    ["create_model", "forward", "forward_backward", "save_weights", "load_weights", "save_weights_for_sampler"],
)
def test_every_call_can_fail(service: Any, mock: MockClient, operation: str, call: Call) -> None:
    training = service.create_lora_training_client(BASE, rank=8)
    path = training.save_state("ck").result(timeout=20).path
    mock.configure("tinker", fail=[{"operation": operation, "category": "server"}])
    asked: dict[str, tuple[Any, ...]] = {
        "create_model": (service, "create_lora_training_client", BASE),
        "forward": (training, "forward", [datum([1, 2])], "cross_entropy"),
        "forward_backward": (training, "forward_backward", [datum([1, 2])], "cross_entropy"),
        "save_weights": (training, "save_state", "other"),
        "load_weights": (training, "load_state", path),
        "save_weights_for_sampler": (training, "save_weights_for_sampler", "s"),
    }
    with pytest.raises(tinker.RequestFailedError, match="asked to fail"):
        call(*asked[operation])


def test_a_sample_that_fails(service: Any, mock: MockClient, call: Call) -> None:
    sampler = service.create_sampling_client(base_model=BASE)
    mock.configure("tinker", fail=[{"operation": "asample", "nth": 1, "category": "user"}])
    with pytest.raises(tinker.RequestFailedError):
        call(sampler, "sample", PROMPT, 1, ONE)
    mock.verify(path="/api/v1/asample", count=1)


def test_results_that_the_sdk_does_not_take(training: Any, mock: MockClient, call: Call) -> None:
    """What servers of other generations say: taken for an empty result of a step, refused for a pass."""
    mock.when(rpc=POLL, headers={"x-tinker-request-type": "OptimStep"}).unchecked().reply(json={"status": "pending"})
    mock.when(rpc=POLL, headers={"x-tinker-request-type": "ForwardBackward"}).unchecked().reply(
        json={"status": "complete_metadata", "response_payload_size": 1}
    )
    mock.when(rpc=POLL, headers={"x-tinker-request-type": "Forward"}).unchecked().reply(
        json={
            "loss_fn_output_type": "x",
            "metrics": {},
            "loss_fn_outputs": [{"logprobs": {"data": [1.0], "dtype": "float32", "more": 1}}],
        }
    )
    assert call(training, "optim_step", types.AdamParams()).metrics is None
    for method in ("forward_backward", "forward"):
        with pytest.raises(ValueError, match="Error retrieving result"):
            call(training, method, [datum([1, 2])], "cross_entropy")


def test_the_mock_never_says_what_0_4_1_would_misread(training: Any, mock: MockClient) -> None:
    """Metadata before the result is for those who ask for it."""
    mock.configure("tinker", future={"metadata_first": True})
    assert step(training) == 1
    assert not [each for each in sent(mock, "/retrieve_future") if "status" in each["answer"]["json"]]


def test_a_caller_may_stop_waiting(training: Any, mock: MockClient) -> None:
    mock.advance(0)
    mock.configure("tinker", durations={"optim_step": 20})
    future = training.optim_step(types.AdamParams())
    with pytest.raises(TimeoutError):
        future.result(timeout=0.1)
    mock.advance(20)
    assert future.result(timeout=20).metrics["optimizer_step:max"] == 1


def _polled(mock: MockClient, count: int) -> None:
    """Until the clients have asked so often; open requests count."""
    mock.verify(rpc=POLL, count=count, within=10)
