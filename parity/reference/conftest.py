"""A service that answers as a test says, without a network."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from parity.reference.config import Config, resolve
from parity.reference.dialect import OLD, Dialect
from parity.reference.noted_clock import NotedClock
from parity.reference.service import ServiceClient

Answer = httpx.Response | Exception
_USUAL: dict[str, Any] = {
    "create_session": {"session_id": "s"},
    "create_model": {"request_id": "made"},
    "create_sampling_session": {"sampling_session_id": "ss"},
    "get_info": {"model_data": {}, "model_id": "s:train:0", "type": "get_info"},
    "client/config": {},
    "client/dynamic_config": {},
}


@dataclass
class Server:
    """`answers`: by the end of the path, one after the other, the last for ever; a call without any is answered 404."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)

    def on(self, path: str, *answers: Any, status: int = 200) -> None:
        """JSON, a whole response, or an error of the connection."""
        self.answers[path] = [_response(answer, status) for answer in answers]

    def sent(self, path: str) -> list[Any]:
        """Bodies that came."""
        return [json.loads(request.content or b"null") for request in self.requests if request.url.path.endswith(path)]

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._handle)

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        name = request.url.path.partition("/api/v1/")[2]
        left = self.answers.get(name)
        if not left:
            return (
                httpx.Response(200, json=_USUAL[name]) if name in _USUAL else httpx.Response(404, json={"detail": name})
            )
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def _response(answer: Any, status: int) -> Answer:
    return answer if isinstance(answer, httpx.Response | Exception) else httpx.Response(status, json=answer)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def clock() -> NotedClock:
    return NotedClock()


Connect = Callable[..., ServiceClient]


@pytest.fixture
def connect(server: Server, clock: NotedClock) -> Connect:
    """A client of `server` whose random draws are 0."""

    def make(dialect: Dialect = OLD, **told: Any) -> ServiceClient:
        return ServiceClient(config_of(dialect, **told), clock=clock, random=lambda: 0.0, transport=server.transport())

    return make


def config_of(dialect: Dialect = OLD, **told: Any) -> Config:
    given: dict[str, Any] = {"base_url": "http://service", "api_key": "tml-k", "telemetry": False} | told
    return resolve(dialect, {}, **given)
