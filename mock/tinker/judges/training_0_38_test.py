"""PyPI `tinker` 0.38.0, unmodified, as a judge of the mock: models, and what trains them."""

from __future__ import annotations

import importlib
import math
from itertools import pairwise
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.tinker.judges.sdk_0_38 import (
    BASE,
    Call,
    bodies,
    datum,
    done,
    header,
    loss,
    losses,
    problems,
    prompt,
    sent,
    tinker,
    types,
)

np: Any = importlib.import_module("numpy")
LOSSES = ["cross_entropy", "importance_sampling", "ppo", "cispo", "dro", "gspo", "stable_reinforce"]


def test_a_model(service: Any, mock: MockClient, call: Call) -> None:
    training = call(service, "create_lora_training_client", BASE, rank=8, seed=3, user_metadata={"m": "1"})
    info = call(training, "get_info")
    assert training.model_id == f"{service.holder.get_session_id()}:train:0"
    assert (info.model_id, info.model_name, info.is_lora, info.lora_rank) == (training.model_id, BASE, True, 8)
    assert (info.model_data.model_name, info.model_data.tokenizer_id) == (BASE, BASE)
    assert info.optimizer_config.type == "adamw"
    (said,) = bodies(mock, "/create_model")
    assert said["lora_config"] == {
        "rank": 8,
        "seed": 3,
        "train_unembed": True,
        "train_mlp": True,
        "train_attn": True,
    }
    second = call(service, "create_lora_training_client", BASE, optimizer=types.DimuonOptimizerConfig())
    assert second.model_id == f"{service.holder.get_session_id()}:train:1"
    assert call(second, "get_info").optimizer_config.type == "dimuon" and second.get_console_url()
    assert not problems(mock)


def test_a_pass_and_a_step(training: Any, mock: MockClient, call: Call) -> None:
    mixed = types.Datum(
        model_input=types.ModelInput(
            chunks=[
                types.EncodedTextChunk(tokens=[5]),
                types.ImageChunk(data=b"\x01\x02\xff", format="png", expected_tokens=7),
                types.DmelChunk(dmel=b"\x00\x01" * 64),
            ]
        ),
        loss_fn_inputs={"target_tokens": types.TensorData(data=[1], dtype="int64"), "weights": [1.0]},
    )
    first = call(training, "forward_backward", [datum(1, 2, 3), mixed], "cross_entropy")
    assert first.loss_fn_output_type and [each["logprobs"].shape for each in first.loss_fn_outputs] == [[3], [1]]
    flat = [value for each in first.loss_fn_outputs for value in each["logprobs"].data]
    assert all(value < 0 for value in flat)
    assert first.metrics["loss:sum"] == pytest.approx(-math.fsum(flat), rel=1e-6)
    before = call(training, "forward", [datum(1, 2, 3)], "cross_entropy").metrics["loss:sum"]
    assert call(training, "forward", [datum(1, 2, 3)], "cross_entropy").metrics["loss:sum"] == before
    stepped = call(training, "optim_step", types.AdamParams(learning_rate=0.001, weight_decay=0.1, grad_clip_norm=1.0))
    assert stepped.metrics and all(math.isfinite(value) for value in stepped.metrics.values())
    assert call(training, "forward", [datum(1, 2, 3)], "cross_entropy").metrics["loss:sum"] < before
    passes = bodies(mock, "/forward_backward")
    assert [each.get("forwardOnly", False) for each in passes] == [False, True, True, True]
    assert [each["seqId"] for each in passes] == [1, 2, 3, 5]
    assert all(header(each, "content-type") == "application/x-protobuf" for each in sent(mock, "/forward_backward"))
    fetches = [each for each in sent(mock, "/retrieve_future") if header(each, "accept") == "application/x-protobuf"]
    kinds = {each["value"] for entry in fetches for each in entry["answer_headers"] if each["name"] == "content-type"}
    assert kinds == {"application/json", "application/x-protobuf"}  # metadata first, then the result
    assert not problems(mock)


def test_parameters_as_they_were_called(training: Any, mock: MockClient) -> None:
    done(training.optim_step(adam_params=types.AdamParams()))
    (said,) = bodies(mock, "/optim_step")
    assert said["adam_params"]["learning_rate"] == 0.0001 and said["adam_params"]["grad_clip_norm"] == 0.0


def test_large_batches_come_in_chunks_and_are_reduced(training: Any, mock: MockClient) -> None:
    data = [datum(1 + number % 7, 2, 3) for number in range(2100)]
    told = done(training.forward_backward(data, "cross_entropy"))
    chunks = {each["seqId"]: len(each["data"]) for each in bodies(mock, "/forward_backward")}
    assert chunks == {1: 1024, 2: 1024, 3: 52}
    assert bodies(mock, "/forward_backward")[-1]["seqId"] == 1, "the first chunk is sent last"
    assert len(told.loss_fn_outputs) == 2100
    names = set(told.metrics)
    assert {"loss:sum", "loss_per_token:mean", "tokens:sum", "logprob:min", "logprob:max"} <= names
    assert {"tokens_of_worker:slack", "data:hash2"} <= names
    assert not [name for name in names if name.endswith("hash_unordered")], "0.38 dropped this reduction"
    cycles = [told.metrics[f"clock_cycle:unique{end}"] for end in ("", "_1", "_2")]
    assert cycles == sorted(set(cycles)), "worked on in the order of seq_id, whatever order they came in"
    flat = [value for each in told.loss_fn_outputs for value in each["logprobs"].data]
    assert told.metrics["loss:sum"] == pytest.approx(-math.fsum(flat), rel=1e-6)
    assert told.metrics["logprob:min"] == pytest.approx(min(flat), rel=1e-6)
    assert told.metrics["tokens:sum"] == 6300


@pytest.mark.parametrize("parallel", [True, False])
def test_the_server_sets_the_size_of_chunks(connect: Call, mock: MockClient, parallel: bool) -> None:
    config = {"fwdbwd_max_chunk_len": 2, "parallel_fwdbwd_chunks": parallel}
    mock.configure("tinker", client_config=config)
    training = done(connect().create_lora_training_client(BASE))
    told = done(training.forward_backward([datum(1, 2, each) for each in range(5)], "cross_entropy"))
    came = [each["seqId"] for each in bodies(mock, "/forward_backward")]
    assert sorted(came) == [1, 2, 3] and (came[-1] == 1 if parallel else came == [1, 2, 3])
    single = [done(training.forward([datum(1, 2, each)], "cross_entropy")) for each in range(5)]
    assert [each["logprobs"].data for each in told.loss_fn_outputs] == [
        each.loss_fn_outputs[0]["logprobs"].data for each in single
    ]


def test_bytes_of_chunks_are_bounded(connect: Call, mock: MockClient) -> None:
    mock.configure("tinker", client_config={"fwdbwd_max_chunk_bytes_count": 100})
    training = done(connect().create_lora_training_client(BASE))
    done(training.forward_backward([datum(1, 2, 3)] * 4, "cross_entropy"))  # 36 bytes each
    assert {each["seqId"]: len(each["data"]) for each in bodies(mock, "/forward_backward")} == {1: 2, 2: 2}


def test_compressed_passes(connect: Call, mock: MockClient) -> None:
    mock.configure("tinker", client_config={"proto_compress_fwdbwd": True})
    training = done(connect().create_lora_training_client(BASE))
    assert done(training.forward([datum(*range(1, 300))], "cross_entropy")).metrics["tokens:sum"] == 299
    (entry,) = sent(mock, "/forward_backward")
    assert header(entry, "content-encoding") == "zstd" and "problem" not in entry


def test_no_data(training: Any, mock: MockClient) -> None:
    with pytest.raises(ValueError, match="No data"):
        training.forward_backward([], "cross_entropy")
    mock.verify(path="/api/v1/forward_backward", never=True)


@pytest.mark.parametrize("name", LOSSES)
def test_losses(training: Any, name: str) -> None:
    data = [datum(1, 2, 3, logprobs=[-1.0] * 3, advantages=[1.0, -1.0, 0.5])]
    config = {"ppo": {"clip_low_threshold": 0.9}, "dro": {"beta": 0.1}}.get(name)
    told = done(training.forward_backward(data, name, config))
    assert math.isfinite(told.metrics["loss:sum"]) and len(told.loss_fn_outputs[0]["logprobs"].data) == 3
    assert done(training.forward(data, name, config)).metrics["loss:sum"] == told.metrics["loss:sum"]


def test_a_loss_that_there_is_not(training: Any) -> None:
    with pytest.raises(tinker.RequestFailedError, match="no loss function 'nope'") as caught:
        done(training.forward_backward([datum(1, 2)], "nope"))
    assert caught.value.category.value == "user"


def test_tensors(training: Any) -> None:
    """Of two dimensions, of numpy's types, and sparse ones."""
    weights = np.array([[0.5, 0.0], [0.0, 1.0], [0.0, 0.0]], np.float64)
    targets = np.array([[2, 5], [3, 6], [4, 7]], np.int32)
    dense = datum(1, 2, 3, target_tokens=targets, weights=weights)
    told = done(training.forward([dense], "cross_entropy"))
    (held,) = told.loss_fn_outputs
    logprobs = held["logprobs"].to_numpy()
    assert logprobs.shape == (3, 2)
    assert told.metrics["loss:sum"] == pytest.approx(-float((logprobs * weights).sum()), rel=1e-6)
    sparse = types.TensorData(
        data=[0.5, 1.0], dtype="float32", shape=[3, 2], sparse_crow_indices=[0, 1, 2, 2], sparse_col_indices=[0, 1]
    )
    again = done(training.forward([datum(1, 2, 3, target_tokens=targets, weights=sparse)], "cross_entropy"))
    assert again.metrics["loss:sum"] == told.metrics["loss:sum"]


def test_training_learns(training: Any) -> None:
    seen = losses(training, 12)
    assert all(after < before for before, after in pairwise(seen)) and seen[-1] < 0.8 * seen[0]


def test_models_of_one_service_are_apart(service: Any) -> None:
    one, two = (done(service.create_lora_training_client(BASE)) for _ in range(2))
    before = loss(two)
    losses(one, 2)
    assert loss(two) == before != loss(one)


def test_calls_are_worked_on_in_order(training: Any) -> None:
    """Handed in at once, without waiting for answers."""
    handed = []
    for _ in range(5):
        handed.append(training.forward([datum(1, 2, 3)], "cross_entropy"))
        training.forward_backward([datum(1, 2, 3)], "cross_entropy")
        training.optim_step(types.AdamParams(learning_rate=0.001))
    seen = [done(each).metrics["loss:sum"] for each in handed]
    assert seen == sorted(set(seen), reverse=True)


def test_dimuon(service: Any, mock: MockClient) -> None:
    training = done(service.create_lora_training_client(BASE, optimizer=types.DimuonOptimizerConfig()))
    before = loss(training)
    done(training.forward_backward([datum(1, 2, 3)], "cross_entropy"))
    done(training.optim_step(types.DimuonParams(learning_rate=0.001)))
    assert loss(training) < before
    assert bodies(mock, "/optim_step")[0]["optimizer_params"]["type"] == "dimuon"
    with pytest.raises(tinker.RequestFailedError, match="created with dimuon"):
        done(training.optim_step(types.AdamParams()))


def test_bad_numbers(training: Any) -> None:
    with pytest.raises(tinker.RequestFailedError, match="betas"):
        done(training.optim_step(types.AdamParams(beta1=1.5)))
    with pytest.raises(tinker.RequestFailedError, match="weights has 2 numbers for 3 targets"):
        done(training.forward([datum(1, 2, 3, weights=[1.0, 2.0])], "cross_entropy"))
    assert loss(training) > 0, "the model goes on"


def test_a_prompt(training: Any) -> None:
    """What is not said of a datum is filled in."""
    empty = types.Datum(model_input=prompt(1, 2, 3), loss_fn_inputs={})
    assert len(done(training.forward([empty], "cross_entropy")).loss_fn_outputs[0]["logprobs"].data) == 3
