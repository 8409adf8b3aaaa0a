"""PyPI `tinker` 0.38.0, unmodified, as a judge of the mock: losses that callers bring. PyTorch is not there, so what
the SDK asks of it is played here.
"""

from __future__ import annotations

import importlib
from types import SimpleNamespace
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.tinker.judges.sdk_0_38 import Call, bodies, datum, done, loss, tinker, types

_training: Any = importlib.import_module("tinker.lib.public_interfaces.training_client")
_custom: Any = importlib.import_module("tinker.lib.public_interfaces.custom_loss")
_future: Any = importlib.import_module("tinker.lib.api_future_impl")


class _Tensor:
    """As much of one as the SDK asks for."""

    def __init__(self, values: list[float]) -> None:
        self.values = values
        self.grad: Any = None

    def clone(self) -> _Tensor:
        return self

    detach = sum = clone

    def reshape(self, shape: list[int]) -> _Tensor:
        return self

    def requires_grad_(self, _: bool) -> _Tensor:
        return self

    def item(self) -> float:
        return sum(self.values)

    def __neg__(self) -> list[float]:
        return [-value for value in self.values]


class _Loss(_Tensor):
    """Twice the negative sum of all logprobs."""

    def __init__(self, logprobs: list[_Tensor]) -> None:
        super().__init__([-2 * value for each in logprobs for value in each.values])
        self.logprobs = logprobs

    def backward(self) -> None:
        for each in self.logprobs:
            each.grad = _Tensor([-2.0] * len(each.values))


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_training, "torch", SimpleNamespace(tensor=_Tensor))


@pytest.mark.usefixtures("torch")
def test_on_the_client(training: Any, mock: MockClient, call: Call) -> None:
    """Two passes: one to look, one with the slopes of the loss as weights."""
    before = loss(training)
    told = call(
        training, "forward_backward_custom", [datum(1, 2, 3)] * 2, lambda data, lps: (_Loss(lps), {"custom/x:sum": 7.0})
    )
    assert told.metrics["custom/x:sum"] == 7.0
    assert told.metrics["loss:sum"] == pytest.approx(4 * before, rel=1e-6)
    assert told.metrics["surrogate_loss:sum"] == pytest.approx(4 * before, rel=1e-6)
    done(training.optim_step(types.AdamParams(learning_rate=0.001)))
    assert loss(training) < before
    assert [each.get("forwardOnly", False) for each in bodies(mock, "/forward_backward")][1:3] == [True, False]


@pytest.mark.usefixtures("torch")
def test_a_loss_that_fails_spoils_the_client(service: Any, training: Any) -> None:
    def broken(data: Any, logprobs: Any) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        done(training.forward_backward_custom([datum(1, 2)], broken))
    with pytest.raises(RuntimeError, match="poisoned"):
        done(training.optim_step(types.AdamParams()))


def _upload(service: Any, **more: Any) -> str:
    node: Any = {"args": [], "kwargs": {}}
    graph = types.CustomLossGraph(
        nodes=[
            {"op": "placeholder", "name": "logprobs", "target": "logprobs", **node},
            {"op": "call_method", "name": "total", "target": "sum", **node, "args": [{"ref": "logprobs"}]},
            {"op": "output", "name": "output", "target": "output", **node, "args": [[{"ref": "total"}, {"dict": {}}]]},
        ][more.get("first", 0) :]
    )
    inputs = [types.CustomLossInput(name=name, rank=1) for name in more.get("inputs", ["logprobs"])]
    holder = service.holder

    async def upload() -> Any:
        promise = await holder._create_custom_loss("mine", inputs, graph)
        future = _future._APIFuture(types.CreateCustomLossResponse, holder, promise, 0.0, "CreateCustomLoss")
        return await future.result_async()

    return str(done(holder.run_coroutine_threadsafe(upload())).loss_id)


@pytest.mark.usefixtures("torch")
def test_on_the_server(connect: Call, mock: MockClient) -> None:
    mock.configure("tinker", client_config={"custom_loss_server_side": True})
    service = connect()
    training = done(service.create_lora_training_client("meta-llama/Llama-3.2-1B"))
    loss_id = _upload(service)
    assert _upload(service) != loss_id, "each has a number of its own"
    handle = _custom.LossHandle(
        name="mine",
        inputs=(types.CustomLossInput(name="logprobs", rank=1),),
        session_id=service.holder.get_session_id(),
        graph=None,
        loss_id=loss_id,
    )
    before = loss(training)
    told = done(training.forward_backward_custom([datum(1, 2, 3)], handle))
    assert told.loss_fn_outputs and "loss:sum" in told.metrics
    (sent,) = bodies(mock, "/forward_backward")[1:]
    assert sent["lossFn"] == "custom" and sent["lossFnConfigV2"] == {"loss_id": {"text": loss_id}}
    done(training.optim_step(types.AdamParams(learning_rate=0.001)))
    assert loss(training) < before
    (first, _) = bodies(mock, "/create_custom_loss")
    assert (first["custom_loss_seq_id"], first["name"]) == (0, "mine")


def test_what_the_server_refuses(service: Any, training: Any) -> None:
    with pytest.raises(tinker.RequestFailedError, match="Custom loss not found: nope"):
        done(training.forward_backward([datum(1, 2)], "custom", {"loss_id": "nope"}))
    with pytest.raises(tinker.RequestFailedError, match="first input of a custom loss is logprobs"):
        _upload(service, inputs=["weights"])


def test_without_torch(service: Any, training: Any) -> None:
    with pytest.raises(ImportError, match="PyTorch"):
        training.forward_backward_custom([datum(1, 2)], lambda data, logprobs: (0, {}))
    with pytest.raises(ImportError, match="PyTorch"):
        service.create_custom_loss(lambda logprobs: (logprobs, {}), {"logprobs": 1})
