"""PyPI `tinker` 0.38.0, unmodified, as a judge of the mock: requests that fail, and are repeated."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.tinker.judges.sdk_0_38 import (
    BASE,
    FAST,
    Call,
    bodies,
    datum,
    done,
    header,
    loss,
    losses,
    prompt,
    sent,
    tinker,
    types,
)

TWO = types.SamplingParams(max_tokens=2)
STEP = types.AdamParams(learning_rate=0.001)


def strike(mock: MockClient, path: str, calls: int, kind: str = "status", **more: Any) -> None:
    fault: Any = {"kind": kind} | ({"json": {"detail": "on purpose"}} if kind == "status" else {}) | more
    mock.set_faults([{"request": {"path": f"/api/v1/{path}", "calls": {"to": calls}}, "fault": fault}])


# Repetitions of HTTP


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
@pytest.mark.parametrize("unserved", [True, False])
def test_statuses_that_are_tried_again(training: Any, mock: MockClient, status: int, unserved: bool) -> None:
    """Whether or not the work was begun before the answer was lost, it is done once."""
    strike(mock, "optim_step", 2, status=status, headers=FAST, unserved=unserved)
    assert done(training.optim_step(STEP)).metrics["optimizer_step:max"] == 1
    tries = sent(mock, "/optim_step")
    assert [each["status"] for each in tries] == [status, status, 200]
    assert [header(each, "x-stainless-retry-count") for each in tries] == ["0", "1", "2"]
    assert len({header(each, "x-idempotency-key") for each in tries}) == 1
    assert done(training.optim_step(STEP)).metrics["optimizer_step:max"] == 2


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, "BadRequestError"),
        (401, "AuthenticationError"),
        (403, "PermissionDeniedError"),
        (404, "NotFoundError"),
        (418, "APIStatusError"),
        (422, "UnprocessableEntityError"),
    ],
)
def test_statuses_that_are_final(rest: Any, mock: MockClient, status: int, error: str) -> None:
    strike(mock, "sessions", 9, status=status, headers=FAST)
    with pytest.raises(getattr(tinker, error), match=f"Error code: {status} - {{'detail': 'on purpose'}}"):
        done(rest.list_sessions())
    assert len(sent(mock, "/sessions")) == 1


@pytest.mark.parametrize(("said", "status", "tries"), [("true", 404, 3), ("false", 429, 1)])
def test_the_server_decides(
    service: Any, mock: MockClient, said: str, status: int, tries: int, caplog: pytest.LogCaptureFixture
) -> None:
    service.holder  # noqa: B018 - opens the session
    strike(mock, "create_model", 2, status=status, headers=FAST | {"x-should-retry": said})
    if tries == 1:
        with pytest.raises(tinker.RateLimitError):
            done(service.create_lora_training_client(BASE))
    else:
        assert done(service.create_lora_training_client(BASE)).model_id
    assert len(sent(mock, "/create_model")) == tries


@pytest.mark.parametrize("delay", [{"retry-after-ms": "200"}, {"retry-after": "0.2"}])
def test_delays_are_heeded(rest: Any, mock: MockClient, delay: dict[str, str]) -> None:
    strike(mock, "sessions", 2, status=503, headers=delay)
    assert done(rest.list_sessions()).sessions == []
    times = [each["received_s"] for each in sent(mock, "/sessions")]
    assert all(0.19 < after - before < 0.45 for before, after in pairwise(times))


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize(
    ("kind", "unserved"),
    [
        ("reset_before_headers", True),
        ("reset_before_headers", False),
        ("reset_within_headers", False),
        ("reset_after_headers", False),
        ("empty", False),
        ("garbage", False),
    ],
)
def test_connections_that_break(training: Any, mock: MockClient, kind: str, unserved: bool) -> None:
    before = loss(training)
    for path in ("forward_backward", "optim_step"):
        strike(mock, path, 1, kind, unserved=unserved)
        if path == "optim_step":
            assert done(training.optim_step(STEP)).metrics["optimizer_step:max"] == 1
        else:
            done(training.forward_backward([datum(1, 2, 3)], "cross_entropy"))
    assert loss(training) < before


@pytest.mark.usefixtures("hurry")
def test_an_opening_that_needs_patience(connect: Call, mock: MockClient) -> None:
    """Config, session and model each fail at first."""
    rules: Any = [
        {
            "request": {"path": f"/api/v1/{path}", "calls": {"to": 2}},
            "fault": {"kind": "status", "status": 503, "headers": FAST, "unserved": True},
        }
        for path in ("client/config", "client/dynamic_config", "create_session", "create_model", "get_info")
    ]
    mock.set_faults(rules)
    assert done(connect().create_lora_training_client(BASE)).model_id
    assert [len(sent(mock, f"/{path}")) for path in ("client/config", "create_session", "create_model")] == [3, 3, 3]


def test_sampling_is_told_to_wait(service: Any, mock: MockClient) -> None:
    """429: the client's next try keeps its number."""
    sampling = done(service.create_sampling_client(base_model=BASE))
    strike(mock, "asample", 1, status=429, unserved=True)
    assert done(sampling.sample(prompt(1), 1, TWO)).sequences
    assert [each["seq_id"] for each in bodies(mock, "/asample")] == [0, 0]
    times = [each["received_s"] for each in sent(mock, "/asample")]
    assert times[1] - times[0] > 0.9


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("path", ["optim_step", "asample"])
def test_the_bill_is_not_paid(service: Any, mock: MockClient, path: str) -> None:
    training, sampling = (
        done(service.create_lora_training_client(BASE)),
        done(service.create_sampling_client(base_model=BASE)),
    )
    strike(mock, path, 1, status=402, unserved=True)
    assert done(sampling.sample(prompt(1), 1, TWO)).sequences and done(training.optim_step(STEP)).metrics
    assert len(sent(mock, f"/{path}")) == 2


def test_two_that_ask_the_same(service: Any, mock: MockClient) -> None:
    """The same number twice is the same call; an earlier one's turn is over."""
    training = done(service.create_lora_training_client(BASE))
    done(training.optim_step(STEP))
    training._request_id_counter = 0
    training._turn_counter = 0
    assert done(training.optim_step(STEP)).metrics["optimizer_step:max"] == 1
    mock.clear_journal()


def test_headers(training: Any, mock: MockClient) -> None:
    losses(training, 1)
    (entry,) = sent(mock, "/optim_step")
    assert header(entry, "x-stainless-package-version") == header(entry, "x-sdk-version") == "0.38.0"
    assert header(entry, "x-sdk-method") == "TrainingClient.optim_step"
    assert header(entry, "accept") == "application/json" and header(entry, "user-agent").startswith(
        "AsyncTinker/Python"
    )
