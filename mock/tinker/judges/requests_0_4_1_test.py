"""PyPI `tinker` 0.4.1 and requests that go wrong: what is sent again, what is done once, what users see.

tinker.md sections 3.1, 3.2 and 3.8.
"""

from __future__ import annotations

import json
import time
from email.utils import formatdate
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.client.shapes import Fault
from mock.client.stub import match, rule
from mock.tinker.judges.sdk_0_4_1 import (
    BASE,
    BROKEN,
    POLL,
    STEP,
    Call,
    Connect,
    bodies,
    fail,
    header,
    sent,
    step,
    tinker,
    types,
)

SOON = {"retry-after-ms": "5"}


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_a_status_that_passes_is_tried_again(training: Any, mock: MockClient, status: int, call: Call) -> None:
    fail(mock, STEP, status, (1, 2), headers=SOON)
    assert call(training, "optim_step", types.AdamParams()).metrics["optimizer_step:max"] == 1
    tries = sent(mock, "/optim_step")
    assert [each["status"] for each in tries] == [status, status, 200]
    assert [header(each, "x-stainless-retry-count") for each in tries] == ["0", "1", "2"]
    assert len({header(each, "x-idempotency-key") for each in tries}) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, "BadRequestError"),
        (401, "AuthenticationError"),
        (402, "APIStatusError"),
        (403, "PermissionDeniedError"),
        (404, "NotFoundError"),
        (410, "APIStatusError"),
        (422, "UnprocessableEntityError"),
        (425, "APIStatusError"),
    ],
)
def test_a_status_that_stays_is_not(training: Any, mock: MockClient, status: int, error: str, call: Call) -> None:
    fail(mock, STEP, status, (1, None), json={"detail": "no more"})
    with pytest.raises(getattr(tinker, error), match=f"Error code: {status} - .*no more") as caught:
        call(training, "optim_step", types.AdamParams())
    assert caught.value.status_code == status and caught.value.response.json() == {"detail": "no more"}
    mock.verify(path="/api/v1/optim_step", count=1)


def test_after_a_call_that_was_refused_the_next_is_done(training: Any, mock: MockClient) -> None:
    """0.4.1 sends in order: what did not come is not waited for, or users of a mock would wait for nothing."""
    fail(mock, STEP, 404)
    with pytest.raises(tinker.NotFoundError):
        step(training)
    started = time.monotonic()
    assert [step(training), step(training)] == [1, 2]
    assert time.monotonic() - started < 10
    assert [each["request"]["json"]["seq_id"] for each in sent(mock, "/optim_step")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("status", "said", "tries"),
    [(400, "true", 2), (400, "True", 1), (503, "false", 1), (503, "False", 2), (503, "", 2)],
)
def test_the_server_may_say_whether(service: Any, mock: MockClient, status: int, said: str, tries: int) -> None:
    """Creating a sampler is not tried again beyond HTTP."""
    headers = SOON | ({"x-should-retry": said} if said else {})
    fail(mock, "tinker.v1.SamplingService/CreateSamplingSession", status, headers=headers)
    if tries == 1:
        with pytest.raises(tinker.APIStatusError):
            service.create_sampling_client(base_model=BASE)
    else:
        service.create_sampling_client(base_model=BASE)
    mock.verify(path="/api/v1/create_sampling_session", count=tries)


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"retry-after-ms": "150"}, 0.14, 0.4),
        ({"Retry-After": "0.15"}, 0.14, 0.4),
        ({"Retry-After": formatdate(0, usegmt=True)}, 0.3, 1.0),
        ({"retry-after-ms": "0"}, 0.3, 1.0),
        ({"Retry-After": "61"}, 0.3, 1.0),
    ],
)
def test_pauses(service: Any, mock: MockClient, headers: dict[str, str], least: float, most: float) -> None:
    """What the server asks for, where it is more than 0 and up to a minute; else 0.375 to 0.5 s."""
    fail(mock, "tinker.v1.SamplingService/CreateSamplingSession", 503, headers=headers)
    service.create_sampling_client(base_model=BASE)
    first, second = sent(mock, "/create_sampling_session")
    assert least <= second["received_s"] - first["received_s"] - first.get("took_s", 0.0) <= most


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.usefixtures("hurry")
def test_a_broken_connection_is_made_anew_and_work_done_once(training: Any, mock: MockClient, kind: str) -> None:
    """The step is done and its answer lost: the key of the second request is that of the first."""
    mock.set_faults([rule(kind, match(rpc=STEP, calls=(1, 2)), unserved=False)])
    assert [step(training), step(training)] == [1, 2]
    tries = sent(mock, "/optim_step")
    assert [each.get("fault") for each in tries] == ["rule-1", "rule-1", None, None]
    assert len({header(each, "x-idempotency-key") for each in tries}) == 2


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.usefixtures("hurry")
def test_work_is_done_once_without_a_key_too(connect: Connect, mock: MockClient, kind: str) -> None:
    """Beyond HTTP a request is made anew, with a new key; its seq_id is the same."""
    training = connect(max_retries=0).create_lora_training_client(BASE, rank=8)
    mock.set_faults([rule(kind, match(rpc=STEP, calls=(1, 2)), unserved=False)])
    assert [step(training), step(training)] == [1, 2]
    tries = sent(mock, "/optim_step")
    assert [each["request"]["json"]["seq_id"] for each in tries] == [1, 1, 1, 2]
    assert len({header(each, "x-idempotency-key") for each in tries}) == 4


@pytest.mark.usefixtures("hurry")
def test_a_server_that_says_nothing_is_asked_again(connect: Connect, mock: MockClient) -> None:
    training = connect(timeout=0.3).create_lora_training_client(BASE, rank=8)
    mock.set_faults([rule("hang", match(rpc=STEP, calls=1))])
    assert step(training) == 1
    assert [header(each, "x-stainless-read-timeout") for each in sent(mock, "/optim_step")] == ["0.3", "0.3"]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "slow_first_byte", "latency": {"fixed_s": 0.1}},
        {"kind": "delay", "latency": {"fixed_s": 0.1}},
        {"kind": "dribble", "bytes": 7, "latency": {"fixed_s": 0.005}},
        {"kind": "bandwidth", "bytes": 4000},
        {"kind": "goaway"},
    ],
    ids=lambda fault: str(fault["kind"]),
)
def test_what_is_only_slow_is_waited_for(training: Any, mock: MockClient, fault: Fault) -> None:
    mock.set_faults([rule(fault, match(rpc=STEP)), rule(fault, match(rpc=POLL))])
    assert step(training) == 1
    mock.verify(path="/api/v1/optim_step", count=1)


def test_an_answer_that_is_no_json_is_the_end(training: Any, mock: MockClient) -> None:
    mock.set_faults([rule("malformed_json", match(rpc="tinker.v1.TrainingService/GetInfo"))])
    with pytest.raises(json.JSONDecodeError):
        training.get_info()
    mock.verify(path="/api/v1/get_info", count=1)


def test_json_that_is_called_something_else_is_read(training: Any, mock: MockClient) -> None:
    mock.set_faults([rule("wrong_content_type", match(rpc="tinker.v1.TrainingService/GetInfo"))])
    assert training.get_info().model_name == BASE


@pytest.mark.usefixtures("hurry")
def test_at_ten_retries_http_gives_up(service: Any, mock: MockClient) -> None:
    fail(mock, "tinker.v1.SamplingService/CreateSamplingSession", 503, (1, None))
    with pytest.raises(tinker.InternalServerError):
        service.create_sampling_client(base_model=BASE)
    mock.verify(path="/api/v1/create_sampling_session", count=11)


@pytest.mark.usefixtures("hurry")
def test_beyond_http_requests_are_tried_again(connect: Connect, mock: MockClient, call: Call) -> None:
    """And each failure is told to telemetry."""
    service = connect(max_retries=0)
    training = service.create_lora_training_client(BASE, rank=8)
    fail(mock, STEP, 503, (1, 3))
    assert call(training, "optim_step", types.AdamParams()).metrics["optimizer_step:max"] == 1
    mock.verify(path="/api/v1/optim_step", count=4)
    rest = service.create_rest_client()
    with pytest.raises(tinker.NotFoundError):
        call(rest, "get_training_run", "none")
    with pytest.raises(tinker.NotFoundError):  # what the caller sees is sent at once
        service.create_sampling_client(model_path="tinker://none/sampler_weights/x")
    mock.verify(path="/api/v1/telemetry", within=10)
    events = [each for batch in bodies(mock, "/telemetry") for each in batch["events"]]
    failed = [
        each["event_data"] for each in events if each["event"] == "GENERIC_EVENT" and "func" in each["event_data"]
    ]
    assert [(each["status_code"], each["is_retryable"], each["attempt_count"]) for each in failed] == [
        (503, True, 0),
        (503, True, 1),
        (503, True, 2),
        (404, False, 0),
    ]


@pytest.mark.usefixtures("hurry")
def test_telemetry_that_is_refused_is_sent_again(connect: Connect, mock: MockClient) -> None:
    """0.4.1 never gives up."""
    fail(mock, "tinker.v1.ServerService/SendTelemetry", 404, (1, 3))
    with pytest.raises(tinker.NotFoundError):
        connect().create_sampling_client(model_path="tinker://none/sampler_weights/x")
    mock.verify(path="/api/v1/telemetry", count=(4, None), within=10)
    assert len({str(each["events"][0]["event_id"]) for each in bodies(mock, "/telemetry")[:4]}) == 1
