"""Fixtures that keep tests out of each other's way, in one process or in pytest-xdist's workers.

None of them does anything unless a test asks for it, or the ini option `isolate` names it for all tests:

    [pytest]
    isolate = redis environment folder

| ini word    | fixture               | what a test gets                                                        |
| redis       | `isolate_redis_db`    | REDIS_DB: the worker's number modulo 16; 0 without workers               |
| environment | `isolate_environment` | os.environ as it was put back afterwards, `isolate_drop` left out        |
| folder      | `isolate_folder`      | a temporary folder of its own, which tempfile uses too                   |
| port        | `free_port`           | a TCP port that no other worker or session of this machine is handed     |
"""

from __future__ import annotations

import fnmatch
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

REDIS_DATABASES = 16  # as many as a Redis server has unless told otherwise
WORDS = {
    "redis": "isolate_redis_db",
    "environment": "isolate_environment",
    "folder": "isolate_folder",
    "port": "free_port",
}

# Below what Linux hands to clients (32768 on); above what well-known services take.
_FIRST, _LAST, _EACH = 20_000, 32_000, 100


class NoPorts(RuntimeError):
    """All port ranges are taken."""


def number(worker: str) -> int:
    """The number of a worker of pytest-xdist: 3 for "gw3", 0 for "master".

    >>> number("gw12")
    12
    """
    digits = worker.removeprefix("gw")
    return int(digits) if digits.isdigit() else 0


def claim(worker: int) -> tuple[socket.socket, range]:
    """A range of ports for this process alone. Its first port is held as the sign of it, until the socket is closed.

    Raises:
        NoPorts: all are taken.
    """
    slots = (_LAST - _FIRST) // _EACH
    for step in range(slots):
        first = _FIRST + (worker + step) % slots * _EACH
        guard = socket.socket()
        try:
            guard.bind(("127.0.0.1", first))
            guard.listen()
        except OSError:
            guard.close()
        else:
            return guard, range(first + 1, first + _EACH)
    raise NoPorts(f"all {slots} port ranges from {_FIRST} to {_LAST} are taken")


@pytest.fixture(scope="session")
def worker_number(request: pytest.FixtureRequest) -> int:
    """The number of the worker that runs the test, from 0; 0 without pytest-xdist."""
    return number(getattr(request.config, "workerinput", {}).get("workerid", "master"))


@pytest.fixture
def isolate_redis_db(worker_number: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """The number of a Redis database for the worker, in REDIS_DB too. Two of more than 16 workers share one."""
    database = worker_number % REDIS_DATABASES
    monkeypatch.setenv("REDIS_DB", str(database))
    return database


@pytest.fixture
def isolate_environment(request: pytest.FixtureRequest) -> Iterator[None]:
    """The environment is put back after the test; variables that `isolate_drop` names (with *) are not there in it."""
    before = dict(os.environ)
    for pattern in request.config.getini("isolate_drop"):
        for name in fnmatch.filter(before, pattern):
            os.environ.pop(name, None)
    yield
    for name in set(os.environ) - set(before):
        del os.environ[name]
    for name, value in before.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


@pytest.fixture
def isolate_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder for the test alone; TMPDIR and the module tempfile point to it."""
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="session")
def worker_ports(worker_number: int) -> Iterator[Iterator[int]]:
    """Free ports of the worker's own range, one after the other, round and round."""
    guard, ports = claim(worker_number)
    with guard:
        yield _round(ports)


@pytest.fixture
def free_port(worker_ports: Iterator[int]) -> int:
    """A TCP port of 127.0.0.1 that is free, and handed to no other worker or session meanwhile."""
    return next(worker_ports)


def _round(ports: range) -> Iterator[int]:
    busy = 0
    while busy < len(ports):
        for port in ports:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    busy += 1
                    continue
            busy = 0
            yield port
    raise NoPorts(f"all ports from {ports.start} to {ports.stop - 1} are in use")


class Everywhere:
    """The plugin that gives fixtures to all tests."""

    def __init__(self, names: list[str]) -> None:
        self._names = names

    @pytest.fixture(autouse=True)
    def _samewire_isolated(self, request: pytest.FixtureRequest) -> None:
        for name in self._names:
            request.getfixturevalue(name)
