"""PyPI `tinker` 0.4.1, unmodified, as a judge of the mock: the whole programme of its public methods."""

from __future__ import annotations

import asyncio
import gc
import importlib
import math
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.client.stub import match, rule
from mock.tinker.judges.sdk_0_4_1 import (
    BASE,
    SAMPLE,
    Call,
    Connect,
    bodies,
    datum,
    header,
    loss,
    losses,
    sent,
    tinker,
    types,
)

np: Any = importlib.import_module("numpy")
torch: Any = importlib.import_module("torch")

PROMPT = types.ModelInput.from_ints([1, 2, 3])
LOSSES = ["cross_entropy", "importance_sampling", "ppo"]


def test_a_service_client_opens_a_session(connect: Connect, mock: MockClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINKER_TAGS", "a,b")
    service = connect(user_metadata={"u": "1"})
    (said,) = bodies(mock, "/create_session")
    assert sorted(said.pop("tags")) == ["a", "b"]
    assert said == {"user_metadata": {"u": "1"}, "sdk_version": "0.4.1"}
    (entry,) = sent(mock, "/create_session")
    assert entry["dialect"] == "tinker-0.4.1" and "problem" not in entry
    assert header(entry, "x-api-key") == "tml-test"
    assert service.holder.get_session_id()


def test_two_services_have_sessions_of_their_own(connect: Connect) -> None:
    assert connect().holder.get_session_id() != connect().holder.get_session_id()


def test_messages_of_a_new_session_are_logged(
    connect: Connect, mock: MockClient, caplog: pytest.LogCaptureFixture
) -> None:
    mock.configure("tinker", info_message="hello", warning_message="old release", error_message="on fire")
    with caplog.at_level("INFO", logger="tinker"):
        connect()
    said = {(each.levelname, each.getMessage()) for each in caplog.records}
    assert {("INFO", "hello"), ("WARNING", "old release"), ("ERROR", "on fire")} <= said


def test_capabilities(service: Any, mock: MockClient, call: Call) -> None:
    assert BASE in [each.model_name for each in call(service, "get_server_capabilities").supported_models]
    mock.configure("tinker", models=[{"name": "m/Only"}])
    assert [each.model_name for each in call(service, "get_server_capabilities").supported_models] == ["m/Only"]


def test_health(service: Any) -> None:
    async def ask() -> Any:
        with service.holder.aclient(_pool("SESSION")) as client:
            return await client.service.health_check()

    assert service.holder.run_coroutine_threadsafe(ask()).result().status == "ok"


def test_training(service: Any, mock: MockClient, call: Call) -> None:
    training = call(service, "create_lora_training_client", BASE, rank=8, seed=3, user_metadata={"m": "1"})
    info = call(training, "get_info")
    assert (info.model_id, info.model_name, info.is_lora, info.lora_rank) == (training.model_id, BASE, True, 8)
    assert info.model_data.model_name == BASE and info.model_data.tokenizer_id == BASE
    images = types.Datum(
        model_input=types.ModelInput(
            chunks=[
                types.EncodedTextChunk(tokens=[5]),
                types.ImageChunk(data=b"\x01\x02\xff", format="png", height=2, width=3, tokens=7),
                types.ImageAssetPointerChunk(location="loc", format="jpeg", height=2, width=3, tokens=7),
            ]
        ),
        loss_fn_inputs={"target_tokens": types.TensorData(data=[1], dtype="int64"), "weights": [1.0]},
    )
    done = call(training, "forward_backward", [datum([1, 2, 3]), images], "cross_entropy")
    assert done.loss_fn_output_type and [len(each["logprobs"].data) for each in done.loss_fn_outputs] == [3, 1]
    assert all(value < 0 for each in done.loss_fn_outputs for value in each["logprobs"].data)
    assert done.metrics["loss:sum"] == pytest.approx(
        -math.fsum(value for each in done.loss_fn_outputs for value in each["logprobs"].data), rel=1e-6
    )
    seen = call(training, "forward", [datum([1, 2, 3])], "cross_entropy")
    stepped = call(training, "optim_step", types.AdamParams())
    assert stepped.metrics and all(math.isfinite(value) for value in stepped.metrics.values())
    call(training, "optim_step", types.AdamParams(learning_rate=0.001))
    after = call(training, "forward", [datum([1, 2, 3])], "cross_entropy")
    assert after.metrics["loss:sum"] < seen.metrics["loss:sum"]
    assert bodies(mock, "/optim_step")[0]["adam_params"] == {}
    assert [each["seq_id"] for each in bodies(mock, "/forward_backward")] == [1]
    assert not [each for each in mock.journal() if "problem" in each]


def test_large_batches_come_in_chunks_and_are_reduced(training: Any, mock: MockClient, call: Call) -> None:
    data = [datum([1 + number % 7, 2, 3]) for number in range(300)]
    done = call(training, "forward_backward", data, "cross_entropy")
    chunks = bodies(mock, "/forward_backward")
    assert [(each["seq_id"], len(each["forward_backward_input"]["data"])) for each in chunks] == [
        (1, 128),
        (2, 128),
        (3, 44),
    ]
    assert len(done.loss_fn_outputs) == 300
    names = set(done.metrics)
    assert {"clock_cycle:unique", "clock_cycle:unique_1", "clock_cycle:unique_2"} <= names
    assert {"loss:sum", "loss_per_token:mean", "tokens:sum", "logprob:min", "logprob:max"} <= names
    assert {"tokens_of_worker:slack", "data:hash_unordered"} <= names
    assert "data:hash2" not in names, "0.4.1 drops reductions that it does not know"
    cycles = [done.metrics[f"clock_cycle:unique{end}"] for end in ("", "_1", "_2")]
    assert cycles == sorted(set(cycles))
    assert done.metrics["tokens:sum"] == 900
    flat = [value for each in done.loss_fn_outputs for value in each["logprobs"].data]
    assert done.metrics["logprob:min"] == pytest.approx(min(flat), rel=1e-6)
    assert done.metrics["logprob:max"] == pytest.approx(max(flat), rel=1e-6)
    assert done.metrics["loss:sum"] == pytest.approx(-math.fsum(flat), rel=1e-6)
    assert done.metrics["loss_per_token:mean"] == pytest.approx(-math.fsum(flat) / 900, rel=1e-6)


def test_a_batch_of_more_than_half_a_million_numbers_is_cut(training: Any, mock: MockClient) -> None:
    image = types.ImageChunk(data=b"x", format="png", height=2, width=3, tokens=200_000)
    large = types.Datum(model_input=types.ModelInput(chunks=[image]), loss_fn_inputs={"target_tokens": [1]})
    done = training.forward_backward([large, large, large], "cross_entropy").result(timeout=20)
    assert [len(each["forward_backward_input"]["data"]) for each in bodies(mock, "/forward_backward")] == [2, 1]
    assert [len(each["logprobs"].data) for each in done.loss_fn_outputs] == [1] * 3
    assert set(done.metrics) >= {"clock_cycle:unique", "clock_cycle:unique_1"}


def test_no_data_is_no_request(training: Any, mock: MockClient) -> None:
    done = training.forward_backward([], "cross_entropy").result(timeout=20)
    assert (done.loss_fn_outputs, done.metrics) == ([], {})
    mock.verify(path="/api/v1/forward_backward", never=True)


@pytest.mark.parametrize("name", LOSSES)
def test_losses(training: Any, name: str, call: Call) -> None:
    data = [datum([1, 2, 3], logprobs=[-1.0, -1.0, -1.0], advantages=[1.0, -1.0, 0.5])]
    config = {"clip_low_threshold": 0.9, "clip_high_threshold": 1.1} if name == "ppo" else None
    done = call(training, "forward_backward", data, name, config)
    assert math.isfinite(done.metrics["loss:sum"]) and len(done.loss_fn_outputs[0]["logprobs"].data) == 3
    looked = call(training, "forward", data, name)
    assert looked.loss_fn_output_type == done.loss_fn_output_type


def test_inputs_of_numpy(training: Any) -> None:
    data = types.Datum(
        model_input=types.ModelInput.from_ints([1, 2]),
        loss_fn_inputs={"target_tokens": np.array([2, 3], np.int64), "weights": np.array([0.5, 1.0], np.float64)},
    )
    done = training.forward([data], "cross_entropy").result(timeout=20)
    (held,) = done.loss_fn_outputs
    assert held["logprobs"].to_numpy().shape == (2,)
    assert done.metrics["loss:sum"] == pytest.approx(
        -float(held["logprobs"].to_numpy() @ np.array([0.5, 1.0])), rel=1e-6
    )


class _Tensor(torch.Tensor):  # type: ignore[misc]
    """As much of a tensor as custom losses need; the stub of torch has none."""

    dtype = type("float32", (), {"is_floating_point": True})()
    grad: _Tensor | None = None

    def __init__(self, values: list[float]) -> None:
        self.values = values
        self.shape = [len(values)]

    def clone(self) -> _Tensor:
        return self

    detach = flatten = clone

    def requires_grad_(self, _: bool) -> _Tensor:
        return self

    def tolist(self) -> list[float]:
        return self.values

    def __neg__(self) -> _Tensor:
        return _Tensor([-value for value in self.values])


def test_a_loss_of_ones_own(training: Any, mock: MockClient, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two passes: one to look, one with the slope of the custom loss as weights."""
    monkeypatch.setattr(torch, "tensor", _Tensor, raising=False)

    class Loss:
        def __init__(self, tensors: list[_Tensor]) -> None:
            self.tensors = tensors

        def backward(self) -> None:
            for each in self.tensors:
                each.grad = _Tensor([0.25] * len(each.values))

    def custom(data: list[Any], logprobs: list[_Tensor]) -> tuple[Loss, dict[str, float]]:
        return Loss(logprobs), {"custom:sum": 7.0}

    done = call(training, "forward_backward_custom", [datum([1, 2, 3])], custom)
    assert done.metrics["custom:sum"] == 7.0
    (body,) = bodies(mock, "/forward_backward")
    assert body["forward_backward_input"]["data"][0]["loss_fn_inputs"]["weights"]["data"] == [-0.25] * 3
    mock.verify(path="/api/v1/forward", count=1)
    (held,) = done.loss_fn_outputs
    assert done.metrics["loss:sum"] == pytest.approx(0.25 * math.fsum(held["logprobs"].data), rel=1e-6)


def test_calls_that_overlap_are_worked_on_in_order(training: Any, mock: MockClient) -> None:
    """Nobody waits for a result before the next call: the order is that of the calls."""
    passes = [training.forward_backward([datum([1, 2, 3])], "cross_entropy") for _ in range(4)]
    steps = [training.optim_step(types.AdamParams(learning_rate=0.001)) for _ in range(2)]
    last = training.forward([datum([1, 2, 3])], "cross_entropy")
    cycles = [each.result(timeout=20).metrics["clock_cycle:unique"] for each in passes]
    assert cycles == sorted(set(cycles))
    assert [each.result(timeout=20).metrics["optimizer_step:max"] for each in steps] == [1, 2]
    assert last.result(timeout=20).metrics["clock_cycle:unique"] > cycles[-1]
    ids = [each["request"]["json"]["seq_id"] for each in mock.journal() if "seq_id" in each["request"].get("json", {})]
    assert ids == list(range(1, 8))


def test_loss_falls(training: Any) -> None:
    seen = losses(training, 8)
    assert seen == sorted(seen, reverse=True) and seen[-1] < 0.9 * seen[0]


def test_equal_runs_are_equal(connect: Connect) -> None:
    first, second = (connect().create_lora_training_client(BASE, rank=8) for _ in range(2))
    assert losses(first, 3) == losses(second, 3)


def test_saving_and_loading(service: Any, training: Any, call: Call) -> None:
    losses(training, 2)
    before = loss(training)
    path = call(training, "save_state", "ck").path
    assert path == f"tinker://{training.model_id}/weights/ck"
    losses(training, 2)
    assert loss(training) < before
    assert call(training, "load_state", path).path in (path, None)
    assert loss(training) == before
    other = call(service, "create_training_client_from_state", path, user_metadata={"new": "1"})
    assert other.model_id != training.model_id and loss(other) == before
    assert call(other, "get_info").lora_rank == 8


def test_samplers(service: Any, training: Any, mock: MockClient, call: Call) -> None:
    losses(training, 3)
    path = call(training, "save_weights_for_sampler", "smp").path
    assert path == f"tinker://{training.model_id}/sampler_weights/smp"
    named = service.create_sampling_client(model_path=path)
    passing = call(training, "save_weights_and_get_sampling_client")
    base = service.create_sampling_client(base_model=BASE)
    params = types.SamplingParams(max_tokens=5, seed=1, stop=["x"])
    samples = [call(each, "sample", PROMPT, 2, params) for each in (named, passing, base)]
    for each in samples:
        assert [len(one.tokens) == len(one.logprobs) for one in each.sequences] == [True, True]
        assert all(one.stop_reason in ("stop", "length") and len(one.tokens) <= 5 for one in each.sequences)
        assert (each.prompt_logprobs, each.topk_prompt_logprobs) == (None, None)
    trained, fresh, untrained = (call(each, "compute_logprobs", PROMPT) for each in (named, passing, base))
    assert trained == fresh != untrained
    assert trained[0] is None and sum(trained[1:]) > sum(untrained[1:])
    # One counter for both ways to a sampler.
    assert [each["sampling_session_seq_id"] for each in bodies(mock, "/create_sampling_session")] == [0, 2]
    assert bodies(mock, "/save_weights_for_sampler")[-1]["sampling_session_seq_id"] == 1


def test_what_samples_may_be_asked(service: Any, call: Call) -> None:
    sampler = service.create_sampling_client(base_model=BASE)

    def tokens(**params: Any) -> list[int]:
        done = call(sampler, "sample", PROMPT, 1, types.SamplingParams(**params))
        return list(done.sequences[0].tokens)

    assert tokens(max_tokens=8, seed=1) == tokens(max_tokens=8, seed=1) != tokens(max_tokens=8, seed=2)
    cold = tokens(max_tokens=4, temperature=0.0)
    assert cold == tokens(max_tokens=4, top_k=1, seed=5) == tokens(max_tokens=4, top_p=1e-9, seed=6)
    stopped = call(sampler, "sample", PROMPT, 1, types.SamplingParams(max_tokens=4, temperature=0.0, stop=[cold[1]]))
    assert stopped.sequences[0].stop_reason == "stop" and stopped.sequences[0].tokens == cold[:2]
    params = types.SamplingParams(max_tokens=2)
    scored = call(sampler, "sample", PROMPT, 1, params, include_prompt_logprobs=True, topk_prompt_logprobs=3)
    assert len(scored.prompt_logprobs) == len(scored.topk_prompt_logprobs) == 3
    assert scored.topk_prompt_logprobs[0] is None and [len(each) for each in scored.topk_prompt_logprobs[1:]] == [3, 3]
    for each in scored.topk_prompt_logprobs[1:]:
        assert [value for _, value in each] == sorted((value for _, value in each), reverse=True)


def test_many_samples_at_once(service: Any, mock: MockClient) -> None:
    sampler = service.create_sampling_client(base_model=BASE)
    params = types.SamplingParams(max_tokens=2)

    async def ask() -> list[Any]:
        return await asyncio.gather(*[sampler.sample_async(PROMPT, 1, params) for _ in range(200)])

    done = asyncio.run(ask())
    assert len({tuple(each.sequences[0].tokens) for each in done}) > 10, "each request has a seed of its own"
    ids = [each["seq_id"] for each in bodies(mock, "/asample")]
    assert sorted(ids) == list(range(200))
    assert {header(each, "x-tinker-sampling-backpressure") for each in sent(mock, "/asample")} == {"1"}


def test_a_client_has_no_more_samples_open_than_it_dispatches(service: Any, mock: MockClient) -> None:
    """400 requests at most are on their way at a time; the others wait in the client."""
    sampler = service.create_sampling_client(base_model=BASE)
    mock.set_faults([rule("hang", match(rpc=SAMPLE))])
    params = types.SamplingParams(max_tokens=1)
    futures = [sampler.sample(PROMPT, 1, params) for _ in range(420)]
    mock.verify(path="/api/v1/asample", count=400, within=15)
    mock.clear_faults()
    for each in futures:
        each.cancel()


def test_rest(service: Any, training: Any, call: Call) -> None:
    rest = service.create_rest_client()
    run = training.model_id
    weights, sampler = (
        training.save_state("0001").result(timeout=20).path,
        training.save_weights_for_sampler("0001").result(timeout=20).path,
    )
    runs = call(rest, "list_training_runs", limit=1)
    assert [each.training_run_id for each in runs.training_runs] == [run]
    assert (runs.cursor.offset, runs.cursor.limit, runs.cursor.total_count) == (0, 1, 1)
    found = call(rest, "get_training_run", run)
    assert (found.base_model, found.is_lora, found.lora_rank, found.corrupted) == (BASE, True, 8, False)
    assert found.last_checkpoint.tinker_path == weights and found.last_sampler_checkpoint.tinker_path == sampler
    assert call(rest, "get_training_run_by_tinker_path", weights) == found
    held = call(rest, "list_checkpoints", run)
    assert held.cursor is None
    assert {(each.checkpoint_id, each.checkpoint_type) for each in held.checkpoints} == {
        ("weights/0001", "training"),
        ("sampler_weights/0001", "sampler"),
    }
    mine = call(rest, "list_user_checkpoints", limit=1, offset=1)
    assert len(mine.checkpoints) == 1 and mine.cursor.total_count == 2
    assert not mine.checkpoints[0].public and mine.checkpoints[0].size_bytes > 0


def test_a_checkpoint_is_published_downloaded_and_deleted(service: Any, training: Any, call: Call) -> None:
    rest = service.create_rest_client()
    path = training.save_state("ck").result(timeout=20).path

    def public() -> list[bool]:
        return [each.public for each in call(rest, "list_checkpoints", training.model_id).checkpoints]

    call(rest, "publish_checkpoint_from_tinker_path", path)
    assert public() == [True]
    call(rest, "unpublish_checkpoint_from_tinker_path", path)
    assert public() == [False]
    for link in (
        call(rest, "get_checkpoint_archive_url", training.model_id, "weights/ck"),
        call(rest, "get_checkpoint_archive_url_from_tinker_path", path),
    ):
        got = importlib.import_module("httpx").get(link.url)
        assert got.status_code == 200 and got.content[:2] == b"\x1f\x8b"
        assert link.expires
    call(rest, "delete_checkpoint_from_tinker_path", path)
    assert public() == []
    with pytest.raises(tinker.NotFoundError, match="Checkpoint not found"):
        call(rest, "delete_checkpoint", training.model_id, "weights/ck")
    with pytest.raises(tinker.NotFoundError):
        call(rest, "get_checkpoint_archive_url", training.model_id, "weights/ck")


def test_what_is_not_there(service: Any, call: Call) -> None:
    rest = service.create_rest_client()
    with pytest.raises(tinker.NotFoundError, match=r"Error code: 404 - \{'detail': 'Training run not found: none'\}"):
        call(rest, "get_training_run", "none")
    with pytest.raises(tinker.NotFoundError):
        call(rest, "list_checkpoints", "none")
    with pytest.raises(tinker.NotFoundError):
        call(rest, "publish_checkpoint_from_tinker_path", "tinker://none/weights/x")
    with pytest.raises(tinker.NotFoundError):
        service.create_sampling_client(model_path="tinker://none/sampler_weights/x")
    with pytest.raises(tinker.NotFoundError):
        call(service, "create_training_client_from_state", "tinker://none/weights/x")


def test_pages(service: Any, training: Any, call: Call) -> None:
    rest = service.create_rest_client()
    for number in range(5):
        training.save_state(f"c{number}").result(timeout=20)
    pages = [call(rest, "list_user_checkpoints", limit=2, offset=offset) for offset in (0, 2, 4, 6)]
    assert [len(each.checkpoints) for each in pages] == [2, 2, 1, 0]
    assert {each.cursor.total_count for each in pages} == {5}
    assert len({one.tinker_path for each in pages for one in each.checkpoints}) == 5


def test_a_model_is_unloaded(service: Any, training: Any) -> None:
    """The low-level resource; no public method does it."""

    async def ask() -> Any:
        with service.holder.aclient(_pool("TRAIN")) as client:
            return await client.models.unload(request=types.UnloadModelRequest(model_id=training.model_id))

    promise = service.holder.run_coroutine_threadsafe(ask()).result()
    assert promise.request_id


def test_heartbeats_and_telemetry(connect: Connect, mock: MockClient, hurry: None) -> None:
    """Each 10 s, in a process whose pauses are shorter; telemetry comes with the first exception."""
    service = connect()
    mock.verify(path="/api/v1/session_heartbeat", count=(2, None), within=10)
    assert bodies(mock, "/session_heartbeat")[0] == {"session_id": service.holder.get_session_id()}
    with pytest.raises(tinker.NotFoundError):
        service.create_sampling_client(model_path="tinker://none/sampler_weights/x")
    mock.verify(path="/api/v1/telemetry", within=10)
    batch = bodies(mock, "/telemetry")[0]
    assert batch["session_id"] == service.holder.get_session_id() and batch["sdk_version"] == "0.4.1"
    assert [each["event_session_index"] for each in batch["events"]] == list(range(len(batch["events"])))
    assert batch["events"][0]["event"] == "SESSION_START"
    (answer,) = {each["status"] for each in sent(mock, "/telemetry")}
    assert answer == 200


def test_telemetry_can_be_switched_off(connect: Connect, mock: MockClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINKER_TELEMETRY", "0")
    service = connect()
    with pytest.raises(tinker.NotFoundError):
        service.create_sampling_client(model_path="tinker://none/sampler_weights/x")
    mock.verify(path="/api/v1/telemetry", never=True)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_keys(connect: Connect, mock: MockClient) -> None:
    """0.4.1 takes any key; whether one is right is the server's to say. What has no session can't be taken down: the
    SDK's destructor says so."""
    mock.configure("tinker", auth={"required": True, "keys": ["any-key"]})
    with pytest.raises(tinker.AuthenticationError, match="Invalid API key"):
        connect(api_key="other")
    gc.collect()
    assert connect(api_key="any-key").get_server_capabilities().supported_models


def test_a_session_that_nobody_kept_has_expired(service: Any, mock: MockClient, call: Call) -> None:
    mock.configure("tinker", session_timeout_s=60)
    mock.advance(61)
    with pytest.raises(tinker.APIStatusError, match="has expired") as caught:
        call(service, "create_lora_training_client", BASE)
    assert caught.value.status_code == 410


def test_an_environment_of_a_session(mock: MockClient, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINKER_BASE_URL", mock.url)
    monkeypatch.setenv("TINKER_API_KEY", "tml-env")
    monkeypatch.setenv("CLOUDFLARE_ACCESS_CLIENT_ID", "cf-id")
    monkeypatch.setenv("CLOUDFLARE_ACCESS_CLIENT_SECRET", "cf-secret")
    connect(base_url=None, api_key=None, default_headers={"X-Mine": "1"})
    (entry,) = sent(mock, "/create_session")
    said = [header(entry, name) for name in ("x-api-key", "cf-access-client-id", "cf-access-client-secret", "x-mine")]
    assert said == ["tml-env", "cf-id", "cf-secret", "1"]


def _pool(name: str) -> Any:
    module = importlib.import_module("tinker.lib.client_connection_pool_type")
    return module.ClientConnectionPoolType[name]
