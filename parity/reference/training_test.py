from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tinker.v1.model_input_wire import EncodedTextChunk, ModelInput
from tinker.v1.tensor_wire import TensorData
from tinker.v1.training_wire import Datum

from parity.reference.chunks import NoDataError
from parity.reference.dialect import NEW, OLD, TINKEX
from parity.reference.errors import StatusError
from parity.reference.training import ClosedError, TrainingClient

Connect = Callable[..., Any]
DATUM = Datum(
    loss_fn_inputs={"target_tokens": TensorData(data=[2], dtype="int64", shape=[1])},
    model_input=ModelInput(chunks=[EncodedTextChunk(tokens=[1])]),
)
OUTPUT = {"loss_fn_output_type": "t", "loss_fn_outputs": [{}], "metrics": {"loss:sum": 1.0}}


def promised(server: Any) -> None:
    """Every call promises its own number; results of batches tell it."""
    server.on("retrieve_future", {"model_id": "m"}, OUTPUT)


def train(service: Any, work: Callable[[TrainingClient], Any]) -> Any:
    async def run() -> Any:
        client = await service.create_lora_training_client("b")
        return await work(client)

    return asyncio.run(run())


def test_chunks_are_numbered_sent_in_order_and_combined(connect: Connect, server: Any) -> None:
    promised(server)
    server.on("forward_backward", {"request_id": "r"})

    async def work(client: TrainingClient) -> Any:
        return await client.forward_backward([DATUM] * 300, "cross_entropy")

    output = train(connect(), work)
    assert [body["seq_id"] for body in server.sent("forward_backward")] == [1, 2, 3]
    sizes = [len(body["forward_backward_input"]["data"]) for body in server.sent("forward_backward")]
    assert sizes == [128, 128, 44]
    assert output.metrics == {"loss:sum": 3.0}
    assert len(output.loss_fn_outputs) == 3


def test_numbers_are_taken_when_calls_are_made(connect: Connect, server: Any) -> None:
    promised(server)
    server.on("forward_backward", {"request_id": "r"})
    server.on("optim_step", {"request_id": "r"})
    server.on("save_weights", {"request_id": "r"})

    async def work(client: TrainingClient) -> None:
        calls = (client.forward_backward([DATUM] * 129, "ppo"), client.optim_step(), client.save_state("a"))
        await asyncio.gather(*calls, return_exceptions=True)

    train(connect(), work)
    submits = [
        r for r in server.requests if not r.url.path.endswith(("create_session", "create_model", "retrieve_future"))
    ]
    assert [r.url.path.rpartition("/")[2] for r in submits] == [
        "forward_backward",
        "forward_backward",
        "optim_step",
        "save_weights",
    ]
    assert [server.sent(name)[0]["seq_id"] for name in ("forward_backward", "optim_step", "save_weights")] == [1, 3, 4]


def test_a_failed_call_does_not_stop_the_next(connect: Connect, server: Any) -> None:
    promised(server)
    server.on("forward_backward", httpx.Response(422, json={}), {"request_id": "r"})

    async def work(client: TrainingClient) -> Any:
        with pytest.raises(StatusError):
            await client.forward_backward([DATUM], "ppo")
        return await client.forward_backward([DATUM], "ppo")

    assert train(connect(), work).metrics == {"loss:sum": 1.0}
    assert [body["seq_id"] for body in server.sent("forward_backward")] == [1, 2]


def test_nothing(connect: Connect, server: Any) -> None:
    promised(server)

    async def work(client: TrainingClient) -> Any:
        return await client.forward([], "ppo")

    assert train(connect(OLD), work).loss_fn_outputs == []
    promised(server)
    with pytest.raises(NoDataError):
        train(connect(NEW), work)
    assert server.sent("forward") == []


@pytest.mark.parametrize(("optimizer", "name"), [(False, "load_state"), (True, "load_state_with_optimizer")])
def test_load(connect: Connect, server: Any, optimizer: bool, name: str) -> None:
    server.on("retrieve_future", {"status": "completed", "result": {"model_id": "m", "path": None}})
    server.on("load_weights", {"request_id": "r"})
    train(connect(TINKEX), lambda client: getattr(client, name)("tinker://r/weights/a"))
    assert server.sent("load_weights") == [
        {"model_id": "m", "path": "tinker://r/weights/a", "seq_id": 1, "optimizer": optimizer, "type": "load_weights"}
    ]


def test_no_optimizer_in_the_oldest(connect: Connect, server: Any) -> None:
    promised(server)

    async def work(client: TrainingClient) -> None:
        with pytest.raises(ValueError, match="no optimizer"):
            await client.load_state_with_optimizer("tinker://r/weights/a")
        client.close()
        with pytest.raises(ClosedError):
            await client.optim_step()

    train(connect(OLD), work)


def test_in_protobuf(connect: Connect, server: Any) -> None:
    server.on("retrieve_future", {"model_id": "s:train:0"}, httpx.Response(404))
    server.on("forward_backward", {"request_id": "r"})
    batch = Datum(
        loss_fn_inputs={"target_tokens": TensorData(data=[2, 3, 4], dtype="int64", shape=[3])},
        model_input=ModelInput(chunks=[EncodedTextChunk(tokens=[1, 2, 3])]),
    )

    async def work(client: TrainingClient) -> None:
        client.model_id = "run-1"
        with pytest.raises(StatusError):
            await client.forward_backward([batch], "cross_entropy")

    train(connect(NEW), work)
    (request,) = [r for r in server.requests if r.url.path.endswith("forward_backward")]
    assert request.headers["content-type"] == "application/x-protobuf"
    assert request.content.hex() == (
        "0a0572756e2d3110011a440a100a0e0a0c01000000020000000300000012300a0d7461726765745f746f6b656e73121f0a18020000000000"
        "0000030000000000000004000000000000001802220103220d63726f73735f656e74726f7079"
    )
