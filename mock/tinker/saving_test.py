import io
import tarfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock.tinker.conftest import Client, Play, new_client


async def optimizer(client: Client, model: str, path: str, with_state: bool) -> Any:
    client.dialect = "tinker-0.38"
    told = await client.done(await client.turn("/load_weights", model, path=path, optimizer=with_state))
    client.dialect = "tinker-0.4.1"
    return told


@given(st.integers(0, 3), st.integers(1, 3), st.booleans())
@settings(max_examples=8, deadline=None)
def test_saved_anywhere_and_loaded_a_run_goes_on_the_same(before: int, after: int, into_new: bool) -> None:
    import asyncio

    async def run() -> None:
        client = new_client()
        smooth = await client.model()
        losses = await client.train(smooth, before + after)
        model = await client.model()
        await client.train(model, before)
        path = await client.save(model, "ck")
        await client.train(model, 2, rate=0.1)
        other = await client.model() if into_new else model
        await optimizer(client, other, path, True)
        assert await client.train(other, after) == losses[before:]
        await client.engine.session("default").reset()

    asyncio.run(run())


def test_without_the_optimizer_the_loss_is_there_and_training_goes_on_otherwise(play: Play) -> None:
    async def script(client: Client) -> None:
        model = await client.model()
        await client.train(model, 5)
        path = await client.save(model, "ck")
        saved = await client.loss(model)
        smooth = await client.train(model, 3)
        await optimizer(client, model, path, False)
        assert await client.loss(model) == saved
        assert (await client.train(model, 3))[-1] != pytest.approx(smooth[-1], rel=1e-5)

    play(script)


def test_a_model_from_a_checkpoint(play: Play) -> None:
    async def script(client: Client) -> None:
        model = await client.model(rank=4)
        await client.train(model, 2)
        path = await client.save(model, "ck")
        loss = await client.loss(model)
        client.dialect = "tinker-0.38"
        told = await client.post("/load_weights", session_id=client.session, model_seq_id=7, path=path, optimizer=True)
        made = f"{client.session}:train:7"
        assert (await client.done(told))["model_id"] == made
        assert (await client.post("/get_info", model_id=made)).json["lora_rank"] == 4
        client.dialect = "tinker-0.4.1"
        assert await client.loss(made) == loss

    play(script)


def test_checkpoints_that_can_not_be_loaded(play: Play) -> None:
    async def script(client: Client) -> None:
        model = await client.model()
        path = await client.save(model, "ck")
        for body, status in (("bad", 400), ("tinker://other/weights/ck", 404)):
            told = await client.turn("/load_weights", model, path=body)
            assert (told.status, bool(told.json["detail"])) == (status, True)
        await client.done(await client.turn("/save_weights_for_sampler", model, path="smp"))
        other_rank = await client.model(rank=99)
        other_base = await client.model(base_model="Qwen/Qwen3-8B")
        for target, text, reason in (
            (model, path + "-2", "Checkpoint not found"),
            (model, path.replace("/weights/ck", "/sampler_weights/smp"), "is for sampling"),
            (other_rank, path, "LoRA rank 8, the model 99"),
            (other_base, path, "the model is Qwen/Qwen3-8B"),
        ):
            told = await client.done(await client.turn("/load_weights", target, path=text))
            assert reason in told["error"]
            assert told["category"] == "user"
        client.configure(corrupted=[path])
        told = await client.done(await client.turn("/load_weights", model, path=path))
        assert "is corrupted: its checksum is wrong" in told["error"]
        assert await client.loss(model) > 0  # refused requests do not hold up those after them

    play(script)


def test_names_overwriting_and_ttl(play: Play) -> None:
    async def script(client: Client) -> None:
        model = await client.model()
        assert (await client.save(model, "")).endswith("/weights/0001")
        assert (await client.turn("/save_weights", model, path="a/b")).status == 400
        client.dialect = "tinker-0.38"
        path = await client.save(model, "ck", ttl_seconds=100)
        told = await client.done(await client.turn("/save_weights", model, path="ck"))
        assert "already exists" in told["error"]
        assert await client.save(model, "ck", overwrite=True, ttl_seconds=100) == path
        assert (await client.post("/weights_info", tinker_path=path)).json["lora_rank"] == 8
        await client.clock.advance(101)
        assert (await client.post("/weights_info", tinker_path=path)).status == 404
        assert (await client.post("/weights_info", tinker_path="bad")).status == 400

    play(script)


def test_large_states_go_through_a_file(play: Play) -> None:
    async def script(client: Client) -> None:
        client.configure(state_bytes=5_000_000)
        model = await client.model()
        await client.train(model, 2)
        path = await client.save(model, "ck")
        loss = await client.loss(model)
        await client.train(model, 2)
        await client.done(await client.turn("/load_weights", model, path=path))
        assert await client.loss(model) == loss
        listed = (await client.ask("GET", f"/training_runs/{model}/checkpoints")).json["checkpoints"]
        assert listed[0]["size_bytes"] == 5_000_000

    play(script)


def test_lists_publishing_deleting_archive(play: Play) -> None:
    async def script(client: Client) -> None:
        model = await client.model()
        for number in range(5):
            await client.save(model, f"ck{number}")
        page = (await client.ask("GET", "/checkpoints?limit=2&offset=4")).json
        assert page["cursor"] == {"offset": 4, "limit": 2, "total_count": 5}
        assert [each["checkpoint_id"] for each in page["checkpoints"]] == ["weights/ck0"]
        here = f"/training_runs/{model}/checkpoints/weights/ck1"
        assert (await client.ask("POST", f"{here}/publish")).status == 200
        listed = (await client.ask("GET", f"/training_runs/{model}/checkpoints")).json["checkpoints"]
        assert [each["checkpoint_id"] for each in listed if each["public"]] == ["weights/ck1"]
        assert (await client.ask("DELETE", f"{here}/publish")).status == 200
        moved = await client.ask("GET", f"{here}/archive")
        assert moved.status == 302
        assert moved.headers["expires"].endswith("GMT")
        target = moved.headers["location"].removeprefix("http://127.0.0.1:80")
        packed = await client.ask("GET", target)
        with tarfile.open(fileobj=io.BytesIO(packed.body), mode="r:gz") as archive:
            assert archive.getnames() == ["adapter_config.json", "adapter_model.bin"]
        await client.clock.advance(901)
        assert (await client.ask("GET", target)).status == 404
        assert (await client.ask("DELETE", here)).status == 200
        gone = await client.ask("DELETE", here)
        assert (gone.status, gone.json["detail"]) == (404, f"Checkpoint not found: tinker://{model}/weights/ck1")
        runs = (await client.ask("GET", "/training_runs?limit=1")).json
        assert runs["training_runs"][0]["last_checkpoint"]["checkpoint_id"] == "weights/ck4"
        assert (await client.ask("GET", "/training_runs/none")).status == 404

    play(script)


def test_copies_external_saves_and_their_keys(play: Play) -> None:
    async def script(client: Client) -> None:
        model = await client.model()
        path = await client.save(model, "ck")
        client.dialect = "tinker-0.38"
        client.configure(weights_access_tokens={path: "open"})
        assert (await client.post("/copy_weights", source_path=path)).status == 403
        key = [(b"x-idempotency-key", b"k"), (b"x-tinker-weights-access-token", b"open")]
        first = await client.ask("POST", "/copy_weights", {"source_path": path}, key)
        assert first.json == (await client.ask("POST", "/copy_weights", {"source_path": path}, key)).json
        assert first.json["tinker_path"] != path
        saved = await client.done(await client.turn("/save_weights_external", model, path="ext"))
        assert saved["size_bytes"] > 0
        here = f"/training_runs/{model}/checkpoints/external_weights/ext"
        urls = (await client.ask("GET", f"{here}/external_weights_urls")).json["urls"]
        got = await client.ask("GET", urls["adapter_model.bin"].removeprefix("http://127.0.0.1:80"))
        assert len(got.body) == saved["size_bytes"]
        assert (await client.ask("PUT", f"{here}/ttl", {"ttl_seconds": 10})).status == 200
        await client.clock.advance(11)
        assert (await client.ask("GET", f"{here}/external_weights_urls")).status == 404

    play(script)
