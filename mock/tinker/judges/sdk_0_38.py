"""PyPI `tinker` 0.38.0, unmodified, as a client of a mock server: its clients are opened here, and closed."""

from __future__ import annotations

import asyncio
import importlib
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mock.client.client import MockClient
from mock.client.pytest_plugin import MockServer
from mock.client.shapes import Entry

# One process has one release: they share the package's name, also with our models, whose types are not meant here.
tinker: Any = importlib.import_module("tinker")
types: Any = importlib.import_module("tinker.types")

BASE = "meta-llama/Llama-3.2-1B"
KEY = "tml-test"
WITHIN = 20.0  # seconds, for anything that is waited for
FAST = {"retry-after-ms": "5"}  # for the retries of HTTP itself, which else begin at half a second
Call = Callable[..., Any]
_sleep = asyncio.sleep


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine's: keys, projects, ~/.tinker."""
    for name in ("TINKER_API_KEY", "TINKER_BASE_URL", "TINKER_CREDENTIAL_CMD", "TINKER_PROJECT_ID", "TINKER_TAGS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def mock(mock_server: MockServer) -> MockClient:
    return mock_server("tinker")


@pytest.fixture
def connect(mock: MockClient) -> Iterator[Call]:
    """`connect()`: a ServiceClient of the mock's session; `connect(tinker.RestClient)`: another client."""
    opened: list[Any] = []

    def open_client(kind: Any = tinker.ServiceClient, **kwargs: Any) -> Any:
        opened.append(kind(**{"base_url": mock.url, "api_key": KEY} | kwargs))
        return opened[-1]

    yield open_client
    mock.real_time()
    mock.clear_faults()
    for client in opened:
        if isinstance(client, tinker.ServiceClient):
            client.close("success").result(timeout=WITHIN)
        else:
            client.holder.run_coroutine_threadsafe(client.holder.aclose()).result(timeout=WITHIN)


@pytest.fixture
def service(connect: Call) -> Any:
    return connect(user_metadata={"u": "1"})


@pytest.fixture
def training(service: Any) -> Any:
    return done(service.create_lora_training_client(BASE, rank=8, seed=3))


@pytest.fixture
def rest(connect: Call) -> Any:
    return connect(tinker.RestClient)


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's pauses are a hundredth as long: its clock is of its process, not of the mock."""

    async def sleep(delay: float, result: Any = None) -> Any:
        return await _sleep(delay / 100, result)

    monkeypatch.setattr(asyncio, "sleep", sleep)


# Most public methods are there thrice: their future has a result, can be awaited, and the old `method_async`.


def done(future: Any) -> Any:
    return future.result(timeout=WITHIN) if callable(getattr(future, "result", None)) else future


def _sync(client: Any, method: str, *args: Any, **kwargs: Any) -> Any:
    return done(getattr(client, method)(*args, **kwargs))


def _awaited(client: Any, method: str, *args: Any, **kwargs: Any) -> Any:
    async def ask() -> Any:
        said = getattr(client, method)(*args, **kwargs)
        return await asyncio.wait_for(said, WITHIN) if hasattr(said, "__await__") else said

    return asyncio.run(ask())


def _old(client: Any, method: str, *args: Any, **kwargs: Any) -> Any:
    async def ask() -> Any:
        said = await getattr(client, f"{method}_async")(*args, **kwargs)
        return await asyncio.wait_for(said, WITHIN) if hasattr(said, "__await__") else said

    if not hasattr(client, f"{method}_async"):
        return _awaited(client, method, *args, **kwargs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return asyncio.run(ask())


@pytest.fixture(params=[_sync, _awaited, _old], ids=["sync", "await", "async"])
def call(request: pytest.FixtureRequest) -> Call:
    return request.param  # type: ignore[no-any-return]


# Data


def prompt(*tokens: int) -> Any:
    return types.ModelInput.from_ints(list(tokens))


def datum(*tokens: int, **inputs: Any) -> Any:
    """With the next tokens as targets."""
    following = inputs.pop("target_tokens", [*tokens[1:], 1])
    return types.Datum(model_input=prompt(*tokens), loss_fn_inputs={"target_tokens": following} | inputs)


def losses(training: Any, steps: int, rate: float = 0.001) -> list[float]:
    """Of `steps` steps of training, before each."""
    seen = []
    for _ in range(steps):
        passed = training.forward_backward([datum(1, 2, 3)], "cross_entropy")
        stepped = training.optim_step(types.AdamParams(learning_rate=rate))
        seen.append(done(passed).metrics["loss:sum"])
        done(stepped)
    return seen


def loss(training: Any) -> float:
    return float(done(training.forward([datum(1, 2, 3)], "cross_entropy")).metrics["loss:sum"])


# What the mock saw


def sent(mock: MockClient, path: str) -> list[Entry]:
    return mock.journal(path=f"/api/v1{path}")


def bodies(mock: MockClient, path: str) -> list[Any]:
    """As they were sent, or, of protobuf, as its JSON form has them: {"seqId": 1}."""
    return [each["request"].get("json", each.get("message")) for each in sent(mock, path)]


def header(entry: Entry, name: str) -> str:
    """Empty where it was not sent."""
    found = [each["value"] for each in entry["headers"] if each["name"].lower() == name]
    return found[0] if found else ""


def problems(mock: MockClient) -> list[Entry]:
    """Exchanges that the definitions can't read: there are none."""
    return [each for each in mock.journal() if "problem" in each]


def eventually(true: Callable[[], Any], within: float = WITHIN) -> Any:
    """What `true` gives as soon as it is true. Raises TimeoutError."""
    end = time.monotonic() + within
    while not (found := true()):
        if time.monotonic() > end:
            raise TimeoutError(f"not so within {within:g} s")
        time.sleep(0.02)
    return found
