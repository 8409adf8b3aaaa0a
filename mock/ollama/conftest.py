"""A mock of Ollama within the test's own process: requests go through the engine, without sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from mock.engine.answer import Answer
from mock.engine.api import Apis
from mock.engine.engine import Engine
from mock.engine.request import Connection, Request
from mock.ollama.api import api
from mock.ollama.backend import OllamaBackend

# A tool.
ADD: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "add_numbers",
        "description": "Add two numbers.",
        "parameters": {
            "type": "object",
            "required": ["a", "b"],
            "properties": {"a": {"type": "integer", "description": "first"}, "b": {"type": "integer"}},
        },
    },
}


@dataclass
class Told:
    """An answer, read to its end."""

    status: int
    kind: str
    body: bytes
    headers: list[tuple[bytes, bytes]]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def lines(self) -> list[Any]:
        """Of NDJSON: one object a line, never a blank one."""
        assert self.kind == "application/x-ndjson", (self.kind, self.body)
        assert self.body.endswith(b"\n")
        return [json.loads(line) for line in self.body[:-1].split(b"\n")]

    @property
    def events(self) -> list[Any]:
        """Of SSE, without the last "[DONE]"."""
        assert self.kind == "text/event-stream", (self.kind, self.body)
        *events, done, nothing = self.body.decode().split("\n\n")
        assert (done, nothing) == ("data: [DONE]", "")
        return [json.loads(event.removeprefix("data: ")) for event in events]


class Mock:
    """One session with the virtual time 1,800,000,000."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.api = api()
        self.engine = Engine(Apis([self.api]))
        self.session = self.engine.session("default")
        loop.run_until_complete(self.session.clock.set(1_800_000_000))

    @property
    def backend(self) -> OllamaBackend:
        found = self.session.backend(self.api)
        assert isinstance(found, OllamaBackend)
        return found

    def configure(self, **settings: Any) -> None:
        self.session.configure("ollama", settings)

    def advance(self, seconds: float) -> None:
        self.loop.run_until_complete(self.session.clock.advance(seconds))

    def start(self, verb: str, target: str, body: Any = None, **headers: str) -> asyncio.Task[Told]:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        pairs = [(b"host", b"127.0.0.1:11434"), (b"content-type", b"application/json")]
        pairs += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        pairs = list(dict(pairs).items())
        request = Request(verb, target, pairs, data, connection=Connection(1, "127.0.0.1:5"))

        async def ask() -> Told:
            answer = self.engine.handle(request)
            if not isinstance(answer, Answer):
                answer = await answer
            data = answer.body if answer.chunks is None else b"".join([chunk async for chunk in answer.chunks])
            found = [value.decode() for name, value in answer.headers if name == b"content-type"]
            assert len(found) < 2, found
            return Told(answer.status, found[0] if found else "", data, [*answer.headers])

        return self.loop.create_task(ask())

    def ask(self, verb: str, target: str, body: Any = None, **headers: str) -> Told:
        return self.loop.run_until_complete(self.start(verb, target, body, **headers))

    def post(self, path: str, body: Any = None, **more: Any) -> Told:
        return self.ask("POST", path, {**(body or {}), **more} if not isinstance(body, bytes) else body)

    def get(self, path: str) -> Told:
        return self.ask("GET", path)


@pytest.fixture
def mock() -> Iterator[Mock]:
    with asyncio.Runner() as runner:
        yield Mock(runner.get_loop())
