"""PyPI `tinker` 0.4.1 and its checkpoints: seed 002's workflows and errors, as far as a release without `optimizer` has
them.
"""

from __future__ import annotations

from typing import Any

import pytest

from mock.client.client import MockClient
from mock.tinker.judges.sdk_0_4_1 import BASE, Call, Connect, bodies, datum, loss, losses, tinker, types


def test_training_goes_on_from_a_checkpoint(training: Any, mock: MockClient, call: Call) -> None:
    """Weights are as they were; the optimizer begins anew, so only the first loss is that of the run that went on."""
    losses(training, 3)
    path = call(training, "save_state", "ck").path
    on = losses(training, 5)
    call(training, "load_state", path)
    again = losses(training, 5)
    assert again[0] == on[0] and all(one != other for one, other in zip(again[1:], on[1:], strict=True))
    assert "optimizer" not in bodies(mock, "/load_weights")[0]


def test_another_session_goes_on(connect: Connect, call: Call) -> None:
    first = connect().create_lora_training_client(BASE, rank=16, user_metadata={"by": "first"})
    losses(first, 3)
    path, expected = first.save_state("ck").result(timeout=20).path, loss(first)
    second = connect()
    other = call(second, "create_training_client_from_state", path, user_metadata={"more": "1"})
    assert loss(other) == expected
    run = call(second.create_rest_client(), "get_training_run", other.model_id)
    assert (run.lora_rank, run.user_metadata) == (16, {"by": "first", "more": "1"})


@pytest.mark.parametrize("size", [0, 5_000_000], ids=["small", "in a file"])
def test_a_corrupted_checkpoint(service: Any, training: Any, mock: MockClient, size: int, call: Call) -> None:
    mock.configure("tinker", state_bytes=size)
    path = training.save_state("ck").result(timeout=20).path
    mock.configure("tinker", corrupted=[path])
    with pytest.raises(tinker.RequestFailedError, match="is corrupted: its checksum is wrong") as caught:
        call(training, "load_state", path)
    assert caught.value.category.name == "User"
    with pytest.raises(tinker.RequestFailedError, match="is corrupted"):
        call(service, "create_training_client_from_state", path)
    losses(training, 1)


def test_corrupted_weights_are_not_sampled_from(service: Any, training: Any, mock: MockClient) -> None:
    path = training.save_weights_for_sampler("s").result(timeout=20).path
    mock.configure("tinker", corrupted=[path])
    with pytest.raises(tinker.BadRequestError, match="is corrupted"):
        service.create_sampling_client(model_path=path)


def test_checkpoints_that_are_not_there(training: Any, call: Call) -> None:
    with pytest.raises(tinker.RequestFailedError, match="Checkpoint not found"):
        call(training, "load_state", f"tinker://{training.model_id}/weights/never")
    with pytest.raises(tinker.NotFoundError):
        call(training, "load_state", "tinker://none/weights/x")
    with pytest.raises(tinker.BadRequestError):
        call(training, "load_state", "nonsense")
    with pytest.raises(tinker.BadRequestError):
        call(training, "save_state", "a/b")
    losses(training, 1)


def test_checkpoints_that_do_not_fit(service: Any, training: Any, call: Call) -> None:
    path = training.save_state("ck").result(timeout=20).path
    for base, rank, said in [(BASE, 16, "has LoRA rank 8, the model 16"), ("Qwen/Qwen3-8B", 8, "the model is Qwen")]:
        other = service.create_lora_training_client(base, rank=rank)
        with pytest.raises(tinker.RequestFailedError, match=said):
            call(other, "load_state", path)
        losses(other, 1)
    sampler = training.save_weights_for_sampler("s").result(timeout=20).path
    with pytest.raises(tinker.RequestFailedError, match="is for sampling"):
        call(training, "load_state", sampler)
    with pytest.raises(tinker.BadRequestError, match="is not for sampling"):
        service.create_sampling_client(model_path=path)


def test_saving_again_replaces(training: Any, call: Call) -> None:
    """0.4.1 can't say `overwrite`."""
    path = call(training, "save_state", "ck").path
    losses(training, 2)
    assert call(training, "save_state", "ck").path == path
    expected = loss(training)
    losses(training, 2)
    call(training, "load_state", path)
    assert loss(training) == expected


def test_saves_and_steps_that_overlap_are_in_order(training: Any) -> None:
    """A checkpoint has the steps before it, and none after; nobody waits between the calls."""
    saved = []
    for number in range(4):
        training.forward_backward([datum([1, 2, 3])], "cross_entropy")
        training.optim_step(types.AdamParams(learning_rate=0.001))
        saved.append(training.save_state(f"c{number}"))
    seen = []
    for each in saved:
        training.load_state(each.result(timeout=20).path).result(timeout=20)
        seen.append(loss(training))
    assert seen == sorted(set(seen), reverse=True)


def test_a_disk_that_takes_its_time(training: Any, mock: MockClient) -> None:
    mock.advance(0)
    mock.configure("tinker", durations={"weights": 25})
    saving = training.save_state("ck")
    mock.verify(path="/api/v1/save_weights", within=10)
    assert not saving._future.done()
    mock.verify(path="/api/v1/retrieve_future", count=2, within=10)
    mock.advance(25)
    assert saving.result(timeout=20).path
