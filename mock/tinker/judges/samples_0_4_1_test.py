"""PyPI `tinker` 0.4.1 and a sampler at which things go wrong. tinker.md section 3.5."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.client.stub import match, rule
from mock.tinker.judges.sdk_0_4_1 import (
    BASE,
    POLL,
    SAMPLE,
    Call,
    datum,
    fail,
    header,
    sent,
    tinker,
    types,
)

RetryableException: Any = importlib.import_module("tinker.lib.retryable_exception").RetryableException
RetryConfig: Any = importlib.import_module("tinker.lib.retry_handler").RetryConfig

PROMPT = types.ModelInput.from_ints([1, 2, 3])
ONE = types.SamplingParams(max_tokens=1)


def test_a_sampler_that_is_too_busy(service: Any, mock: MockClient, call: Call) -> None:
    """429: a second later, with the next seq_id, whatever Retry-After says; all of the session wait with it."""
    sampler, other = (service.create_sampling_client(base_model=BASE) for _ in range(2))
    fail(mock, SAMPLE, 429, headers={"retry-after-ms": "10"})
    assert call(sampler, "sample", PROMPT, 1, ONE).sequences
    assert call(other, "sample", PROMPT, 1, ONE).sequences
    first, second, _ = sent(mock, "/asample")
    assert (first["request"]["json"]["seq_id"], second["request"]["json"]["seq_id"]) == (0, 1)
    assert 0.9 <= second["received_s"] - first["received_s"] < 2.5


@pytest.mark.parametrize("status", [408, 409, 500, 503])
@pytest.mark.usefixtures("hurry")
def test_a_sampler_that_is_down_is_asked_again(service: Any, mock: MockClient, status: int, call: Call) -> None:
    sampler = service.create_sampling_client(base_model=BASE)
    fail(mock, SAMPLE, status, (1, 2))
    assert call(sampler, "compute_logprobs", PROMPT)[0] is None
    assert [header(each, "x-stainless-retry-count") for each in sent(mock, "/asample")] == ["0", "0", "0"]


def test_what_cannot_be_sampled(service: Any, mock: MockClient, call: Call) -> None:
    sampler = service.create_sampling_client(base_model=BASE)
    with pytest.raises(tinker.BadRequestError, match="detail"):
        call(sampler, "sample", PROMPT, 1, types.SamplingParams(max_tokens=1, temperature=-1.0))
    mock.verify(path="/api/v1/asample", count=1)


def test_samples_without_progress(service: Any, mock: MockClient) -> None:
    sampler = service.create_sampling_client(base_model=BASE, retry_config=RetryConfig(progress_timeout=0.3))
    mock.set_faults([rule("hang", match(rpc=POLL))])
    with pytest.raises(tinker.APIConnectionError, match="No progress made in 0.3s"):
        sampler.sample(PROMPT, 1, ONE).result(timeout=20)


def test_samples_without_retries(service: Any, mock: MockClient) -> None:
    sampler = service.create_sampling_client(base_model=BASE, retry_config=RetryConfig(enable_retry_logic=False))
    fail(mock, POLL, 410)
    with pytest.raises(RetryableException):
        sampler.sample(PROMPT, 1, ONE).result(timeout=20)
    mock.verify(path="/api/v1/asample", count=1)


def test_requests_that_the_api_would_refuse(training: Any, service: Any, mock: MockClient, call: Call) -> None:
    """The mock says why."""
    mock.configure("tinker", strict_loss_inputs=True, known_models_only=True)
    with pytest.raises(tinker.RequestFailedError, match="lacks logprobs, advantages") as caught:
        call(training, "forward_backward", [datum([1, 2])], "ppo")
    assert caught.value.category.name == "User"
    with pytest.raises(tinker.RequestFailedError, match="2 numbers for 3 targets"):
        call(training, "forward_backward", [datum([1, 2, 3], weights=[1.0, 1.0])], "cross_entropy")
    with pytest.raises(tinker.BadRequestError, match="m/None is not supported"):
        call(service, "create_lora_training_client", "m/None")
    with pytest.raises(tinker.BadRequestError, match="LoRA rank 0"):
        call(service, "create_lora_training_client", BASE, rank=0)
