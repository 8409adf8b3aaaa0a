"""curl, as people type it, as a judge of the mock. Skipped where the machine has none."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from mock.client.client import MockClient
from mock.client.pytest_plugin import MockServer

_CURL = shutil.which("curl")
_JSON = ("-H", "Content-Type: application/json")
pytestmark = pytest.mark.skipif(_CURL is None, reason="this machine has no curl")


@pytest.fixture
def server(mock_server: MockServer) -> MockClient:
    return mock_server("ollama")


def _curl(*words: str) -> str:
    command = [_CURL or "curl", "--silent", "--show-error", "--max-time", "20", "--noproxy", "*", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_with_the_content_type_that_curl_says_by_itself(server: MockClient) -> None:
    lines = _curl(f"{server.url}/api/generate", "-d", '{"model":"phi3:mini","prompt":"Why?"}').splitlines()
    assert json.loads(lines[-1])["done"] is True
    assert all("error" not in json.loads(line) for line in lines)


def test_status_and_text_of_errors(server: MockClient) -> None:
    said = _curl("-w", "%{http_code} %{content_type}", *_JSON, f"{server.url}/api/show", "-d", '{"model":"nope"}')
    assert said.startswith('{"error":"model \'nope\' not found"}404 application/json')
    assert _curl("-w", " %{http_code}", f"{server.url}/nowhere") == "404 page not found 404"
    assert _curl("-w", " %{http_code}", f"{server.url}/api/chat") == "405 method not allowed 405"


def test_head_and_delete(server: MockClient) -> None:
    assert _curl(server.url) == "Ollama is running"
    for path in ("/", "/api/version", "/api/tags"):
        assert " 200" in _curl("--head", f"{server.url}{path}").splitlines()[0]
    body = '{"model":"phi3:mini"}'
    assert _curl("-w", "%{http_code}", *_JSON, "-X", "DELETE", f"{server.url}/api/delete", "-d", body) == "200"


def test_events(server: MockClient) -> None:
    body = '{"model":"qwen2.5:3b","stream":true,"messages":[{"role":"user","content":"Hi"}]}'
    said = _curl("-N", f"{server.url}/v1/chat/completions", *_JSON, "-d", body)
    assert said.startswith("data: {")
    assert said.endswith("\n\ndata: [DONE]\n\n")


def test_another_host_is_refused(server: MockClient) -> None:
    assert _curl("-w", "%{http_code}", "-H", "Host: example.com", f"{server.url}/api/tags") == "403"
