"""Seeds 000 and 001 against the mock, in their dialect: every row that a server's answers have a part in."""

from __future__ import annotations

import base64
import math
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from samewire_wire import Timestamp
from tinker.v1 import (
    checkpoint_wire,
    future_wire,
    model_input_wire,
    model_wire,
    optimizer_wire,
    sampling_wire,
    server_wire,
    session_wire,
    telemetry_wire,
    tensor_wire,
    training_run_wire,
    training_wire,
    weights_wire,
)

from mock.client.client import MockClient
from mock.client.stub import match, rule
from mock.tinker.judges.tinkex import BASE, Failed, Tinkex, datum

POLL, SAMPLE, PASS = (
    f"tinker.v1.{name}"
    for name in ("FutureService/RetrieveFuture", "SamplingService/Sample", "TrainingService/ForwardBackward")
)
Output = training_wire.ForwardBackwardOutput
PROMPT = model_input_wire.ModelInput(chunks=[model_input_wire.EncodedTextChunk(tokens=[1, 2, 3])])

POINTER = {"format": "jpeg", "height": 2, "width": 3, "tokens": 7, "type": "image_asset_pointer"}


def sampler(client: Tinkex) -> str:
    if not client.session:
        client.open()
    request = sampling_wire.CreateSamplingSessionRequest(
        session_id=client.session, sampling_session_seq_id=0, base_model=BASE
    )
    made = client.ask("/create_sampling_session", request, sampling_wire.CreateSamplingSessionResponse)
    return made.sampling_session_id


def sample(client: Tinkex, session: str, **more: Any) -> sampling_wire.SampleResponse:
    more.setdefault("sampling_params", sampling_wire.SamplingParams(max_tokens=3))
    request = sampling_wire.SampleRequest(prompt=PROMPT, sampling_session_id=session, **more)
    return client.done("/asample", request, sampling_wire.SampleResponse)


# Types (seed 000 section 3.1, seed 001 section 3.1)


def test_metrics_can_be_reduced(client: Tinkex) -> None:
    """Keys are `name:reduction`, with every reduction that the seeds name, in every chunk the same."""
    model = client.model()
    results = [client.result(client.forward_backward(model), Output) for _ in range(3)]
    names = set(results[0].metrics)
    assert all(set(each.metrics) == names for each in results)
    assert {each.count(":") for each in names} == {1}
    assert {each.partition(":")[2] for each in names} >= {"mean", "sum", "min", "max", "slack", "unique"}
    assert len({each.metrics["clock_cycle:unique"] for each in results}) == 3
    (held,) = results[0].loss_fn_outputs
    logprobs = held["logprobs"]
    assert results[0].metrics["loss:sum"] == pytest.approx(-math.fsum(logprobs.data), rel=1e-6)
    assert (logprobs.dtype, logprobs.shape) == ("float32", [3])


@pytest.mark.parametrize("said", [None, False, True])
def test_prompt_logprobs_has_three_states(client: Tinkex, mock: MockClient, said: bool | None) -> None:
    """Unset is null on the wire, and null asks for none."""
    answer = sample(client, sampler(client), prompt_logprobs=said)
    (entry,) = mock.journal(rpc=SAMPLE)
    body = entry["request"]["json"]
    assert body["prompt_logprobs"] is said and entry["dialect"] == "tinkex" and "problem" not in entry
    assert [body[name] for name in ("base_model", "model_path", "seq_id")] == [None, None, None]
    assert isinstance(answer.prompt_logprobs, list) is (said is True)


def test_optional_fields_may_be_null_all_together(client: Tinkex) -> None:
    """As raw JSON: every optional field of the request is there, and null."""
    session = sampler(client)
    params = {"max_tokens": None, "seed": None, "stop": None, "temperature": 1.0, "top_k": -1, "top_p": 1.0}
    said = {
        "num_samples": 1,
        "prompt": {"chunks": [{"tokens": [1], "type": "encoded_text"}]},
        "sampling_params": params,
        "sampling_session_id": session,
        "base_model": None,
        "model_path": None,
        "seq_id": None,
        "prompt_logprobs": None,
        "topk_prompt_logprobs": 0,
        "type": "sample",
    }
    answer = client.http.post("/asample", json=said).raise_for_status().json()
    done = client.result(answer["request_id"], sampling_wire.SampleResponse)
    assert {each.stop_reason for each in done.sequences} <= {"length", "stop"}


def test_samples_by_model_path_or_base_model(client: Tinkex) -> None:
    """sampling_session_id is optional too."""
    client.open()
    request = sampling_wire.SampleRequest(
        prompt=PROMPT, base_model=BASE, sampling_params=sampling_wire.SamplingParams(max_tokens=2)
    )
    assert client.done("/asample", request, sampling_wire.SampleResponse).sequences


@pytest.mark.parametrize("shape", [None, [3]])
def test_tensors_with_and_without_a_shape(client: Tinkex, mock: MockClient, shape: list[int] | None) -> None:
    model = client.model()
    weights = tensor_wire.TensorData(data=[1.0, 0.5, 0.0], dtype="float32", shape=shape)
    done = client.result(client.forward_backward(model, [datum([1, 2, 3], weights=weights)]), Output)
    (entry,) = mock.journal(rpc=PASS)
    sent = entry["request"]["json"]["forward_backward_input"]["data"][0]["loss_fn_inputs"]["weights"]
    assert sent == {"data": [1.0, 0.5, 0.0], "dtype": "float32", "shape": shape}
    one, two, _ = done.loss_fn_outputs[0]["logprobs"].data
    assert done.metrics["loss:sum"] == pytest.approx(-one - 0.5 * two, rel=1e-6)


def test_images(client: Tinkex, mock: MockClient) -> None:
    chunks = [
        {
            "data": base64.b64encode(b"\x89PNG").decode(),
            "format": "png",
            "height": 2,
            "width": 3,
            "tokens": 7,
            "type": "image",
        },
        POINTER | {"location": "tinker://a"},
        {"tokens": [1], "type": "encoded_text"},
    ]
    model = client.model()
    body = {
        "forward_backward_input": {
            "data": [
                {
                    "loss_fn_inputs": {"target_tokens": {"data": [1], "dtype": "int64", "shape": None}},
                    "model_input": {"chunks": chunks},
                }
            ],
            "loss_fn": "cross_entropy",
            "loss_fn_config": None,
        },
        "model_id": model,
        "seq_id": 1,
    }
    answer = client.http.post("/forward_backward", json=body).raise_for_status().json()
    assert client.result(answer["request_id"], Output).metrics["tokens:sum"] == 1
    (entry,) = mock.journal(rpc=PASS)
    assert entry["dialect"] == "tinkex" and entry["message"] == body


def test_a_pointer_has_a_location_and_no_asset_id(client: Tinkex) -> None:
    model = client.model()
    body = {
        "forward_backward_input": {
            "data": [{"loss_fn_inputs": {}, "model_input": {"chunks": [POINTER | {"asset_id": "a"}]}}],
            "loss_fn": "cross_entropy",
        },
        "model_id": model,
        "seq_id": 1,
    }
    said = client.http.post("/forward_backward", json=body)
    assert said.status_code == 422 and "location" in said.json()["detail"]


# HTTP (seed 000 section 3.2)


@pytest.mark.parametrize("status", [408, 429, 500, 503])
@pytest.mark.parametrize("headers", [{"retry-after-ms": "10"}, {"retry-after": "1"}, {"x-should-retry": "false"}])
def test_statuses_and_what_comes_with_them(
    client: Tinkex, mock: MockClient, status: int, headers: dict[str, str]
) -> None:
    """The seed's own example: a refusal with a header, then the answer."""
    model = client.model()
    busy = {"message": "busy"}
    mock.set_faults([rule("status", match(rpc=PASS, calls=1), status=status, headers=headers, json=busy)])
    request = training_wire.ForwardBackwardRequest(
        forward_backward_input=training_wire.ForwardBackwardInput(data=[datum([1])], loss_fn="cross_entropy"),
        model_id=model,
        seq_id=1,
    )
    first, second = client.post("/forward_backward", request), client.post("/forward_backward", request)
    assert (first.status_code, first.json()) == (status, busy)
    assert {name: first.headers[name] for name in headers} == headers
    assert client.result(second.json()["request_id"], Output).metrics


def test_keys_are_told_apart(client: Tinkex, mock: MockClient) -> None:
    mock.configure("tinker", auth={"required": True, "keys": ["test-key"]})
    assert client.http.get("/get_server_capabilities").is_success
    other = Tinkex(mock.url, key="another")
    said = other.http.get("/get_server_capabilities")
    other.http.close()
    assert (said.status_code, said.json()) == (401, {"detail": "Invalid API key"})


def test_a_repeated_request_is_done_once(client: Tinkex) -> None:
    """By its idempotency key, or by its seq_id."""
    model = client.model()
    params = optimizer_wire.AdamParams()
    first = optimizer_wire.OptimStepRequest(adam_params=params, model_id=model, seq_id=1)
    unnumbered = optimizer_wire.OptimStepRequest(adam_params=params, model_id=model)

    def ask(request: optimizer_wire.OptimStepRequest, key: str) -> float:
        asked = client.post("/optim_step", request, headers={"x-idempotency-key": key}).json()["request_id"]
        metrics = client.result(asked, optimizer_wire.OptimStepResponse).metrics
        assert isinstance(metrics, dict)
        return metrics["optimizer_step:max"]

    assert [ask(first, "a"), ask(first, "a"), ask(first, "b")] == [1, 1, 1]
    assert [ask(unnumbered, "c"), ask(unnumbered, "c"), ask(unnumbered, "d")] == [2, 2, 3]


# Clients (seed 000 section 3.3)


def test_a_service_client(client: Tinkex, mock: MockClient) -> None:
    assert client.open()
    said = server_wire.GetServerCapabilitiesResponse.from_wire(
        client.http.get("/get_server_capabilities").content, "tinkex"
    )
    assert BASE in [each.model_name for each in said.supported_models]
    assert client.http.get("/healthz").json() == {"status": "ok"}
    beat = session_wire.SessionHeartbeatRequest(session_id=client.session)
    assert client.post("/session_heartbeat", beat).is_success
    beat = session_wire.SessionHeartbeatRequest(session_id="none")
    assert client.post("/session_heartbeat", beat).status_code == 404
    (entry,) = mock.journal(rpc="tinker.v1.SessionService/CreateSession")
    assert entry["dialect"] == "tinkex" and "problem" not in entry


def test_info(client: Tinkex) -> None:
    model = client.model(rank=16)
    info = client.ask("/get_info", model_wire.GetInfoRequest(model_id=model), model_wire.GetInfoResponse)
    assert (info.model_id, info.is_lora, info.lora_rank, info.model_name) == (model, True, 16, BASE)


def test_chunks_are_worked_on_in_their_order(client: Tinkex) -> None:
    """Also where they arrive in another: the second waits for the first."""
    model = client.model()
    held = training_wire.ForwardBackwardInput(data=[datum([1, 2])], loss_fn="cross_entropy")
    ids = {
        seq_id: client.promise(
            "/forward_backward",
            training_wire.ForwardBackwardRequest(forward_backward_input=held, model_id=model, seq_id=seq_id),
        )
        for seq_id in (3, 2, 1)
    }
    cycles = [client.result(ids[each], Output).metrics["clock_cycle:unique"] for each in (1, 2, 3)]
    assert cycles == sorted(set(cycles))


def test_a_chunk_that_fails_leaves_the_model_alive(client: Tinkex, mock: MockClient) -> None:
    model = client.model()
    mock.set_faults([rule("status", match(rpc=PASS, calls=1), status=500)])
    with pytest.raises(httpx.HTTPStatusError, match="500"):
        client.forward_backward(model)
    client.seq[model] = 0
    assert client.result(client.forward_backward(model), Output).metrics
    assert client.train(model, 2)[1] > 0


def test_optim_step(client: Tinkex) -> None:
    model = client.model()
    steps = [client.result(client.step(model), optimizer_wire.OptimStepResponse).metrics for _ in range(3)]
    assert [each["optimizer_step:max"] for each in steps if isinstance(each, dict)] == [1, 2, 3]


def test_loss_falls(client: Tinkex) -> None:
    seen = client.train(client.model(), 6)
    assert seen == sorted(seen, reverse=True) and seen[-1] < seen[0]


def test_samplers_of_trained_weights(client: Tinkex) -> None:
    model = client.model()
    client.train(model, 3)
    request = weights_wire.SaveWeightsForSamplerRequest(model_id=model, path="s", seq_id=client.next(model))
    path = client.done("/save_weights_for_sampler", request, weights_wire.SaveWeightsForSamplerResponse).path
    assert path == f"tinker://{model}/sampler_weights/s"
    made = client.ask(
        "/create_sampling_session",
        sampling_wire.CreateSamplingSessionRequest(
            session_id=client.session, sampling_session_seq_id=0, model_path=path
        ),
        sampling_wire.CreateSamplingSessionResponse,
    )
    said = sample(client, made.sampling_session_id, num_samples=2)
    assert [len(each.tokens) for each in said.sequences] == [3, 3]


def test_a_rate_limit_says_when_to_come_back(client: Tinkex, mock: MockClient) -> None:
    session = sampler(client)
    mock.set_faults([rule("status", match(rpc=SAMPLE, calls=1), status=429, headers={"retry-after-ms": "250"})])
    request = sampling_wire.SampleRequest(
        prompt=PROMPT, sampling_session_id=session, sampling_params=sampling_wire.SamplingParams(max_tokens=1)
    )
    said = client.post("/asample", request)
    assert (said.status_code, said.headers["retry-after-ms"]) == (429, "250")
    assert client.post("/asample", request).is_success


def test_hundreds_of_samples_at_once(client: Tinkex, mock: MockClient) -> None:
    session = sampler(client)
    with ThreadPoolExecutor(16) as pool:
        said = list(pool.map(lambda number: sample(client, session, seq_id=number), range(200)))
    assert all(len(each.sequences[0].tokens) == 3 for each in said)
    assert len({tuple(each.sequences[0].tokens) for each in said}) > 10
    asked = [each["request"]["json"]["seq_id"] for each in mock.journal(rpc=SAMPLE)]
    assert sorted(asked) == list(range(200))


def test_rest_and_its_pages(client: Tinkex) -> None:
    model = client.model()
    for number in range(3):
        client.save(model, f"c{number}")
    runs = training_run_wire.TrainingRunsResponse.from_wire(client.http.get("/training_runs").content, "tinkex")
    assert [each.training_run_id for each in runs.training_runs] == [model]
    assert (runs.cursor.offset, runs.cursor.total_count) == (0, 1)
    run = training_run_wire.TrainingRun.from_wire(client.http.get(f"/training_runs/{model}").content, "tinkex")
    assert (run.base_model, run.is_lora, run.lora_rank) == (BASE, True, 8)
    List = checkpoint_wire.CheckpointsListResponse  # noqa: N806
    held = List.from_wire(client.http.get(f"/training_runs/{model}/checkpoints").content, "tinkex")
    assert [each.checkpoint_id for each in held.checkpoints] == ["weights/c2", "weights/c1", "weights/c0"]
    pages = [
        List.from_wire(client.http.get("/checkpoints", params={"limit": 2, "offset": offset}).content, "tinkex")
        for offset in (0, 2, 4)
    ]
    assert [len(each.checkpoints) for each in pages] == [2, 1, 0]
    archive = client.http.get(f"/training_runs/{model}/checkpoints/weights/c0/archive")
    assert (
        archive.status_code == 302 and archive.headers["location"].startswith("http://") and archive.headers["expires"]
    )
    for verb in ("post", "delete"):
        assert getattr(client.http, verb)(f"/training_runs/{model}/checkpoints/weights/c0/publish").is_success


def test_errors_of_rest(client: Tinkex) -> None:
    said = client.http.get("/training_runs/none")
    assert (said.status_code, said.json()) == (404, {"detail": "Training run not found: none"})
    assert client.http.get("/checkpoints", params={"limit": -1}).status_code == 422
    assert client.http.get("/no/such/path").status_code == 404


# Promises and queues (seed 000 section 3.4, seed 001 section 3.4)


def test_the_seeds_own_script(client: Tinkex, mock: MockClient) -> None:
    """Pending twice, then paused for capacity, then completed."""
    model = client.model()
    mock.configure("tinker", future={"not_ready_polls": 3})
    asked = client.step(model)
    assert [client.poll(asked).status for _ in range(2)] == ["pending", "pending"]
    mock.configure("tinker", future={"queue_state": "paused_capacity"})
    again = client.poll(asked)
    assert (again.type, again.queue_state) == ("try_again", "paused_capacity")
    done = client.poll(asked)
    assert done.status == "completed" and done.result["metrics"]["optimizer_step:max"] == 1


@pytest.mark.parametrize("state", ["active", "paused_capacity", "paused_rate_limit"])
@pytest.mark.parametrize("how", ["try_again", "timeout"])
def test_queue_states(client: Tinkex, mock: MockClient, state: str, how: str) -> None:
    model = client.model()
    mock.configure("tinker", future={"not_ready_polls": 1, "not_ready": how, "queue_state": state})
    asked = client.step(model)
    said = client.post("/retrieve_future", future_wire.FutureRetrieveRequest(request_id=asked))
    assert said.status_code == (200 if how == "try_again" else 408) and said.json()["queue_state"] == state
    assert client.poll(asked).status == "completed"


def test_pending_is_said_with_and_without_a_queue(client: Tinkex, mock: MockClient) -> None:
    model = client.model()
    mock.configure("tinker", future={"not_ready_polls": 1, "not_ready": "pending", "queue_state": "paused_capacity"})
    assert client.post("/retrieve_future", future_wire.FutureRetrieveRequest(request_id=client.step(model))).json() == {
        "status": "pending"
    }


@pytest.mark.parametrize("category", ["user", "server", "unknown"])
def test_failures_by_category(client: Tinkex, mock: MockClient, category: str) -> None:
    """In their envelope, lower case; a later poll says the same."""
    model = client.model()
    mock.configure("tinker", fail=[{"operation": "optim_step", "nth": 1, "category": category, "message": "no"}])
    asked = client.step(model)
    for _ in range(2):
        said = client.post("/retrieve_future", future_wire.FutureRetrieveRequest(request_id=asked)).json()
        assert said == {"status": "failed", "error": {"message": "no", "category": category}}
    with pytest.raises(Failed, match="no"):
        client.result(asked, optimizer_wire.OptimStepResponse)
    assert client.result(client.step(model), optimizer_wire.OptimStepResponse).metrics


def test_a_poll_is_held(client: Tinkex, mock: MockClient) -> None:
    """No spinning client: half a minute on the mock's clock, then pending."""
    model = client.model()
    mock.advance(0)
    mock.configure("tinker", durations={"optim_step": 40})
    asked = client.step(model)
    with ThreadPoolExecutor(1) as pool:
        for seconds, status in ((30, "pending"), (10, "completed")):
            seen = len(mock.journal(rpc=POLL))
            told = pool.submit(client.poll, asked)
            mock.verify(rpc=POLL, count=seen + 1, within=10)
            time.sleep(0.05)
            assert not told.done()
            mock.advance(seconds)
            assert told.result(timeout=10).status == status


def test_promises_that_are_unknown_or_expired(client: Tinkex, mock: MockClient) -> None:
    client.open()
    model = client.model()
    asked = client.step(model)
    client.result(asked, optimizer_wire.OptimStepResponse)
    assert client.result(asked, optimizer_wire.OptimStepResponse).metrics, "fetched again it is the same"
    mock.configure("tinker", future={"expiry_s": 60})
    mock.advance(61)
    for request_id, status in ((asked, 410), ("req-999", 404), ("nonsense", 404)):
        said = client.post("/retrieve_future", future_wire.FutureRetrieveRequest(request_id=request_id))
        assert said.status_code == status and said.json()["detail"]


# Telemetry (seed 000 section 3.5)


def test_telemetry(client: Tinkex, mock: MockClient) -> None:
    client.open()
    event = telemetry_wire.SessionStartEvent(
        event_id="e0", event_session_index=0, severity="INFO", timestamp=Timestamp.from_seconds(1764115200)
    )
    request = telemetry_wire.TelemetrySendRequest(
        events=[event], platform="Linux", sdk_version="0.4.0", session_id=client.session
    )
    assert client.post("/telemetry", request).json() == {"status": "accepted"}
    mock.set_faults([rule("status", match(path="/api/v1/telemetry"), status=500)])
    assert client.post("/telemetry", request).status_code == 500


# What the documents do not say: requests that are not right


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "body"),
        (b"{", "JSON"),
        (b"[]", "object"),
        (b"{}", "model_id"),
        (b'{"model_id":1,"path":"x","seq_id":1,"type":"save_weights"}', "model_id"),
        (b'{"model_id":"m","path":"x","seq_id":"1","type":"save_weights"}', "seq_id"),
    ],
)
def test_what_is_wrong_is_said(client: Tinkex, body: bytes, said: str) -> None:
    answer = client.http.post("/save_weights", content=body)
    assert answer.status_code == 422 and said.lower() in answer.json()["detail"].lower()


def test_models_that_are_not_there(client: Tinkex) -> None:
    for path in ("/optim_step", "/get_info", "/unload_model"):
        body = {"model_id": "none"} | ({"adam_params": {}, "seq_id": 1} if path == "/optim_step" else {})
        said = client.http.post(path, json=body)
        assert (said.status_code, said.json()) == (404, {"detail": "Model not found: none"})
