import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tinker.public.tinker_public_wire import (
    Chunk,
    Datum,
    EncodedTextChunk,
    ForwardBackwardOutput,
    ForwardBackwardRequest,
    LossConfigValue,
)

from mock.tinker.conftest import DATA, Client, Play, new_client

STEPS: list[tuple[str, dict[str, Any]]] = [
    ("/forward_backward", {"forward_backward_input": DATA}),
    ("/optim_step", {"adam_params": {"learning_rate": 0.01}}),
] * 3


async def final_state(order: list[int], again: list[int]) -> tuple[Any, list[str]]:
    client = new_client()
    model = await client.model()
    client.dialect = "unknown"  # 0.4.1 sends in order, and is taken at its word
    arrivals = [*order, *(order[place] for place in again)]
    promises: dict[int, str] = {}
    for number in arrivals:
        path, body = STEPS[number - 1]
        told = await client.post(path, model_id=model, seq_id=number, **body)
        assert promises.setdefault(number, told.json["request_id"]) == told.json["request_id"]
    results = [(await client.post("/retrieve_future", request_id=promises[number])).body for number in sorted(promises)]
    state = client.state.models[model].weights.to_bytes(optimizer=True)
    await client.engine.session("default").reset()
    return state, [str(each) for each in results]


@given(st.permutations(range(1, len(STEPS) + 1)), st.lists(st.integers(0, len(STEPS) - 1), max_size=6))
@settings(max_examples=25, deadline=None)
def test_any_order_of_arrival_and_any_repetition_give_the_same(order: list[int], again: list[int]) -> None:
    async def run() -> None:
        assert await final_state(list(order), again) == await final_state(list(range(1, len(STEPS) + 1)), [])

    asyncio.run(run())


def test_loss_falls_and_an_idempotency_key_counts_once(play: Play) -> None:
    async def script(client: Client) -> None:
        model = await client.model()
        losses = await client.train(model, 5)
        assert losses == sorted(losses, reverse=True)
        key = [(b"x-idempotency-key", b"k-1")]
        body: dict[str, Any] = {"model_id": model, "adam_params": {}}
        first = await client.ask("POST", "/optim_step", body, key)
        second = await client.ask("POST", "/optim_step", body, key)
        assert first.json == second.json
        assert (await client.done(first))["metrics"]["optimizer_step:max"] == 6

    play(script)


def test_info_and_errors(play: Play) -> None:
    async def script(client: Client) -> None:
        model = await client.model(rank=16)
        assert model == f"{client.session}:train:0"
        told = (await client.post("/get_info", model_id=model)).json
        assert (told["lora_rank"], told["is_lora"], told["model_data"]["model_name"]) == (16, True, told["model_name"])
        assert "optimizer_config" not in told
        assert (await client.post("/get_info", model_id="x")).json == {"detail": "Model not found: x"}
        missing = await client.post("/optim_step", model_id=model)
        assert missing.status == 422
        assert "params" in missing.json["detail"]
        assert (await client.post("/create_model", session_id="s", model_seq_id=0, base_model="m")).status == 404
        behind = await client.post("/optim_step", model_id=model, seq_id=1, adam_params={})
        assert behind.status == 200
        await client.done(await client.post("/unload_model", model_id=model))
        assert (await client.post("/get_info", model_id=model)).status == 404

    play(script)


def test_dimuon_is_for_models_that_have_it(play: Play) -> None:
    async def script(client: Client) -> None:
        client.dialect = "tinker-0.38"
        model = await client.model(optimizer_config={"type": "dimuon", "version": 1})
        params = {"type": "dimuon", "learning_rate": 0.1}
        assert "metrics" in await client.done(await client.turn("/optim_step", model, optimizer_params=params))
        told = await client.done(await client.turn("/optim_step", model, adam_params={}))
        assert told == {
            "error": "Optimizer params are for adamw, but the model was created with dimuon",
            "category": "user",
        }
        info = await client.post("/get_info", model_id=model)
        assert info.json["optimizer_config"] == {"type": "dimuon", "version": 1}

    play(script)


@pytest.mark.parametrize("loss_id", ["session-1:loss:0", "nothing"])
def test_custom_losses(play: Play, loss_id: str) -> None:
    async def script(client: Client) -> None:
        client.dialect = "tinker-0.38"
        model = await client.model()
        node = {"name": "logprobs", "target": "logprobs", "op": "placeholder"}
        made = await client.post(
            "/create_custom_loss",
            session_id=client.session,
            custom_loss_seq_id=0,
            name="nll",
            inputs=[{"name": "logprobs", "rank": 1}],
            graph={"format": 1, "nodes": [node, {"name": "output", "target": "output", "op": "output"}]},
        )
        assert await client.done(made) == {"loss_id": "session-1:loss:0", "type": "create_custom_loss"}
        request = ForwardBackwardRequest(
            model_id=model,
            seq_id=1,
            loss_fn="custom",
            data=[Datum(model_input=[Chunk(encoded_text=EncodedTextChunk(tokens=b"\1\0\0\0\2\0\0\0"))])],
            loss_fn_config_v2={"loss_id": LossConfigValue(text=loss_id)},
        )
        told = await client.fetch(await client.ask("POST", "/forward_backward", request.to_binary()), binary=True)
        if loss_id == "nothing":
            assert told.json == {"error": "Custom loss not found: nothing", "category": "user"}
            return
        assert told.headers["content-type"] == "application/x-protobuf"
        assert ForwardBackwardOutput.from_binary(told.body).loss_fn_output_type == "CustomLossReturn"

    play(script)


@pytest.mark.parametrize("version", [b"0.4.1", b"0.8.0", b"0.18.0", b""])
def test_releases_between_send_newer_losses_as_json(play: Play, version: bytes) -> None:
    async def script(client: Client) -> None:
        model = await client.model()
        client.dialect = ""
        said = [(b"x-stainless-package-version", version)]
        body = {"model_id": model, "seq_id": 1, "forward_backward_input": {**DATA, "loss_fn": "cispo"}}
        out = await client.done(await client.ask("POST", "/forward_backward", body, said))
        assert out["loss_fn_output_type"] == "CISPOLossReturn"
        body = {"model_id": model, "seq_id": 2, "forward_backward_input": {**DATA, "loss_fn": "nonsense"}}
        told = await client.ask("POST", "/forward_backward", body, said)
        assert (told.status, told.json["detail"][:15]) == (422, "loss_fn is none")
        client.seq[model] = 2
        assert await client.loss(model) > 0

    play(script)
