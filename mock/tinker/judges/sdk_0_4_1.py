"""PyPI `tinker` 0.4.1, unmodified, as a client of a mock server: its clients are opened here, and closed."""

from __future__ import annotations

import asyncio
import gc
import importlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.client.pytest_plugin import MockServer
from mock.client.shapes import Entry
from mock.client.stub import match, rule

# One process has one release: they share the package's name, also with our models, whose types are not meant here.
tinker: Any = importlib.import_module("tinker")
types: Any = importlib.import_module("tinker.types")
_holder: Any = importlib.import_module("tinker.lib.internal_client_holder")
_sampling: Any = importlib.import_module("tinker.lib.public_interfaces.sampling_client")

BASE = "meta-llama/Llama-3.2-1B"
STEP, POLL, SAMPLE = (
    f"tinker.v1.{name}"
    for name in ("TrainingService/OptimStep", "FutureService/RetrieveFuture", "SamplingService/Sample")
)
# Ways in which an answer doesn't come through.
BROKEN = [
    "reset_before_headers",
    "reset_within_headers",
    "reset_after_headers",
    "reset_within_body",
    "truncate",
    "half_close",
    "empty",
    "garbage",
]
Connect = Callable[..., Any]
_sleep = asyncio.sleep


@pytest.fixture
def mock(mock_server: MockServer) -> MockClient:
    return mock_server("tinker")


@pytest.fixture(scope="session", autouse=True)
def _loop() -> Iterator[None]:
    """The SDK's loop ends before the interpreter does: destructors that come later would wait for it for ever."""
    yield
    gc.collect()
    # What a red test still holds.
    _holder.InternalClientHolder.__del__ = lambda holder: None
    single = _holder._internal_client_holder_thread_singleton
    loop = single.get_loop()
    loop.call_soon_threadsafe(loop.stop)
    single._thread.join()
    loop.close()


@pytest.fixture
def connect(mock: MockClient) -> Iterator[Connect]:
    """`connect()`: a ServiceClient of the mock's session; arguments are the constructor's."""
    opened: list[Any] = []

    def open_service(**kwargs: Any) -> Any:
        kwargs.setdefault("base_url", mock.url)
        kwargs.setdefault("api_key", "tml-test")
        opened.append(tinker.ServiceClient(**kwargs))
        return opened[-1]

    yield open_service
    for service in opened:
        holder = service.holder
        holder.close()
        holder.run_coroutine_threadsafe(_close(holder)).result()
    opened.clear()
    _sampling._get_retry_handler.cache_clear()
    gc.collect()


async def _close(holder: Any) -> None:
    """What the SDK leaves open: the tasks of its loop, and its connections."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for pool in holder._client_pools.values():
        for client in pool._clients:
            await client.close()


@pytest.fixture
def service(connect: Connect) -> Any:
    return connect(user_metadata={"u": "1"})


@pytest.fixture
def training(service: Any) -> Any:
    return service.create_lora_training_client(BASE, rank=8, seed=3)


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's pauses are a hundredth as long: its clock is of its process, not of the mock."""

    async def sleep(delay: float, result: Any = None) -> Any:
        return await _sleep(delay / 100, result)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(importlib.import_module("anyio"), "sleep", sleep)


# Each public method is there twice: `method` gives the result or a future, `method_async` is awaited.
Call = Callable[..., Any]


def _sync(client: Any, method: str, *args: Any, **kwargs: Any) -> Any:
    said = getattr(client, method)(*args, **kwargs)
    return said.result(timeout=20) if callable(getattr(said, "result", None)) else said


def _async(client: Any, method: str, *args: Any, **kwargs: Any) -> Any:
    async def ask() -> Any:
        said = await getattr(client, f"{method}_async")(*args, **kwargs)
        return await said.result_async(timeout=20) if hasattr(said, "result_async") else said

    return asyncio.run(ask())


@pytest.fixture(params=[_sync, _async], ids=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Call:
    return request.param  # type: ignore[no-any-return]


# Data


def datum(tokens: list[int], targets: list[int] | None = None, **inputs: Any) -> Any:
    following = targets or [*tokens[1:], 1]
    held = {"target_tokens": following} | inputs
    return types.Datum(model_input=types.ModelInput.from_ints(tokens), loss_fn_inputs=held)


def losses(training: Any, steps: int, data: list[Any] | None = None, rate: float = 0.001) -> list[float]:
    """Of `steps` steps of training."""
    seen = []
    for _ in range(steps):
        passed = training.forward_backward(data or [datum([1, 2, 3])], "cross_entropy")
        stepped = training.optim_step(types.AdamParams(learning_rate=rate))
        seen.append(passed.result(timeout=20).metrics["loss:sum"])
        stepped.result(timeout=20)
    return seen


def loss(training: Any) -> float:
    done = training.forward([datum([1, 2, 3])], "cross_entropy").result(timeout=20)
    return float(done.metrics["loss:sum"])


def step(training: Any) -> float:
    """How many steps the model has taken, after one more."""
    return float(training.optim_step(types.AdamParams()).result(timeout=20).metrics["optimizer_step:max"])


# What the mock does, and saw


def fail(mock: MockClient, rpc: str, status: int, calls: int | tuple[int, int | None] = 1, **more: Any) -> None:
    """The first call (or those) of a method gets a status."""
    mock.set_faults([rule("status", match(rpc=rpc, calls=calls), status=status, **more)])


def sent(mock: MockClient, path: str) -> list[Entry]:
    return mock.journal(path=f"/api/v1{path}")


def bodies(mock: MockClient, path: str) -> list[Any]:
    return [each["request"]["json"] for each in sent(mock, path)]


def header(entry: Entry, name: str) -> str | None:
    found = [each["value"] for each in entry["headers"] if each["name"].lower() == name]
    return found[0] if found else None
