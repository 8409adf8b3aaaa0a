"""PyPI `tinker` 0.38.0, unmodified, as a judge of the mock: what promises come to, and what gets in the way."""

from __future__ import annotations

import importlib
import json
import logging
import urllib.request
from functools import partial
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.tinker.judges.sdk_0_38 import (
    BASE,
    WITHIN,
    bodies,
    datum,
    done,
    eventually,
    header,
    loss,
    losses,
    prompt,
    sent,
    tinker,
    types,
)

RETRYABLE: Any = importlib.import_module("tinker.lib.retryable_exception").RetryableException
POLL = "/api/v1/retrieve_future"
TWO = types.SamplingParams(max_tokens=2)


@pytest.fixture
def sampling(service: Any) -> Any:
    return done(service.create_sampling_client(base_model=BASE))


def strike(mock: MockClient, calls: int, status: int, *, of: str = "", **more: Any) -> None:
    """The first polls, of requests of a type ("OptimStep"), have this status."""
    request: Any = {"path": POLL, "calls": {"to": calls}}
    if of:
        request["headers"] = {"x-tinker-request-type": {"equals": of}}
    fault: Any = {"kind": "status", "status": status, "json": {"detail": "on purpose"} | more, "unserved": True}
    mock.set_faults([{"request": request, "fault": fault}])


def polls(mock: MockClient, of: str) -> list[Any]:
    return [each for each in sent(mock, "/retrieve_future") if header(each, "x-tinker-request-type") == of]


def test_what_polls_say_of_themselves(training: Any, mock: MockClient) -> None:
    losses(training, 1)
    first, second = polls(mock, "ForwardBackward")
    assert [header(each, "x-tinker-request-iteration") for each in (first, second)] == ["0", "1"]
    assert header(first, "x-tinker-create-promise-roundtrip-time")
    assert [each["request"]["json"]["allow_metadata_only"] for each in (first, second)] == [True, False]
    assert first["answer"]["json"]["status"] == "complete_metadata"
    assert first["answer"]["json"]["response_payload_size"] == second["answer"]["size"]
    assert {header(each, "x-tinker-request-type") for each in sent(mock, "/retrieve_future")} == {
        "CreateModel",
        "ForwardBackward",
        "OptimStep",
    }


def test_without_metadata(training: Any, mock: MockClient) -> None:
    mock.configure("tinker", future={"metadata_first": False})
    losses(training, 1)
    assert len(polls(mock, "ForwardBackward")) == 1


@pytest.mark.parametrize("how", ["timeout", "try_again"])
@pytest.mark.parametrize(
    ("state", "reason", "text"),
    [
        ("paused_capacity", None, "short on capacity"),
        ("paused_rate_limit", None, "concurrent sampler weights limit hit"),
        ("paused_rate_limit", "too many of them", "too many of them"),
        ("whatever", "who knows", "who knows"),
    ],
)
def test_queue_states(
    service: Any,
    mock: MockClient,
    caplog: pytest.LogCaptureFixture,
    how: str,
    state: str,
    reason: str | None,
    text: str,
) -> None:
    sampling = done(service.create_sampling_client(base_model=BASE))
    mock.configure(
        "tinker",
        future={"not_ready_polls": 2, "not_ready": how, "queue_state": state}
        | ({"queue_state_reason": reason} if reason else {}),
    )
    with caplog.at_level(logging.WARNING, logger="tinker"):
        assert done(sampling.sample(prompt(1), 1, TWO)).sequences
    (said,) = [each.getMessage() for each in caplog.records if "Sampling is paused" in each.getMessage()]
    assert text in said
    answers = [(each["status"], each["answer"]["json"]) for each in polls(mock, "Sample")[:2]]
    wanted = state if state.startswith("paused") else "unknown"
    assert {status for status, _ in answers} == {408 if how == "timeout" else 200}
    assert {body["queue_state"] for _, body in answers} == {wanted}
    assert {body.get("queue_state_reason") for _, body in answers} == {reason}


@pytest.mark.parametrize("how", ["timeout", "try_again", "pending"])
def test_not_ready(training: Any, mock: MockClient, how: str) -> None:
    mock.configure("tinker", future={"not_ready_polls": 3, "not_ready": how})
    assert losses(training, 1) and loss(training) > 0
    statuses = [each["status"] for each in polls(mock, "OptimStep")]
    assert statuses[:3] == [200 if how == "try_again" else 408] * 3


def test_work_takes_its_time(training: Any, mock: MockClient) -> None:
    """On the mock's clock; a poll is held for 30 of its seconds."""
    mock.advance(0)
    mock.configure("tinker", durations={"forward_backward": 100})
    future = training.forward([datum(1, 2, 3)], "cross_entropy")

    def more_than(count: int) -> bool:
        return len(polls(mock, "Forward")) > count

    for _ in range(3):
        asked = eventually(lambda: len(polls(mock, "Forward")))
        mock.advance(30)
        eventually(partial(more_than, asked))
    assert not future.future().done()
    mock.advance(30)
    assert done(future).metrics["loss:sum"] > 0
    assert [each["status"] for each in polls(mock, "Forward")][:3] == [408] * 3


def test_a_caller_that_waits_no_longer(training: Any, mock: MockClient) -> None:
    mock.configure("tinker", durations={"optim_step": 1000})
    future = training.optim_step(types.AdamParams())
    with pytest.raises(TimeoutError):
        future.result(timeout=0.2)
    mock.configure("tinker", durations={"optim_step": 0})
    mock.advance(2000)
    assert done(future).metrics


@pytest.mark.parametrize(("status", "times"), [(500, 3), (503, 3), (408, 3), (400, 3)])
def test_polls_that_are_repeated_at_once(training: Any, mock: MockClient, status: int, times: int) -> None:
    strike(mock, times, status, of="OptimStep")
    assert done(training.optim_step(types.AdamParams())).metrics
    assert [each["status"] for each in polls(mock, "OptimStep")][:times] == [status] * times
    assert {header(each, "x-stainless-retry-count") for each in polls(mock, "OptimStep")} == {"0"}


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("status", [402, 429])
def test_polls_that_are_repeated_after_a_while(training: Any, mock: MockClient, status: int) -> None:
    strike(mock, 3, status, of="OptimStep")
    assert done(training.optim_step(types.AdamParams())).metrics
    times = [each["received_s"] for each in polls(mock, "OptimStep")]
    assert times[3] - times[0] > (0.15 if status == 402 else 0.07), "3 x 5 s, or 1 + 2 + 4 s, a hundred times faster"


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("kind", ["reset_before_headers", "reset_within_headers", "garbage", "empty"])
def test_polls_that_get_lost(training: Any, mock: MockClient, kind: str) -> None:
    fault: Any = {"kind": kind, "unserved": True}
    mock.set_faults([{"request": {"path": POLL, "calls": {"to": 2}}, "fault": fault}])
    assert done(training.optim_step(types.AdamParams())).metrics["optimizer_step:max"] == 1
    assert len(polls(mock, "OptimStep")) > 2


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_polls_that_are_refused(training: Any, mock: MockClient, status: int) -> None:
    strike(mock, 100, status, of="OptimStep")
    with pytest.raises(ValueError, match=f"on purpose.*with status {status}"):
        done(training.optim_step(types.AdamParams()))


def test_bad_requests_are_tried_four_times(training: Any, mock: MockClient) -> None:
    strike(mock, 100, 400, of="OptimStep")
    with pytest.raises(ValueError, match="exceeded 3 retries"):
        done(training.optim_step(types.AdamParams()))
    assert len(polls(mock, "OptimStep")) == 4


def test_results_that_are_gone(training: Any, sampling: Any, mock: MockClient) -> None:
    """Samples are asked for again; training is not."""
    strike(mock, 1, 410, of="Sample")
    assert done(sampling.sample(prompt(1), 1, TWO)).sequences
    assert [each["seq_id"] for each in bodies(mock, "/asample")] == [0, 1]
    strike(mock, 1, 410, of="OptimStep")
    with pytest.raises(RETRYABLE, match="expired"):
        done(training.optim_step(types.AdamParams()))


def test_results_expire(training: Any, mock: MockClient) -> None:
    mock.advance(0)
    mock.configure("tinker", future={"expiry_s": 10})
    strike(mock, 1, 500)
    mock.set_faults([{"request": {"path": POLL}, "fault": {"kind": "status", "status": 503}}])
    future = training.optim_step(types.AdamParams())
    eventually(lambda: len(polls(mock, "OptimStep")) > 2)
    mock.advance(11)
    mock.clear_faults()
    with pytest.raises(RETRYABLE):
        done(future)
    assert polls(mock, "OptimStep")[-1]["status"] == 410


@pytest.mark.parametrize("category", ["user", "server", "unknown"])
def test_failures(training: Any, sampling: Any, mock: MockClient, category: str) -> None:
    """Whatever the category says, nothing is tried again."""
    rules = [
        {"operation": name, "category": category, "message": f"no {name}", "nth": 1}
        for name in ("forward_backward", "forward", "optim_step", "save_weights", "load_weights", "asample")
    ]
    mock.configure("tinker", fail=rules)
    data = [datum(1, 2)]
    for name, future in (
        ("forward_backward", training.forward_backward(data, "cross_entropy")),
        ("forward", training.forward(data, "cross_entropy")),
        ("optim_step", training.optim_step(types.AdamParams())),
        ("save_weights", training.save_state("ck")),
        ("asample", sampling.sample(prompt(1), 1, TWO)),
    ):
        with pytest.raises(tinker.RequestFailedError, match=f"no {name}") as caught:
            done(future)
        assert caught.value.category.value == category and caught.value.request_id
    assert losses(training, 1), "the rules were for the first of each"
    assert len(bodies(mock, "/asample")) == 1


def test_the_nth_failure(training: Any, mock: MockClient) -> None:
    mock.configure("tinker", fail=[{"operation": "optim_step", "nth": 3, "times": 2}])
    told = []
    for _ in range(6):
        error = training.optim_step(types.AdamParams()).future().exception(WITHIN)
        told.append(str(error or ""))
    assert [not each for each in told] == [True, True, False, False, True, True]
    assert "asked to fail" in told[2]


def test_models_that_come_to_nothing(service: Any, mock: MockClient, rest: Any) -> None:
    mock.configure("tinker", fail=[{"operation": "create_model", "nth": 1, "category": "server", "message": "full"}])
    with pytest.raises(tinker.RequestFailedError, match="full"):
        done(service.create_lora_training_client(BASE))
    assert done(rest.list_training_runs()).training_runs == []
    assert done(service.create_lora_training_client(BASE)).model_id.endswith(":1")


@pytest.mark.parametrize("kind", ["malformed_json", "truncate", "wrong_content_type"])
def test_results_that_can_not_be_read(training: Any, mock: MockClient, kind: str) -> None:
    """An error, and no hang."""
    fault: Any = {"kind": kind} | ({"after_bytes": 5} if kind == "truncate" else {})
    mock.set_faults(
        [{"request": {"path": POLL, "headers": {"x-tinker-request-iteration": {"equals": "0"}}}, "fault": fault}]
    )
    training.optim_step(types.AdamParams()).future().exception(WITHIN)
    mock.clear_faults()
    assert losses(training, 1)


def test_results_may_be_fetched_again(training: Any, mock: MockClient) -> None:
    """The same answer, in either form."""
    losses(training, 1)
    request_id = next(each["request"]["json"]["request_id"] for each in polls(mock, "ForwardBackward"))
    body = json.dumps({"request_id": request_id}).encode()
    told: dict[str, set[bytes]] = {}
    for accept in ("application/json", "application/x-protobuf"):
        headers = {"content-type": "application/json", "accept": accept, "x-stainless-package-version": "0.38.0"}
        for _ in range(2):
            with urllib.request.urlopen(
                urllib.request.Request(f"{mock.url}/api/v1/retrieve_future", body, headers)
            ) as answer:
                told.setdefault(answer.headers["content-type"], set()).add(answer.read())
    assert {name: len(each) for name, each in told.items()} == {"application/json": 1, "application/x-protobuf": 1}
