"""A server that is not ours in the place of the mock: scenarios are played against it, nothing is looked up in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import orjson
from samewire.parity.v1.case_wire import Scenario

from mock.client.async_client import AsyncMockClient
from mock.client.shapes import Entry
from parity.runner.corpus import Question
from parity.runner.mocks import Mocks

URL = "SAMEWIRE_CONTRACT_URL"
KEY = "SAMEWIRE_CONTRACT_KEY"
MODEL = "SAMEWIRE_CONTRACT_MODEL"
USUAL_MODEL = "meta-llama/Llama-3.2-1B"


class NoServer(ValueError):
    """The variables name none, or only half of one."""


@dataclass(frozen=True)
class Real:
    """Where it is, and who asks."""

    url: str
    key: str

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Real | None:
        """None: the mock is meant. Raises NoServer where only one of the two variables is set, or URL is none."""
        url, key = environ.get(URL, ""), environ.get(KEY, "")
        if not url and not key:
            return None
        if not url or not key:
            raise NoServer(f"{URL} and {KEY} belong together; {KEY if url else URL} is not set")
        if urlsplit(url).scheme not in ("http", "https"):
            raise NoServer(f"{URL}={url} is no http or https address")
        return cls(url.rstrip("/"), key)


def suite(questions: Sequence[Question], model: str, real: Real | None) -> list[Question]:
    """The cases with the model's name in the place of "{model}"; for a real server with its key."""
    return [replace(each, scenario=_meant(each.scenario, model, real)) for each in questions if each.scenario]


def _meant(scenario: Scenario, model: str, real: Real | None) -> Scenario:
    said: dict[str, Any] = orjson.loads(scenario.to_wire().replace(b"{model}", orjson.dumps(model)[1:-1]))
    if real is not None:
        # Few tries: a testee does not sleep between them.
        said["config"] = {**said.get("config", {}), "api_key": real.key, "max_retries": 1}
    return Scenario.from_wire(orjson.dumps(said))


class RealServer(AsyncMockClient):
    """Has no sessions of tests, no journal and nothing to tidy up."""

    def __init__(self, real: Real) -> None:
        super().__init__(real.url)

    @property
    def url(self) -> str:
        return self.address

    def fresh(self, name: str = "") -> AsyncMockClient:
        return self

    async def last(self, count: int = 1, **_: Any) -> list[Entry]:
        return []

    async def delete(self) -> None:
        return None


class RealServers(Mocks):
    """The one server, whatever API a case asks for."""

    def __init__(self, real: Real) -> None:
        super().__init__()
        self._real = real

    async def server(self, api: str) -> AsyncMockClient:
        return RealServer(self._real)
