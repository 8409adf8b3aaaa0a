"""A mock of Tinker within the test's own process: requests go through the engine, without sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from mock.engine.answer import Answer
from mock.engine.api import Apis
from mock.engine.clock import Clock
from mock.engine.engine import Engine
from mock.engine.request import Connection, Request
from mock.tinker.api import NAME, api
from mock.tinker.state import State

AGENTS = {
    "tinker-0.4.1": [(b"user-agent", b"AsyncTinker/Python 0.4.1"), (b"x-stainless-package-version", b"0.4.1")],
    "tinker-0.38": [(b"user-agent", b"AsyncTinker/Python 0.38.0"), (b"x-stainless-package-version", b"0.38.0")],
    "tinkex": [(b"user-agent", b"tinkex/0.4.0")],
}
BASE = "meta-llama/Llama-3.2-1B"


@dataclass
class Told:
    """An answer, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class Client:
    """`dialect`: whose headers are sent."""

    engine: Engine
    dialect: str = "tinker-0.4.1"
    session: str = ""
    models: int = 0
    seq: dict[str, int] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        return self.engine.session("default").clock

    @property
    def state(self) -> State:
        held = self.engine.session("default").backend(self.engine.apis.api(NAME))
        return held.state  # type: ignore[attr-defined, no-any-return]

    def configure(self, **settings: Any) -> None:
        self.engine.session("default").configure(NAME, settings)

    async def ask(
        self, verb: str, path: str, body: Any = None, headers: list[tuple[bytes, bytes]] | None = None
    ) -> Told:
        """`body`: JSON, or bytes of protobuf."""
        binary = isinstance(body, bytes)
        kind = b"application/x-protobuf" if binary else b"application/json"
        sent = [(b"content-type", kind), (b"host", b"127.0.0.1:80"), *AGENTS.get(self.dialect, []), *(headers or [])]
        data = b"" if body is None else body if binary else orjson.dumps(body)
        target = path if path.startswith("/archives") else f"/api/v1{path}"
        given = self.engine.handle(Request(verb, target, sent, data, connection=Connection(1)))
        answer = given if isinstance(given, Answer) else await given
        body = answer.body
        if answer.chunks is not None:
            body = b"".join([chunk async for chunk in answer.chunks])
        if answer.record is not None:
            answer.record.close("complete")
        return Told(answer.status, {name.decode(): value.decode() for name, value in answer.headers}, body)

    async def post(self, path: str, headers: list[tuple[bytes, bytes]] | None = None, /, **body: Any) -> Told:
        return await self.ask("POST", path, body, headers)

    async def fetch(self, told: Told, binary: bool = False, **more: Any) -> Told:
        """A poll of a promise."""
        assert told.status == 200, told.body
        accept = [(b"accept", b"application/x-protobuf")] if binary else []
        return await self.post("/retrieve_future", accept, request_id=told.json["request_id"], **more)

    async def done(self, told: Told) -> Any:
        """What a promise comes to."""
        got = await self.fetch(told)
        assert got.status == 200, got.body
        return got.json["result"] if self.dialect == "tinkex" and "result" in got.json else got.json

    async def open(self) -> str:
        told = await self.post("/create_session", tags=[], user_metadata={"u": "1"}, sdk_version="0.4.1")
        self.session = told.json["session_id"]
        return self.session

    async def model(self, rank: int = 8, base_model: str = BASE, **more: Any) -> str:
        if not self.session:
            await self.open()
        number, self.models = self.models, self.models + 1
        told = await self.post(
            "/create_model",
            session_id=self.session,
            model_seq_id=number,
            base_model=base_model,
            lora_config={"rank": rank},
            **more,
        )
        made = await self.done(told)
        return str(made["model_id"])

    async def turn(self, path: str, model: str, /, **body: Any) -> Told:
        """With the next seq_id."""
        self.seq[model] = self.seq.get(model, 0) + 1
        return await self.post(path, model_id=model, seq_id=self.seq[model], **body)

    async def train(self, model: str, steps: int = 1, rate: float = 0.001) -> list[float]:
        """The losses."""
        losses = []
        for _ in range(steps):
            out = await self.done(await self.turn("/forward_backward", model, forward_backward_input=DATA))
            losses.append(out["metrics"]["loss:sum"])
            await self.done(await self.turn("/optim_step", model, adam_params={"learning_rate": rate}))
        return losses

    async def loss(self, model: str) -> float:
        out = await self.done(await self.turn("/forward", model, forward_input=DATA))
        return float(out["metrics"]["loss:sum"])

    async def save(self, model: str, name: str, **more: Any) -> str:
        return str((await self.done(await self.turn("/save_weights", model, path=name, **more)))["path"])


DATA = {
    "data": [
        {
            "loss_fn_inputs": {"target_tokens": {"data": [2, 3, 4], "dtype": "int64", "shape": [3]}},
            "model_input": {"chunks": [{"tokens": [1, 2, 3]}]},
        }
    ],
    "loss_fn": "cross_entropy",
    "loss_fn_config": None,
}
Play = Callable[[Callable[[Client], Awaitable[None]]], None]


def new_client() -> Client:
    return Client(Engine(Apis([api()])))


@pytest.fixture
def play() -> Play:
    """Runs a script against a mock of its own."""

    def run(script: Callable[[Client], Awaitable[None]]) -> None:
        async def main() -> None:
            client = new_client()
            try:
                await script(client)
            finally:
                await client.engine.session("default").reset()

        asyncio.run(main())

    return run
