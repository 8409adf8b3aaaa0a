import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mock.cli.exit import Exit
from mock.client.process import command

SCENARIO = """
stubs:
  - id: greeting
    request: {path: /api/version}
    answers: [{json: {version: "9.9"}}]
"""


def say(*words: str | Path, timeout: float = 30) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*command(), *map(str, words)], capture_output=True, text=True, timeout=timeout, check=False)


@contextmanager
def serving(*words: str | Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The URL, and the process."""
    process = subprocess.Popen(
        [*command(), *map(str, words), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        assert line, process.communicate()[1]
        yield json.loads(line)["listening"][0], process
    finally:
        process.terminate()
        process.communicate(timeout=10)


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    file = tmp_path / "scenario.yaml"
    file.write_text(SCENARIO)
    return file


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["serve", "missing.proto"], "missing.proto: no such file"),
        (["ollama", "--scenario", "missing.yaml"], "missing.yaml"),
        (["ollama", "--faults", "missing.json"], "missing.json"),
        (["ollama", "--cert", "a.pem"], "--cert and --key go together"),
        (["ollama", "--cert", "a.pem", "--key", "b.pem"], "a.pem: no such file"),
        (["ollama", "--host", "0.0.0.0"], "--token"),
        (["ollama", "--session-port", "mine"], "NAME=PORT"),
        (["ollama", "--proxy", "nowhere"], "http://HOST"),
        (["ollama", "--port", "70000"], "no port"),
        (["ollama", "--journal-bytes", "much"], "no size"),
        (["nothing"], "invalid choice"),
        (["verify", "{}", "--url", "http://127.0.0.1:1", "--session", "a b"], "samewire mock: "),
    ],
)
def test_misuse_is_told_in_a_line(words: list[str], says: str) -> None:
    done = say(*words)
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode in (Exit.MISUSE, Exit.COULD_NOT_RUN)
    assert len(done.stderr.strip().splitlines()[-1]) < 300


def test_a_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = say("ollama", "--port", str(taken.getsockname()[1]))
    assert done.returncode == Exit.MISUSE
    assert "in use" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_it_is_ready_when_it_says_so_and_stops_within_a_second(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    with serving("ollama", "--ready-file", ready) as (url, process):
        assert ready.read_text() == url + "\n"
        assert "version" in get(f"{url}/api/version")
        watching = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))
        watching.sendall(b"GET /__samewire/v1/sessions/default/journal/watch HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert watching.recv(100).startswith(b"HTTP/1.1 200")
        start = time.monotonic()
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(timeout=10) == Exit.GOOD
        assert time.monotonic() - start < 1
        watching.close()
    assert not ready.exists()


def test_scenario_stubs_and_verification(scenario: Path) -> None:
    assert say("stubs", "check", scenario, "--api", "ollama").returncode == Exit.GOOD
    with serving("ollama") as (url, _):
        assert say("stubs", "add", scenario, "--url", url).stdout == "greeting\n"
        assert get(f"{url}/api/version") == {"version": "9.9"}
        assert json.loads(say("stubs", "list", "--url", url, "--json").stdout)["stubs"][0]["id"] == "greeting"
        asked = '{"request":{"path":"/api/version"},"count":{"min":1,"max":1}}'
        assert say("verify", asked, "--url", url).returncode == Exit.GOOD
        never = say("verify", '{"request":{"path":"/api/version"},"never":true}', "--url", url)
        assert never.returncode == Exit.FINDINGS
        assert never.stdout == "wanted none, but 1 came: entries 1\n"
        assert say("stubs", "remove", "greeting", "--url", url).returncode == Exit.GOOD
        assert say("stubs", "remove", "greeting", "--url", url).returncode == Exit.MISUSE
        assert get(f"{url}/api/version") != {"version": "9.9"}
        assert say("stubs", "clear", "--url", url).returncode == Exit.GOOD
    assert say("stubs", "list", "--url", url).returncode == Exit.COULD_NOT_RUN


def test_a_stub_that_the_definitions_refuse(tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text(
        '{"stubs":[{"request":{"rpc":"ollama.v1.OllamaService/Version"},"answers":[{"json":{"version":1}}]}]}'
    )
    done = say("stubs", "check", file, "--api", "ollama")
    assert done.returncode == Exit.FINDINGS
    assert "$.stubs[0].answers[0].json.version" in done.stderr


def test_record_and_replay(tmp_path: Path, scenario: Path) -> None:
    seen = tmp_path / "seen.yaml"
    with (
        serving("ollama", "--scenario", scenario) as (upstream, _),
        serving("replay", scenario, "--proxy", upstream, "--record", seen) as (url, _),
    ):
        tags = get(f"{url}/api/tags")
        assert get(f"{url}/api/version") == {"version": "9.9"}
    with serving("replay", seen) as (url, _):
        assert get(f"{url}/api/tags") == tags


def test_anybodys_definitions(tmp_path: Path) -> None:
    file = tmp_path / "yard.proto"
    file.write_text(
        'syntax = "proto3"; package yard.v1; import "google/api/annotations.proto";'
        'service Yard { rpc GetBoat(Boat) returns (Boat) { option (google.api.http) = {get: "/boats/{id}"}; } }'
        "message Boat { string id = 1; }"
    )
    with serving("serve", file) as (url, _):
        assert get(f"{url}/boats/x")["id"] == "x"


def test_help_has_an_example() -> None:
    for words in ([], ["tinker"], ["ollama"], ["serve"], ["replay"], ["verify"]):
        done = say(*words, "--help")
        assert done.returncode == Exit.GOOD
        assert "example" in done.stdout


def test_a_session_has_a_port_of_its_own() -> None:
    with serving("ollama", "--session-port", "mine=0") as (url, _):
        get(f"{url}/api/version")
        sessions = get(f"{url}/__samewire/v1/server")["listening"]
        assert len(sessions) == 2
        get(f"{sessions[1]}/api/version")
        names = [each["name"] for each in get(f"{url}/__samewire/v1/sessions")["sessions"]]
    assert names == ["default", "mine"]
