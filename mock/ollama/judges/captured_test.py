"""What the clients were seen to send (bridge_tinyllm_ollama.md C4; captured.json) is answered right."""

from __future__ import annotations

import http.client
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mock.client.client import MockClient
from mock.client.pytest_plugin import MockServer

_ROUTES = {
    "GenerateRequest": "/api/generate",
    "ChatRequest": "/api/chat",
    "EmbedRequest": "/api/embed",
    "EmbeddingsRequest": "/api/embeddings",
    "ShowRequest": "/api/show",
    "PullRequest": "/api/pull",
    "PushRequest": "/api/push",
    "CreateRequest": "/api/create",
    "CopyRequest": "/api/copy",
    "DeleteRequest": "/api/delete",
}
_CASES = [
    each
    for each in json.loads(Path(os.environ["SAMEWIRE_CAPTURED"]).read_text())
    if each["message"].rpartition(".")[2] in _ROUTES and each["expect"] == "accept"
]


@pytest.fixture
def server(mock_server: MockServer) -> MockClient:
    server = mock_server("ollama")
    everything = ["completion", "tools", "insert", "vision", "thinking", "embedding"]
    server.configure("ollama", models=[{"name": name, "capabilities": everything} for name in ("m", "a", "b")])
    return server


def _ask(server: MockClient, verb: str, path: str, body: str) -> tuple[int, str]:
    at = urlsplit(server.url)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=20)
    try:
        connection.request(verb, at.path + path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize(
    "case", _CASES, ids=[f"{each['dialect']}-{each['name']}-{index}" for index, each in enumerate(_CASES)]
)
def test_captured(server: MockClient, case: dict[str, Any]) -> None:
    sent = json.loads(case["json"])
    path = _ROUTES[case["message"].rpartition(".")[2]]
    status, text = _ask(server, "DELETE" if path == "/api/delete" else "POST", path, case["json"])
    if path != "/api/copy" and not (sent.get("model") or sent.get("name")):
        assert (status, json.loads(text)) in (
            (404, {"error": "model '' not found"}),
            (400, {"error": "model is required"}),
        )
        return
    if path == "/api/copy" and not sent.get("destination"):
        assert (status, json.loads(text)) == (400, {"error": 'destination "" is invalid'})
        return
    if sent.get("raw") and (sent.get("system") or sent.get("template") or sent.get("context")):
        assert (status, "raw mode does not support" in text) == (400, True)
        return
    assert status == 200, text
    said = [json.loads(line) for line in text.splitlines()]
    assert all("error" not in each for each in said), text
    streams = path in ("/api/generate", "/api/chat", "/api/pull", "/api/push", "/api/create")
    empty = (path == "/api/generate" and not sent.get("prompt")) or (path == "/api/chat" and not sent.get("messages"))
    assert (len(said) > 1) == (streams and not empty and sent.get("stream") is not False)


def test_there_are_some() -> None:
    assert len(_CASES) > 15
