"""PyPI `tinker` 0.38.0, unmodified, as a judge of the mock: what the server's settings change, and credentials."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.tinker.judges.sdk_0_38 import (
    BASE,
    KEY,
    Call,
    datum,
    done,
    eventually,
    header,
    loss,
    losses,
    problems,
    prompt,
    sent,
    tinker,
    types,
)

TWO = types.SamplingParams(max_tokens=2)
STEP = types.AdamParams(learning_rate=0.001)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"sample_use_retrieve_futures": True, "proto_compress_fwdbwd": True, "use_pyqwest_transport": False},
        {"pjwt_auth_enabled": True, "parallel_fwdbwd_chunks": False},
        {"sample_no_retries": True, "sample_enable_stuck_detection": False, "sample_max_concurrent_requests": 1},
        {"fwdbwd_dispatch_bytes_semaphore_size": 10, "inflight_response_bytes_semaphore_size": 10},
        {"sample_dispatch_bytes_semaphore_size": 1, "fwdbwd_max_chunk_len": 1},
    ],
)
@pytest.mark.parametrize("missing", [False, True])
def test_the_whole_way(connect: Call, mock: MockClient, config: Any, missing: bool) -> None:
    mock.configure("tinker", client_config=config, dynamic_config_missing=missing)
    service = connect()
    training = done(service.create_lora_training_client(BASE, rank=8))
    before = loss(training)
    many = done(training.forward_backward([datum(1, 2, 3), datum(1, 2, 4), datum(1, 2)], "cross_entropy"))
    done(training.optim_step(STEP))
    assert loss(training) < before and len(many.loss_fn_outputs) == 3
    path = done(training.save_state("ck")).path
    assert loss(done(service.create_training_client_from_state(path))) == loss(training)
    sampling = done(training.save_weights_and_get_sampling_client())
    told = [sampling.sample(prompt(1, 2, each), 2, TWO, include_prompt_logprobs=True) for each in range(5)]
    assert [len(done(each).sequences) for each in told] == [2] * 5
    (dynamic,) = sent(mock, "/client/dynamic_config")
    assert dynamic["status"] == (404 if missing else 200)
    assert not problems(mock)


# Credentials


def test_keys(connect: Call, mock: MockClient) -> None:
    with pytest.raises(tinker.TinkerError, match="tml-"):
        connect(api_key="wrong").holder  # noqa: B018
    mock.configure("tinker", auth={"required": True, "keys": ["tml-good"]})
    with pytest.raises(tinker.AuthenticationError, match="Invalid API key"):
        connect().holder  # noqa: B018
    assert connect(api_key="tml-good").holder.get_session_id()


def test_a_command_that_knows_the_key(
    connect: Call, mock: MockClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mock.configure(
        "tinker",
        auth={"required": True, "keys": ["tml-of-command"]},
        client_config={"pjwt_auth_enabled": True, "credential_default_source": "credential_cmd"},
    )
    monkeypatch.setenv("TINKER_CREDENTIAL_CMD", "echo tml-of-command")
    assert connect(api_key=None).holder.get_session_id()
    assert header(sent(mock, "/auth/token")[0], "x-api-key") == "tml-of-command"


def test_tokens(connect: Call, mock: MockClient) -> None:
    """The key is exchanged; a token that is refused is exchanged again, and its request sent once more."""
    mock.configure("tinker", client_config={"pjwt_auth_enabled": True}, auth={"required": True, "jwt_lifetime_s": 600})
    training = done(connect().create_lora_training_client(BASE))
    assert header(sent(mock, "/auth/token")[0], "x-api-key") == KEY
    assert header(sent(mock, "/create_session")[0], "x-api-key").startswith("eyJ")
    before = losses(training, 1)
    mock.advance(601)
    assert losses(training, 1) < before
    refused = [each for each in mock.journal() if each["status"] == 401]
    assert refused and all("has expired" in each["answer"]["json"]["detail"] for each in refused)
    assert len(sent(mock, "/auth/token")) == 2


@pytest.mark.usefixtures("hurry")
def test_tokens_are_renewed_in_time(connect: Call, mock: MockClient) -> None:
    mock.configure("tinker", client_config={"pjwt_auth_enabled": True}, auth={"jwt_lifetime_s": 100})
    connect().holder  # noqa: B018 - opens the session
    eventually(lambda: len(sent(mock, "/auth/token")) >= 3)
