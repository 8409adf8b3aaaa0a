"""Our OpenAPI descriptions tried on our servers: schemathesis makes requests of each operation, right ones and wrong
ones, and says whether the answers are what the description promises.

OPENAPI and SHOP_OPENAPI are folders with descriptions, SHOP_PROTO is what the generated server serves.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from mock.client.process import MockProcess
from mock.fuzz.effort import SEED, examples

SHOP = os.environ["SHOP_PROTO"]
SERVERS = {
    "tinker": ("tinker",),
    "ollama": ("ollama",),
    "shop": ("serve", SHOP, "-I", str(Path(SHOP).parents[2])),
}
# Server, description below its folder, and what tells the server which dialect is spoken.
DESCRIPTIONS = {
    "tinker 0.4.1": ("tinker", "tinker/v1/tinker-0.4.1", {"User-Agent": "AsyncTinker/Python 0.4.1"}),
    "tinker 0.38": ("tinker", "tinker/v1/tinker-0.38", {"User-Agent": "AsyncTinker/Python 0.38.0"}),
    "tinkex": ("tinker", "tinker/v1/tinkex", {"User-Agent": "tinkex/0.4.0"}),
    "ollama": ("ollama", "ollama/v1/ollama-server", {}),
    "openai": ("ollama", "ollama/openai/v1/default", {}),
    "shop": ("shop", "shop/v1/new", {"X-Dialect": "new"}),
    "admin": ("ollama", "samewire/mock/v1/default", {}),
}
# What Ollama itself answers with 500, and streams that end with the session.
ASKED_FOR = re.compile(
    rb'\{"error":"(invalid format: |open manifests/|pull model manifest: |failed to load model vocabulary |'
    rb'option \\"\w+\\" must be of type )'
)
ENDLESS = ("samewire.mock.v1.MockService/WatchJournal",)
CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]
# Seconds that an answer may take.
PATIENCE = 10.0


def _as_bytes(_: Any, value: Any) -> bytes:
    """Schemathesis makes no messages: to the reader of protobuf this is any bytes."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


schemathesis.serializer("application/x-protobuf")(_as_bytes)


def _description(name: str) -> Any:
    folder = os.environ["SHOP_OPENAPI" if name.startswith("shop/") else "OPENAPI"]
    return schemathesis.openapi.from_path(Path(folder, f"{name}.openapi.json"))


def _operations() -> list[Any]:
    found = []
    for title, (server, name, headers) in DESCRIPTIONS.items():
        for each in _description(name).get_all_operations():
            operation = each.ok()
            rpc = operation.definition.raw["x-samewire-rpc"]["method"]
            if rpc not in ENDLESS:
                found.append(pytest.param(server, operation, headers, id=f"{title}: {operation.label}"))
    return found


def _takes(operation: Any) -> Any:
    return operation.definition.raw.get("requestBody", {}).get("content", {})


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, MockProcess]]:
    started: dict[str, MockProcess] = {}
    yield started
    for process in started.values():
        said = process.said()
        process.close()
        assert "Traceback" not in said, said[-4000:]


@pytest.mark.parametrize(("server", "operation", "headers"), _operations())
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
def test_answers_are_as_described(
    servers: dict[str, MockProcess], server: str, operation: Any, headers: dict[str, str], mode: GenerationMode
) -> None:
    if server not in servers:
        servers[server] = MockProcess(*SERVERS[server])
    process = servers[server]

    @seed(int(os.environ.get(SEED, "0")))
    @settings(
        max_examples=examples(6),
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def ask(case: Any) -> None:
        response = case.call(base_url=process.address, headers={**headers, "X-API-Key": "tml-fuzz"}, timeout=PATIENCE)
        assert process.running(), process.said()[-4000:]
        if response.status_code == 500 and ASKED_FOR.match(response.content):
            return
        case.validate_response(response, checks=[not_a_server_error, *CHECKS])

    try:
        ask()
    except Unsatisfiable:
        # Nothing can be wrong with what takes nothing, or any text.
        assert mode is GenerationMode.NEGATIVE and "application/json" not in _takes(operation)
