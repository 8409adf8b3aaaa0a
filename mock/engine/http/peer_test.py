"""Peers that closed one side, both, or died, on every kind of socket."""

import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock.engine.http.peer import still_reads

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture(params=["127.0.0.1", "::1", "unix"])
def pair(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    """Ours and theirs."""
    monkeypatch.chdir(tmp_path)  # the names of sockets are short
    where = request.param
    family = {"unix": socket.AF_UNIX, "::1": socket.AF_INET6}.get(where, socket.AF_INET)
    with socket.socket(family) as listening, socket.socket(family) as theirs:
        try:
            listening.bind("socket" if where == "unix" else (where, 0))
        except OSError:
            assert where == "::1"
            pytest.skip("this machine has no IPv6")
        listening.listen()
        theirs.connect(listening.getsockname())
        ours, _ = listening.accept()
        with ours:
            theirs.send(b"x")
            assert ours.recv(1) == b"x"
            yield ours, theirs


def eof(ours: socket.socket) -> None:
    ours.settimeout(5)
    assert ours.recv(1) == b""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists its connections in /proc")
def test_a_peer_that_closed_its_side_and_one_that_closed_both(pair: Pair) -> None:
    ours, theirs = pair
    theirs.shutdown(socket.SHUT_WR)
    eof(ours)
    assert still_reads(ours) is True
    time.sleep(0.05)
    assert still_reads(ours) is True
    theirs.close()
    assert still_reads(ours) is False


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists its connections in /proc")
def test_a_peer_that_closed_both_at_once(pair: Pair) -> None:
    ours, theirs = pair
    theirs.close()
    eof(ours)
    assert still_reads(ours) is False
