"""PyPI `tinker` 0.38.0, unmodified, as a judge of the mock: saving, loading, and what happens to checkpoints."""

from __future__ import annotations

import io
import re
import tarfile
import time
import urllib.error
import urllib.request
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.tinker.judges.sdk_0_38 import BASE, Call, bodies, done, header, loss, losses, sent, tinker, types

STEP = types.AdamParams(learning_rate=0.001)
# The work is done, and the answer never comes.
LOST: Any = {"kind": "status", "status": 503, "headers": {"retry-after-ms": "5"}, "json": {"detail": "lost"}}


def fails(future: Any, text: str, category: str = "user") -> None:
    """The promise was given, and came to nothing."""
    with pytest.raises(tinker.RequestFailedError, match=re.escape(text)) as caught:
        done(future)
    assert caught.value.category.value == category


def load(training: Any, path: str, *, optimizer: bool = False, **kwargs: Any) -> Any:
    method = training.load_state_with_optimizer if optimizer else training.load_state
    with pytest.warns(FutureWarning):
        return method(path, **kwargs)


def from_state(service: Any, path: str, **kwargs: Any) -> Any:
    return done(service.create_training_client_from_state(path, **kwargs))


def test_save_and_load(training: Any, mock: MockClient, call: Call) -> None:
    losses(training, 2)
    saved = call(training, "save_state", "ck", ttl_seconds=1000, user_metadata={"step": "2"})
    assert saved.path == f"tinker://{training.model_id}/weights/ck"
    at = loss(training)
    losses(training, 2)
    assert loss(training) < at
    done(load(training, saved.path))
    assert loss(training) == at
    (body,) = bodies(mock, "/load_weights")
    assert (body["optimizer"], body["path"]) == (False, saved.path)


def test_a_new_model_from_a_state(service: Any, training: Any, mock: MockClient, call: Call) -> None:
    losses(training, 2)
    path = done(training.save_state("ck")).path
    second = call(service, "create_training_client_from_state", path, user_metadata={"again": "yes"})
    assert second.model_id != training.model_id and second.get_info().lora_rank == 8
    assert loss(second) == loss(training)
    (body,) = bodies(mock, "/load_weights")
    assert body["optimizer"] is False and body["session_id"] and "model_id" not in body
    third = call(service, "create_training_client_from_state_with_optimizer", path)
    assert bodies(mock, "/load_weights")[-1]["optimizer"] is True
    assert losses(third, 4) == losses(training, 4), "with its optimizer training goes on as if nothing had been"


def test_the_state_of_the_optimizer_matters(service: Any, training: Any) -> None:
    losses(training, 5)
    path = done(training.save_state("ck")).path
    through = losses(training, 5)
    done(load(training, path, optimizer=True))
    assert losses(training, 5) == through
    done(load(training, path))
    without = losses(training, 5)
    assert without[0] == through[0] and without[-1] != through[-1]
    assert without[-1] < without[0], "it learns all the same"


def test_a_session_later(service: Any, training: Any, connect: Call) -> None:
    """Train, save, stop, restart, load, train."""
    losses(training, 3)
    path, at = done(training.save_state("ck")).path, loss(training)
    done(service.close("success"))
    again = from_state(connect(), path)
    assert loss(again) == at
    losses(again, 2)
    assert loss(again) < at


def test_saving_over(training: Any) -> None:
    done(training.save_state("ck"))
    fails(training.save_state("ck"), "Checkpoint already exists")
    losses(training, 1)
    path, at = done(training.save_state("ck", overwrite=True)).path, loss(training)
    losses(training, 1)
    done(load(training, path))
    assert loss(training) == at


def test_what_can_not_be_loaded(service: Any, training: Any, mock: MockClient) -> None:
    losses(training, 1)
    path = done(training.save_state("ck")).path
    fails(load(training, f"tinker://{training.model_id}/weights/nope"), "Checkpoint not found")
    with pytest.raises(tinker.NotFoundError, match="Checkpoint not found: tinker://nope/weights/ck"):
        done(load(training, "tinker://nope/weights/ck"))
    with pytest.raises(tinker.BadRequestError, match="Invalid checkpoint path"):
        done(load(training, "nope"))
    other = done(service.create_lora_training_client("Qwen/Qwen3-8B", rank=8))
    fails(load(other, path), f"is of {BASE}, the model is Qwen/Qwen3-8B")
    wide = done(service.create_lora_training_client(BASE, rank=16))
    fails(load(wide, path), "has LoRA rank 8, the model 16")
    dimuon = done(service.create_lora_training_client(BASE, rank=8, optimizer=types.DimuonOptimizerConfig()))
    fails(load(dimuon, path, optimizer=True), "state of adamw, the model is dimuon")
    done(load(dimuon, path))
    sampler = done(training.save_weights_for_sampler("smp")).path
    fails(load(training, sampler), "is for sampling")
    at = loss(training)
    mock.configure("tinker", corrupted=[path])
    fails(load(training, path), "is corrupted")
    with pytest.raises(tinker.RequestFailedError, match="is corrupted"):
        from_state(service, path)
    assert loss(training) == at, "what was not loaded changed nothing"


def test_names_that_are_none(training: Any) -> None:
    for name in ("a/b", "..", "x" * 200, "a b"):
        with pytest.raises(tinker.BadRequestError, match="Invalid checkpoint name"):
            done(training.save_state(name))
    assert done(training.save_state("good")).path, "refused calls hold nobody up"


def test_a_checkpoint_of_another_account(service: Any, training: Any, rest: Any, mock: MockClient) -> None:
    path = done(training.save_state("ck")).path
    mock.configure("tinker", weights_access_tokens={path: "secret"})
    with pytest.raises(tinker.PermissionDeniedError):
        from_state(service, path)
    assert from_state(service, path, weights_access_token="secret").model_id
    with pytest.raises(tinker.PermissionDeniedError):
        done(load(training, path, weights_access_token="wrong"))
    with pytest.raises(tinker.PermissionDeniedError):
        done(rest.copy_weights(path, "proj"))
    assert done(rest.copy_weights(path, "proj", weights_access_token="secret")) != path
    assert header(sent(mock, "/copy_weights")[-1], "x-tinker-weights-access-token") == "secret"


def test_time_to_live(training: Any, rest: Any, mock: MockClient) -> None:
    path = done(training.save_state("ck", ttl_seconds=100)).path
    (held,) = done(rest.list_checkpoints(training.model_id)).checkpoints
    assert (held.expires_at - held.time).total_seconds() == pytest.approx(100)
    mock.advance(99)
    assert done(rest.get_weights_info_by_tinker_path(path)).base_model == BASE
    mock.advance(2)
    assert done(rest.list_checkpoints(training.model_id)).checkpoints == []
    with pytest.raises(tinker.NotFoundError):
        done(rest.get_weights_info_by_tinker_path(path))
    fails(load(training, path), "Checkpoint not found")
    fails(training.save_state("never", ttl_seconds=0), "ttl_seconds is 0")


def test_external_weights(training: Any, rest: Any, mock: MockClient, call: Call) -> None:
    losses(training, 1)
    path = call(training, "save_weights_external", "ext", ttl_seconds=500).path
    assert path == f"tinker://{training.model_id}/external_weights/ext"
    told = call(rest, "get_external_weights_urls", path)
    files = {name: urllib.request.urlopen(url).read() for name, url in told.urls.items()}
    assert len(files) == 2 and all(files.values())
    (held,) = done(rest.list_checkpoints(training.model_id)).checkpoints
    assert (held.checkpoint_type, held.checkpoint_id) == ("external", "external_weights/ext")
    mock.advance(2000)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(next(iter(told.urls.values())))
    with pytest.raises(ValueError, match="only accepts external"):
        rest.get_external_weights_urls(f"tinker://{training.model_id}/weights/ext")


def test_copies(service: Any, training: Any, rest: Any, mock: MockClient) -> None:
    losses(training, 2)
    path = done(training.save_state("ck")).path
    copied = done(rest.copy_weights(path, "proj", ttl_seconds=60))
    assert copied != path
    assert loss(from_state(service, copied)) == loss(training)
    (body,) = bodies(mock, "/copy_weights")
    assert body == {"source_path": path, "destination_project_id": "proj", "ttl_seconds": 60}
    with pytest.raises(ValueError, match="TINKER_PROJECT_ID"):
        rest.copy_weights(path)
    mock.set_faults([{"request": {"path": "/api/v1/copy_weights", "calls": {"to": 2}}, "fault": LOST}])
    before = len(done(rest.list_user_checkpoints()).checkpoints)
    assert done(rest.copy_weights(path, "proj")).startswith("tinker://")
    assert len(done(rest.list_user_checkpoints()).checkpoints) == before + 1, "one copy, however often it was asked for"
    assert len({header(each, "x-idempotency-key") for each in sent(mock, "/copy_weights")}) == 2


def test_repeated_requests_are_done_once(training: Any, mock: MockClient) -> None:
    """The answer was lost on its way, and the SDK asks again."""
    lost: Any = [
        {"request": {"path": f"/api/v1/{path}", "calls": {"to": 1}}, "fault": LOST}
        for path in ("forward_backward", "optim_step")
    ]
    mock.set_faults(lost)
    seen = losses(training, 3)
    stepped = done(training.optim_step(STEP))
    assert stepped.metrics["optimizer_step:max"] == 4
    assert len(sent(mock, "/optim_step")) == 5 and len(sent(mock, "/forward_backward")) == 4
    mock.clear_faults()
    assert seen == sorted(seen, reverse=True)


def test_a_gibibyte(service: Any, training: Any, mock: MockClient) -> None:
    """Within seed 002's 5 seconds each on a machine of its own; tests share theirs with others."""
    mock.configure("tinker", state_bytes=1 << 30)
    started = time.monotonic()
    losses(training, 1)
    path = done(training.save_state("large")).path
    saved = time.monotonic()
    assert loss(from_state(service, path)) == loss(training)
    loaded = time.monotonic()
    mock.configure("tinker", state_bytes=0)
    assert saved - started < 25 and loaded - saved < 25


def test_the_archive_of_older_releases(training: Any, mock: MockClient) -> None:
    """0.38 has no method for it; the server answers those that have."""
    done(training.save_state("ck"))
    url = f"{mock.url}/api/v1/training_runs/{training.model_id}/checkpoints/weights/ck/archive"
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": "application/gzip"})) as answer:
        packed = io.BytesIO(answer.read())
    with tarfile.open(fileobj=packed) as archive:
        assert archive.getnames() == ["adapter_config.json", "adapter_model.bin"]
