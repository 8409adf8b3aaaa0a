"""One release at work against the mock server; each runs these with wheels of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.client.pytest_plugin import MockServer
from mock.client.stub import match, rule
from parity.testees.tinker_sdk.clock import CLOCK
from parity.testees.tinker_sdk.scenario import Scenarios

Play = Callable[..., Any]
CREATE = {"do": "training.create", "with": {"base_model": "m/Base", "rank": 8}}
STEP = {"do": "training.optim_step"}
OPTIM = "tinker.v1.TrainingService/OptimStep"
ENOUGH = 6.0  # seconds, on a busy machine


@pytest.fixture(scope="session")
def scenarios() -> Scenarios:
    CLOCK.install()
    return Scenarios()


@pytest.fixture
def mock(mock_server: MockServer) -> MockClient:
    return mock_server("tinker")


@pytest.fixture
def play(scenarios: Scenarios, mock: MockClient) -> Play:
    def call(*steps: dict[str, Any], random: float = 0.0, **config: Any) -> Any:
        return scenarios({"base_url": mock.url, "config": config, "random": random, "steps": list(steps)})

    return call


def test_a_model_is_trained_and_asked(play: Play, mock: MockClient) -> None:
    datum = {
        "model_input": {"chunks": [{"tokens": [1, 2, 3]}]},
        "loss_fn_inputs": {"target_tokens": {"data": [2, 3, 4], "dtype": "int64", "shape": [3]}},
    }
    told = play(
        CREATE,
        {"do": "training.forward_backward", "with": {"data": [datum], "loss_fn": "cross_entropy"}},
        STEP,
        {"do": "sampling.from_training"},
        {"do": "sampling.sample", "with": {"tokens": [1, 2], "params": {"max_tokens": 3}}},
        {"do": "rest.training_runs"},
    )
    assert [list(each) for each in told["steps"]] == [["ok"]] * 6, told
    created, passed, _, _, sampled, runs = (each["ok"] for each in told["steps"])
    assert "loss:sum" in passed["metrics"] and "dtype" in passed["loss_fn_outputs"][0]["logprobs"]
    assert len(sampled["sequences"][0]["tokens"]) <= 3
    assert runs["training_runs"][0]["training_run_id"] == created["model_id"]
    assert told["slept_s"] == []
    keys = [
        each["value"] for entry in mock.journal() for each in entry["headers"] if each["name"].lower() == "x-api-key"
    ]
    assert set(keys) == {"tml-key"}


def test_pauses_are_noted_and_not_made(play: Play, mock: MockClient) -> None:
    mock.set_faults([rule("status", match(rpc=OPTIM, calls=(1, 3)), status=503)])
    began = time.monotonic()
    told = play(CREATE, STEP, random=0.5)
    assert told["slept_s"] == [0.4375, 0.875, 1.75]
    assert time.monotonic() - began < ENOUGH
    assert "ok" in told["steps"][1]


def test_errors_are_told_by_kind_and_the_rest_goes_on(play: Play, mock: MockClient) -> None:
    # The last one: what 0.38 did not get through, its server waits for.
    mock.set_faults([rule("status", match(rpc=OPTIM, calls=(2, 2)), status=422)])
    told = play(STEP, CREATE, {"do": "training.load_state", "with": {"path": "tinker://none/weights/x"}}, STEP, STEP)
    never, _, failed, stepped, refused = told["steps"]
    assert never == {"error": {"kind": "usage"}}
    assert failed["error"]["kind"] in ("request_failed", "status")
    assert "ok" in stepped
    assert refused == {"error": {"kind": "status", "status": 422}}


def test_together_is_begun_in_order(play: Play, mock: MockClient) -> None:
    told = play(CREATE, {"do": "together", "steps": [STEP, STEP, STEP]})
    assert [list(each) for each in told["steps"][1]] == [["ok"]] * 3
    bodies = [entry["request"]["json"] for entry in mock.journal(path="/api/v1/optim_step")]
    assert [body["seq_id"] for body in bodies] == [1, 2, 3]


def test_nothing_is_left_for_the_next(play: Play, mock: MockClient) -> None:
    play(CREATE)
    assert "error" in play(STEP)["steps"][0]
    assert play({"do": "http", "with": {"method": "GET", "path": "/api/v1/healthz"}})["steps"][0]["ok"]["status"] == 200


def test_the_command(play: Play) -> None:
    told = play(CREATE, {"do": "cli", "with": {"args": ["--format", "json", "run", "list"]}})
    done = told["steps"][1]["ok"]
    assert (done["exit"], done["stderr"]) == (0, "")
    assert "session-" in done["stdout"]
