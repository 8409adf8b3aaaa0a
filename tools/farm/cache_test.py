"""A real bazel-remote on the loopback of this test."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.farm.cache import Cache, main

PROGRAM = Path(os.environ["SAMEWIRE_BAZEL_REMOTE"])


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    it = Cache(tmp_path / "cache")
    yield it
    it.stop()


def put(cache: Cache, body: bytes) -> str:
    url = f"{cache.http}/cas/{hashlib.sha256(body).hexdigest()}"
    urllib.request.urlopen(urllib.request.Request(url, body, method="PUT"), timeout=10).close()
    return url


def test_what_is_put_is_there_after_a_restart(cache: Cache) -> None:
    cache.start(PROGRAM)
    put(cache, b"kept")
    status = cache.status()
    assert status is not None
    assert status["NumFiles"] == 1
    assert cache.stop()
    assert cache.status() is None
    cache.start(PROGRAM)
    with urllib.request.urlopen(f"{cache.http}/cas/{hashlib.sha256(b'kept').hexdigest()}", timeout=10) as answer:
        assert answer.read() == b"kept"


def test_a_blob_under_the_name_of_another_is_refused(cache: Cache) -> None:
    cache.start(PROGRAM)
    url = f"{cache.http}/cas/{'0' * 64}"
    for request in (urllib.request.Request(url, b"other", method="PUT"), urllib.request.Request(url)):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        refused.value.close()


def test_it_listens_on_the_loopback_only(cache: Cache) -> None:
    cache.start(PROGRAM)
    port = int(cache.grpc.rpartition(":")[2])
    sockets = [
        line.split() for name in ("tcp", "tcp6") for line in Path("/proc/net", name).read_text().splitlines()[1:]
    ]
    listening = [words[1] for words in sockets if words[3] == "0A"]
    assert [place for place in listening if place.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]


def test_started_twice_is_one_server(cache: Cache) -> None:
    cache.start(PROGRAM)
    first = cache.running
    cache.start(PROGRAM)
    assert cache.running == first


def test_a_killed_server_is_not_running(cache: Cache) -> None:
    cache.start(PROGRAM)
    server = cache.running
    assert server is not None
    server.signal(signal.SIGKILL)
    server.stop()
    assert cache.running is None
    assert not cache.stop()


def test_a_taken_port_is_said(cache: Cache, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["start", "--folder", str(cache.folder), "--port", str(taken.getsockname()[1])]) == 3
    assert "address already in use" in capsys.readouterr().err


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ["--folder", str(tmp_path / "it")]
    assert main(["status", *folder]) == 1
    assert main(["start", *folder]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "not running"
    assert out[1].startswith("--remote_cache=grpc://127.0.0.1:")
    assert main(["status", "--json", *folder]) == 0
    assert json.loads(capsys.readouterr().out)["NumFiles"] == 0
    assert main(["stop", *folder]) == 0
    assert main(["stop", *folder]) == 0
    assert capsys.readouterr().out.split("\n") == ["stopped", "was not running", ""]


def test_misuse() -> None:
    for words in (["begin"], ["start", "--port", "70000"], ["start", "--size", "0"]):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 2
