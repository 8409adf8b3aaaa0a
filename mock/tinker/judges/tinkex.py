"""The dialect of seeds 000 to 002, for which no client exists here: plain HTTP, with generated models in that dialect.

What the documents specify: enveloped statuses of promises, unset fields as null, `optimizer` always sent.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, TypeVar

import httpx
import pytest
from samewire_wire import Model, registry
from tinker.v1 import (
    future_wire,
    model_input_wire,
    model_wire,
    optimizer_wire,
    session_wire,
    tensor_wire,
    training_wire,
    weights_wire,
)

from mock.client.client import MockClient
from mock.client.pytest_plugin import MockServer

DIALECT = "tinkex"
BASE = "meta-llama/Llama-3.2-1B"
AGENT = "tinkex/0.4.0"
WITHIN = 20.0
T = TypeVar("T", bound=Model)


class Failed(Exception):
    """A promise that came to nothing; `category` says whose fault it was."""

    def __init__(self, message: object, category: str) -> None:
        super().__init__(message)
        self.category = category


class Tinkex:
    """A client with one session. `seq`: of its models, the last seq_id that was used."""

    def __init__(self, url: str, key: str = "test-key", **more: Any) -> None:
        headers = {"user-agent": AGENT, "x-api-key": key, "content-type": "application/json"}
        more.setdefault("timeout", WITHIN)
        self.http = httpx.Client(base_url=f"{url}/api/v1", headers=headers, trust_env=False, **more)
        self.seq: dict[str, int] = {}
        self.session = ""
        self.models = 0

    def post(self, path: str, message: Model, **more: Any) -> httpx.Response:
        return self.http.post(path, content=message.to_wire(DIALECT), **more)

    def ask(self, path: str, message: Model, answer: type[T]) -> T:
        """A call that is answered at once. Raises httpx.HTTPStatusError."""
        return answer.from_wire(self.post(path, message).raise_for_status().content, DIALECT)

    def promise(self, path: str, message: Model) -> str:
        """The request id."""
        return self.ask(path, message, future_wire.UntypedAPIFuture).request_id

    def poll(self, request_id: str) -> Any:
        """One answer: pending, completed, failed or try_again, or nothing else."""
        said = self.post("/retrieve_future", future_wire.FutureRetrieveRequest(request_id=request_id))
        return registry.find("tinker.v1.FutureRetrieveResponse").read(said.raise_for_status().content, DIALECT)

    def result(self, request_id: str, answer: type[T]) -> T:
        """What it comes to. Raises Failed."""
        end = time.monotonic() + WITHIN
        while time.monotonic() < end:
            said = self.poll(request_id)
            if isinstance(said, future_wire.FutureCompletedResponse):
                return answer.from_wire(future_json(said.result), DIALECT)
            if isinstance(said, future_wire.FutureFailedResponse):
                raise Failed(said.error.message, said.error.category)
        raise TimeoutError(f"{request_id} is not ready after {WITHIN:g} s")

    def done(self, path: str, message: Model, answer: type[T]) -> T:
        return self.result(self.promise(path, message), answer)

    def next(self, model: str) -> int:
        self.seq[model] = self.seq.get(model, 0) + 1
        return self.seq[model]

    # What a service client, a training client do

    def open(self) -> str:
        request = session_wire.CreateSessionRequest(tags=[], user_metadata=None, sdk_version="0.4.0")
        self.session = self.ask("/create_session", request, session_wire.CreateSessionResponse).session_id
        return self.session

    def model(self, rank: int = 8, base_model: str = BASE) -> str:
        if not self.session:
            self.open()
        number, self.models = self.models, self.models + 1
        request = model_wire.CreateModelRequest(
            session_id=self.session,
            model_seq_id=number,
            base_model=base_model,
            lora_config=model_wire.LoraConfig(rank=rank),
        )
        return self.done("/create_model", request, model_wire.CreateModelResponse).model_id

    def forward_backward(
        self, model: str, data: list[training_wire.Datum] | None = None, loss: Any = "cross_entropy"
    ) -> str:
        held = training_wire.ForwardBackwardInput(data=data or [datum([1, 2, 3])], loss_fn=loss)
        request = training_wire.ForwardBackwardRequest(
            forward_backward_input=held, model_id=model, seq_id=self.next(model)
        )
        return self.promise("/forward_backward", request)

    def step(self, model: str, rate: float = 0.001) -> str:
        params = optimizer_wire.AdamParams(learning_rate=rate)
        request = optimizer_wire.OptimStepRequest(adam_params=params, model_id=model, seq_id=self.next(model))
        return self.promise("/optim_step", request)

    def train(self, model: str, steps: int) -> list[float]:
        """The losses."""
        seen = []
        for _ in range(steps):
            passed, stepped = self.forward_backward(model), self.step(model)
            seen.append(self.result(passed, training_wire.ForwardBackwardOutput).metrics["loss:sum"])
            self.result(stepped, optimizer_wire.OptimStepResponse)
        return seen

    def loss(self, model: str) -> float:
        held = training_wire.ForwardBackwardInput(data=[datum([1, 2, 3])], loss_fn="cross_entropy")
        request = training_wire.ForwardRequest(forward_input=held, model_id=model, seq_id=self.next(model))
        return self.done("/forward", request, training_wire.ForwardBackwardOutput).metrics["loss:sum"]

    def save(self, model: str, name: str) -> str:
        request = weights_wire.SaveWeightsRequest(model_id=model, path=name, seq_id=self.next(model))
        return self.done("/save_weights", request, weights_wire.SaveWeightsResponse).path

    def load(self, model: str, path: str, optimizer: bool = False) -> None:
        request = weights_wire.LoadWeightsRequest(
            model_id=model, path=path, seq_id=self.next(model), optimizer=optimizer
        )
        self.done("/load_weights", request, weights_wire.LoadWeightsResponse)

    def from_state(self, path: str, optimizer: bool = False) -> str:
        """As seed 002 phase 5 has it: metadata, a model of the same architecture, its weights."""
        info = self.ask(
            "/weights_info", weights_wire.WeightsInfoRequest(tinker_path=path), weights_wire.WeightsInfoResponse
        )
        assert info.is_lora and isinstance(info.lora_rank, int)
        model = self.model(info.lora_rank, info.base_model)
        try:
            self.load(model, path, optimizer)
        except Exception:
            self.done("/unload_model", model_wire.UnloadModelRequest(model_id=model), model_wire.UnloadModelResponse)
            raise
        return model


def datum(tokens: list[int], **inputs: tensor_wire.TensorData) -> training_wire.Datum:
    """Its targets are the tokens that follow."""
    targets = tensor_wire.TensorData(data=[*tokens[1:], 1], dtype="int64", shape=[len(tokens)])
    prompt = model_input_wire.ModelInput(chunks=[model_input_wire.EncodedTextChunk(tokens=tokens)])
    return training_wire.Datum(loss_fn_inputs={"target_tokens": targets, **inputs}, model_input=prompt)


def future_json(result: Any) -> bytes:
    return httpx.Request("POST", "http://127.0.0.1", json=result).content


@pytest.fixture
def mock(mock_server: MockServer) -> MockClient:
    return mock_server("tinker")


@pytest.fixture
def client(mock: MockClient) -> Iterator[Tinkex]:
    made = Tinkex(mock.url)
    yield made
    made.http.close()
