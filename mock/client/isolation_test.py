"""Sessions of one server do not see each other: by header, by path and by port, from threads and from processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from mock.client import MockClient, MockProcess, match, rule

PATH = "/api/version"
ROUNDS = 20
PROCESSES = 3

# What a worker of a test runner does: a session of its own on a server that others use at the same time.
WORKER = """
import sys
from mock.client.isolation_test import story
from mock.client import MockClient
story(MockClient(sys.argv[1]).fresh("worker"), sys.argv[2])
"""


@pytest.fixture(scope="module")
def server() -> Iterator[MockProcess]:
    with MockProcess("ollama", "--session-port", "port-a=0", "--session-port", "port-b=0") as process:
        yield process


def get(url: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url + PATH, headers=headers or {}), timeout=10) as answer:
            return answer.status, json.loads(answer.read())["version"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""


def story(mock: MockClient, mine: str) -> None:
    """Stub, fault, time, journal: each as this session set it, whatever others do."""
    mock.when(path=PATH).cycle().reply(json={"version": mine}).reply(json={"version": mine + "!"})
    mock.set_faults([rule("status", match(path=PATH, calls={"every": 5}), status=503)], seed=1)
    mock.set_time(1000)
    statuses = []
    for _ in range(ROUNDS):
        status, version = get(mock.url)
        statuses.append(status)
        assert version in ({mine, mine + "!"} if status == 200 else {""})
        mock.advance(1)
    assert statuses == ([200] * 4 + [503]) * (ROUNDS // 5)
    assert mock.clock()["now_s"] == 1000 + ROUNDS
    mock.verify(path=PATH, count=ROUNDS)
    assert len(mock.journal()) == ROUNDS
    mock.reset()
    mock.verify(path=PATH, never=True)
    assert mock.stubs() == []


def test_threads(server: MockProcess) -> None:
    names = [f"thread-{number}" for number in range(8)]
    with ThreadPoolExecutor(len(names)) as pool:
        for done in [pool.submit(story, server.client().fresh(name), name) for name in names]:
            done.result(60)


def test_processes(server: MockProcess) -> None:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, server.address, f"process-{number}"],
            env=environ,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    said = [worker.communicate(timeout=60)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * PROCESSES, "\n".join(said)


def test_header_path_and_port_name_a_session(server: MockProcess) -> None:
    address, *ports = server.client().server()["listening"]
    mine, other = MockClient(address, "port-a"), MockClient(address, "port-b")
    mine.when(path=PATH).reply(json={"version": "a"})
    other.when(path=PATH).reply(json={"version": "b"})
    for say in (get(ports[0]), get(mine.url), get(address, mine.headers), get(ports[1], mine.headers)):
        assert say == (200, "a")
    for say in (get(ports[1]), get(other.url), get(ports[0] + "/__samewire/s/port-b")):
        assert say == (200, "b")
    assert get(address)[1] not in ("a", "b")
    mine.verify(path=PATH, count=4)
    other.verify(path=PATH, count=3)
    mine.reset()
    assert get(ports[0])[1] != "a"
    assert get(ports[1]) == (200, "b")


@pytest.mark.parametrize("name", ["../../etc", ".hidden", "a/b", "<script>", "x" * 101, "é"])
def test_names_are_confined(server: MockProcess, name: str) -> None:
    before = {each["name"] for each in server.client().sessions()}
    assert get(server.address, {"x-samewire-session": name.encode().decode("latin-1")})[0] == 400
    assert get(MockClient(server.address, name).url)[0] == 400
    assert {each["name"] for each in server.client().sessions()} == before
