"""`--proxy URL --record FILE`, then `replay FILE`: the same answers without the upstream. The upstream is a mock."""

from __future__ import annotations

import json
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock.cli.conftest import serving
from mock.cli.exit import Exit
from mock.client import MockClient, when

CHAT = {"model": "qwen3:0.6b", "messages": [{"role": "user", "content": "Why is the sky blue?"}], "stream": False}
# What is asked, in this order.
ASKED: list[tuple[str, Any]] = [
    ("/api/version", None),
    ("/api/tags", None),
    ("/api/show", {"model": "qwen3:0.6b"}),
    ("/api/show", {"model": "no-such-model"}),
    ("/api/chat", CHAT),
    ("/api/chat", {**CHAT, "stream": True}),
    ("/api/generate", {"model": "qwen3:0.6b", "prompt": "a {{ b }}", "stream": False}),
    ("/api/embed", {"model": "nomic-embed-text", "input": ["one", "two"]}),
    ("/v1/models", None),
    ("/v1/chat/completions", {**CHAT, "stream": True}),
    ("/v1/chat/completions", CHAT),
    ("/nowhere", None),
]


def ask(url: str, body: Any = None, session: str = "default") -> tuple[int, str, bytes]:
    """Status, content type, and the whole body."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", "x-samewire-session": session}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=20) as answer:
            return answer.status, answer.headers["content-type"], answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["content-type"], error.read()


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_a_replay_answers_as_the_upstream_did(tmp_path: Path, suffix: str) -> None:
    seen = tmp_path / f"seen{suffix}"
    with serving("ollama") as (upstream, _), serving("ollama", "--proxy", upstream, "--record", seen) as (url, _):
        told = [ask(url + path, body) for path, body in ASKED]
        assert [status for status, _, _ in told] == [200] * 3 + [404] + [200] * 7 + [404]
        MockClient(upstream).verify(count=len(ASKED))
    with serving("replay", seen) as (url, _):
        for (path, body), (status, kind, data) in reversed(list(zip(ASKED, told, strict=True))):
            again = ask(url + path, body)
            assert (path, *again[:2]) == (path, status, kind)
            if kind.startswith("application/json"):
                assert json.loads(again[2]) == json.loads(data), path
            else:
                assert again[2] == data, path
        assert ask(url + "/api/delete", {"model": "m"})[0] == 404


def test_every_session_is_recorded_for_itself(tmp_path: Path) -> None:
    seen = tmp_path / "seen.yaml"
    with serving("ollama") as (upstream, _), serving("ollama", "--proxy", upstream, "--record", seen) as (url, _):
        ask(url + "/api/version")
        ask(url + "/api/tags", session="mine")
        MockClient(url, "idle").stubs()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["seen.mine.yaml", "seen.yaml"]
    paths = [
        stub["request"]["path"] for name in names for stub in yaml.safe_load((tmp_path / name).read_text())["stubs"]
    ]
    assert paths == ["/api/tags", "/api/version"]


def test_what_was_under_way_is_told(tmp_path: Path) -> None:
    """A stream that the end of the server cuts is no answer to replay: it is named, and the rest is there."""
    seen = tmp_path / "seen.yaml"
    with serving("ollama") as (upstream, _), serving("ollama", "--proxy", upstream, "--record", seen) as (url, process):
        MockClient(upstream).stub(when(path="/api/chat").unchecked().reply(stream=[{"n": 1}, {"n": 2}], between=30))
        ask(url + "/api/version")
        request = urllib.request.Request(url + "/api/chat", json.dumps({**CHAT, "stream": True}).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.readline() == b'{"n":1}\n'
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == Exit.GOOD
        assert process.stderr is not None
        assert "not recorded: entry 2 (POST /api/chat): its answer did not come to its end" in process.stderr.read()
    stubs = yaml.safe_load(seen.read_text())["stubs"]
    assert [stub["request"]["path"] for stub in stubs] == ["/api/version"]


def test_exports_of_what_was_asked() -> None:
    with serving("ollama") as (url, _):
        for path, body in ASKED:
            ask(url + path, body)
        mock = MockClient(url)
        log = json.loads(mock.har())["log"]
        cases = yaml.safe_load(mock.cases())
        stubs = mock.recorded_stubs()
    assert log["version"] == "1.2"
    assert {"name", "version"} <= log["creator"].keys()
    assert len(log["entries"]) == len(ASKED)
    for entry in log["entries"]:
        assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= entry.keys()
        both = {"httpVersion", "cookies", "headers", "headersSize", "bodySize"}
        assert {"method", "url", "queryString", *both} <= entry["request"].keys()
        assert {"status", "statusText", "content", "redirectURL", *both} <= entry["response"].keys()
        assert {"size", "mimeType"} <= entry["response"]["content"].keys()
        assert {"send", "wait", "receive"} <= entry["timings"].keys()
        assert entry["request"]["url"].startswith(url)
    (case,) = cases["cases"]
    assert case["kind"] == "scenario"
    assert sum(map(len, case["requests"].values())) == sum(map(len, case["answers"].values())) == len(ASKED)
    assert len(stubs) == len(ASKED) - 1  # a miss is no stub
