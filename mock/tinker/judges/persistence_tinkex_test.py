"""Seed 002 against the mock, in its dialect: save, load, verify; what the optimizer's state changes; what goes wrong.

`test_a_gibibyte…` looks at the clock, and it alone: the seed wants large checkpoints saved and loaded within 5 s.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tinker.v1 import model_wire
from tinker.v1 import weights_wire as wire

from mock.client.client import MockClient
from mock.client.process import MockProcess
from mock.client.stub import match, rule
from mock.tinker.judges.tinkex import BASE, Failed, Tinkex

SAVE, LOAD, INFO, CREATE = (
    f"tinker.v1.{name}"
    for name in (
        "WeightsService/SaveWeights",
        "WeightsService/LoadWeights",
        "WeightsService/GetWeightsInfo",
        "TrainingService/CreateModel",
    )
)
LIMIT_S = 5.0
GIBIBYTE = 1 << 30
TRIES = 3


# Requests: phases 1 to 4


@pytest.mark.parametrize("optimizer", [False, True])
def test_load_weights_on_the_wire(client: Tinkex, mock: MockClient, optimizer: bool) -> None:
    """The seed's own text, byte for byte; the mock reads it as this dialect, without an objection."""
    model = client.model()
    path = client.save(model, "001")
    client.load(model, path, optimizer)
    (entry,) = mock.journal(rpc=LOAD)
    request = wire.LoadWeightsRequest(model_id=model, path=path, seq_id=2, optimizer=optimizer)
    flag = str(optimizer).lower()
    said = f'{{"model_id":"{model}","path":"{path}","seq_id":2,"optimizer":{flag},"type":"load_weights"}}'
    assert request.to_wire("tinkex").decode() == said
    assert entry["dialect"] == "tinkex" and "problem" not in entry
    assert entry["request"]["json"] == {
        "model_id": model,
        "path": path,
        "seq_id": 2,
        "optimizer": optimizer,
        "type": "load_weights",
    }


def test_optimizer_is_off_by_default() -> None:
    request = wire.LoadWeightsRequest(model_id="test-model", path="tinker://test/weights/001")
    assert request.to_wire("tinkex").endswith(b'"seq_id":null,"optimizer":false,"type":"load_weights"}')


def test_save_weights_on_the_wire(client: Tinkex, mock: MockClient) -> None:
    model = client.model()
    assert client.save(model, "checkpoint-001") == f"tinker://{model}/weights/checkpoint-001"
    (entry,) = mock.journal(rpc=SAVE)
    assert entry["request"]["json"] == {
        "model_id": model,
        "path": "checkpoint-001",
        "seq_id": 1,
        "type": "save_weights",
    }
    assert entry["answer"]["json"]["request_id"]
    assert mock.last(1)[0]["answer"]["json"] == {
        "status": "completed",
        "result": {"path": f"tinker://{model}/weights/checkpoint-001", "type": "save_weights"},
    }


def test_the_old_field_is_gone(client: Tinkex, mock: MockClient) -> None:
    """`load_optimizer_state` says nothing any more: training goes on as without the optimizer's state."""
    model = client.model()
    client.train(model, 3)
    path = client.save(model, "ck")
    later = client.train(model, 4)
    said = {"model_id": model, "path": path, "seq_id": client.next(model), "load_optimizer_state": True}
    answer = client.http.post("/load_weights", json=said)
    client.result(answer.raise_for_status().json()["request_id"], wire.LoadWeightsResponse)
    assert client.train(model, 4)[1:] != later[1:]


def test_seq_ids_are_in_order(client: Tinkex, mock: MockClient) -> None:
    model = client.model()
    path = client.save(model, "one")
    client.load(model, path)
    client.save(model, "two")
    asked = mock.journal(path_regex="/(save|load)_weights$")
    assert [each["request"]["json"]["seq_id"] for each in asked] == [1, 2, 3]


# Workflows


def test_saved_loaded_and_the_same(client: Tinkex) -> None:
    model = client.model()
    client.train(model, 3)
    before = client.loss(model)
    path = client.save(model, "ck")
    client.train(model, 3)
    assert client.loss(model) < before
    client.load(model, path)
    assert client.loss(model) == before


def test_with_its_optimizer_training_goes_on_as_if_never_stopped(client: Tinkex) -> None:
    """The losses after loading are those of a run that went on; without the optimizer's state only the first is."""
    model = client.model()
    first = client.train(model, 3)
    path = client.save(model, "ck")
    on = client.train(model, 6)
    client.load(model, path, optimizer=True)
    assert client.train(model, 6) == on
    client.load(model, path, optimizer=False)
    fresh = client.train(model, 6)
    assert fresh[0] == on[0] and all(one != other for one, other in zip(fresh[1:], on[1:], strict=True))
    assert [*first, *on] == sorted([*first, *on], reverse=True), "smooth: each loss is below the one before"


@pytest.mark.parametrize("optimizer", [False, True])
def test_a_model_from_a_checkpoint(client: Tinkex, mock: MockClient, optimizer: bool) -> None:
    """Metadata, a model of the same architecture, its weights; in a session of its own too."""
    model = client.model(rank=16)
    client.train(model, 3)
    path = client.save(model, "ck")
    on = client.train(model, 4)
    client.open()
    client.models = 0
    other = client.from_state(path, optimizer)
    assert other != model
    mock.verify(order=[match(rpc=each) for each in (INFO, CREATE, LOAD)])
    (created,) = mock.journal(rpc=CREATE, json={"session_id": client.session})
    assert created["request"]["json"]["lora_config"]["rank"] == 16
    again = client.train(other, 4)
    assert again[0] == on[0] and (again == on) is optimizer


def test_weights_info(client: Tinkex) -> None:
    path = client.save(client.model(rank=32), "checkpoint-001")
    said = client.post("/weights_info", wire.WeightsInfoRequest(tinker_path=path)).json()
    assert {name: said[name] for name in ("base_model", "lora_rank", "is_lora")} == {
        "base_model": BASE,
        "lora_rank": 32,
        "is_lora": True,
    }


def test_trained_saved_stopped_restarted_and_trained(client: Tinkex) -> None:
    """The model is unloaded, its session gone; the checkpoint stays."""
    model = client.model()
    before = client.train(model, 4)
    path = client.save(model, "ck")
    client.done("/unload_model", model_wire.UnloadModelRequest(model_id=model), model_wire.UnloadModelResponse)
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        client.loss(model)
    other = Tinkex(str(client.http.base_url).removesuffix("/api/v1/"))
    after = other.train(other.from_state(path, optimizer=True), 4)
    other.http.close()
    assert after[0] < before[-1] and after == sorted(after, reverse=True)


# Errors


@pytest.mark.parametrize("rpc", [SAVE, LOAD])
def test_a_server_that_fails(client: Tinkex, mock: MockClient, rpc: str) -> None:
    """500, an answer that is no JSON, none at all: the client is told; what it asks for next is done."""
    model = client.model()
    path = client.save(model, "ck")

    def ask() -> httpx.Response:
        if rpc == SAVE:
            return client.post("/save_weights", wire.SaveWeightsRequest(model_id=model, path="x", seq_id=2))
        return client.post("/load_weights", wire.LoadWeightsRequest(model_id=model, path=path, seq_id=2))

    mock.set_faults([rule("status", match(rpc=rpc), status=500, json={"detail": "disk on fire"})])
    assert (ask().status_code, ask().json()) == (500, {"detail": "disk on fire"})
    mock.set_faults([rule("malformed_json", match(rpc=rpc), unserved=True)])
    with pytest.raises(ValueError):
        ask().json()
    mock.set_faults([rule("hang", match(rpc=rpc))])
    client.http.timeout = httpx.Timeout(0.3)
    with pytest.raises(httpx.ReadTimeout):
        ask()
    client.http.timeout = httpx.Timeout(20)
    mock.clear_faults()
    assert client.poll(ask().json()["request_id"]).status == "completed"
    client.seq[model] = 2
    assert client.loss(model) > 0


@pytest.mark.parametrize("optimizer", [False, True])
def test_checkpoints_that_are_not_there(client: Tinkex, optimizer: bool) -> None:
    model = client.model()
    before = client.loss(model)
    for path, status in [
        ("tinker://none/weights/001", 404),
        ("tinker://none/weights", 400),
        ("nonsense", 400),
        ("", 400),
    ]:
        request = wire.LoadWeightsRequest(model_id=model, path=path, seq_id=client.next(model), optimizer=optimizer)
        said = client.post("/load_weights", request)
        assert said.status_code == status and said.json()["detail"], path
    with pytest.raises(Failed, match="Checkpoint not found") as caught:
        client.load(model, f"tinker://{model}/weights/never", optimizer)
    assert caught.value.category == "user"
    assert client.loss(model) == before, "the model is as it was, and goes on"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("size", [0, 3_000_000], ids=["small", "in a file"])
def test_a_corrupted_checkpoint(client: Tinkex, mock: MockClient, when: str, size: int) -> None:
    mock.configure("tinker", state_bytes=size)
    model = client.model()
    client.train(model, 2)
    path = f"tinker://{model}/weights/bad"
    if when == "before":
        mock.configure("tinker", corrupted=[path])
    assert client.save(model, "bad") == path
    if when == "after":
        mock.configure("tinker", corrupted=[path])
    before = client.loss(model)
    for optimizer in (False, True):
        with pytest.raises(Failed, match="is corrupted: its checksum is wrong") as caught:
            client.load(model, path, optimizer)
        assert caught.value.category == "user"
    assert client.loss(model) == before
    mock.configure("tinker", corrupted=[])
    client.save(model, "bad")
    client.load(model, path)


def test_an_architecture_that_does_not_fit(client: Tinkex) -> None:
    path = client.save(client.model(rank=8), "ck")
    with pytest.raises(Failed, match="has LoRA rank 8, the model 16"):
        client.load(client.model(rank=16), path)
    other = client.model(rank=8, base_model="Qwen/Qwen3-8B")
    with pytest.raises(Failed, match=f"is of {BASE}, the model is Qwen/Qwen3-8B"):
        client.load(other, path, optimizer=True)
    client.train(other, 1)


def test_weights_for_sampling_can_not_be_trained_on(client: Tinkex) -> None:
    model = client.model()
    request = wire.SaveWeightsForSamplerRequest(model_id=model, path="s", seq_id=client.next(model))
    saved = client.done("/save_weights_for_sampler", request, wire.SaveWeightsForSamplerResponse)
    with pytest.raises(Failed, match="is for sampling"):
        client.load(model, str(saved.path))


def test_from_a_checkpoint_that_has_no_metadata(client: Tinkex, mock: MockClient) -> None:
    client.open()
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        client.from_state("tinker://none/weights/001")
    mock.verify(rpc=CREATE, never=True)
    path = client.save(client.model(), "ck")
    mock.set_faults([rule("status", match(rpc=INFO), status=503)])
    with pytest.raises(httpx.HTTPStatusError, match="503"):
        client.from_state(path)
    mock.verify(rpc=CREATE, count=1)


def test_from_a_checkpoint_whose_model_can_not_be_made(client: Tinkex, mock: MockClient) -> None:
    path = client.save(client.model(), "ck")
    mock.configure("tinker", fail=[{"operation": "create_model", "nth": 1, "category": "server"}])
    with pytest.raises(Failed) as caught:
        client.from_state(path)
    assert caught.value.category == "server"
    mock.verify(rpc=LOAD, never=True)


def test_from_a_checkpoint_that_can_not_be_loaded(client: Tinkex, mock: MockClient) -> None:
    """The model that was made for it is given up."""
    path = client.save(client.model(), "ck")
    mock.configure("tinker", corrupted=[path])
    with pytest.raises(Failed, match="is corrupted"):
        client.from_state(path)
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        client.loss(f"{client.session}:train:1")


def test_a_checkpoint_that_was_deleted(client: Tinkex) -> None:
    model = client.model()
    path = client.save(model, "ck")
    assert client.http.delete(f"/training_runs/{model}/checkpoints/weights/ck").is_success
    with pytest.raises(Failed, match="Checkpoint not found"):
        client.load(model, path)


# Many at once, and large ones


def test_saves_at_once_come_one_after_the_other(client: Tinkex, mock: MockClient) -> None:
    """Each takes 2 s of the mock's clock; they are there after 2, 4, 6, 8 s."""
    model = client.model()
    mock.advance(0)
    mock.configure("tinker", durations={"weights": 2}, future={"hold_s": 0})
    asked = [
        client.promise("/save_weights", wire.SaveWeightsRequest(model_id=model, path=name, seq_id=client.next(model)))
        for name in "abcd"
    ]
    for ready in range(5):
        assert [client.poll(each).status for each in asked] == ["completed"] * ready + ["pending"] * (4 - ready)
        mock.advance(2)
    assert {client.result(each, wire.SaveWeightsResponse).path for each in asked} == {
        f"tinker://{model}/weights/{name}" for name in "abcd"
    }


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockProcess]:
    """A server of its own, whose files stand in tmp_path."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with MockProcess("tinker") as process:
        yield process


def test_a_gibibyte_is_saved_and_loaded_in_time_and_never_held(server: MockProcess, tmp_path: Path) -> None:
    """Seed 002, performance: below 5 s each, by the client's clock from the request to the result. Other work on the
    machine may take its share: the best of three counts.

    Memory is the server's peak (VmHWM of /proc): it may grow by 64 MiB, a sixteenth of what is saved.
    """
    mock = server.client().fresh("gibibyte")
    mock.configure("tinker", state_bytes=GIBIBYTE)
    client = Tinkex(mock.url)
    model = client.model()
    client.train(model, 2)
    expected = client.loss(model)
    before = _peak(server.pid)
    saved, loaded = [], []
    for _ in range(TRIES):
        started = time.monotonic()
        path = client.save(model, "large")
        saved.append(time.monotonic() - started)
        (file,) = tmp_path.glob("samewire-tinker-*/*")
        assert file.stat().st_size == GIBIBYTE
        started = time.monotonic()
        client.load(model, path, optimizer=True)
        loaded.append(time.monotonic() - started)
        if min(saved) < LIMIT_S and min(loaded) < LIMIT_S:
            break
    assert min(saved) < LIMIT_S and min(loaded) < LIMIT_S, (saved, loaded)
    assert _peak(server.pid) - before < 64 << 20
    assert client.loss(model) == expected
    (held,) = client.http.get("/checkpoints").json()["checkpoints"]
    assert held["size_bytes"] == GIBIBYTE
    client.http.close()
    mock.delete()
    assert not list(tmp_path.glob("samewire-tinker-*")), "its files go with the session"


def test_a_large_archive_is_not_held_either(server: MockProcess) -> None:
    mock = server.client().fresh("archive")
    mock.configure("tinker", state_bytes=GIBIBYTE // 16)
    client = Tinkex(mock.url)
    model = client.model()
    client.save(model, "large")
    where = client.http.get(f"/training_runs/{model}/checkpoints/weights/large/archive")
    assert where.status_code == 302
    before, size = _peak(server.pid), 0
    with client.http.stream("GET", where.headers["location"]) as answer:
        for piece in answer.iter_raw():
            size += len(piece)
    assert size > GIBIBYTE // 32
    assert _peak(server.pid) - before < 32 << 20
    client.http.close()


def test_a_damaged_gigabyte_is_seen(server: MockProcess) -> None:
    """One bit of it."""
    mock = server.client().fresh("damaged")
    client = Tinkex(mock.url)
    model = client.model()
    mock.configure("tinker", state_bytes=GIBIBYTE // 4)
    path = client.save(model, "large")
    mock.configure("tinker", corrupted=[path])
    with pytest.raises(Failed, match="is corrupted"):
        client.load(model, path)
    client.http.close()


def _peak(pid: int) -> int:
    """Bytes that the process and those below it had in memory at most."""
    total = 0
    for each in (pid, *_below(pid)):
        for line in Path(f"/proc/{each}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                total += int(line.split()[1]) * 1024
    return total


def _below(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *_below(int(child))]
    return found
