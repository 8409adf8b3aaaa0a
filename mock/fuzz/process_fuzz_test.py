"""A server process over real sockets: it stays, serves, says nothing of a traceback, and its memory stays."""

from __future__ import annotations

import socket
from contextlib import closing
from random import Random
from urllib.parse import urlsplit

import pytest

from mock.client.process import MockProcess
from mock.engine.api import Apis
from mock.fuzz import traffic
from mock.fuzz.answers import answers
from mock.fuzz.effort import Effort
from mock.fuzz.mutator import Mutator, cut
from mock.fuzz.target import GROWTH, resident
from mock.ollama.api import api as ollama_api
from mock.tinker.api import api as tinker_api

GOOD = b"GET /__samewire/v1/server HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
PATIENCE_S = 5.0


@pytest.mark.parametrize("name", ["tinker", "ollama"])
def test_process(name: str, effort: Effort) -> None:
    api = tinker_api() if name == "tinker" else ollama_api()
    corpus = traffic.corpus(Apis([api]).methods, effort.seed)
    mutate = Mutator(traffic.WORDS, corpus)
    with MockProcess(name, "--journal-bytes", "1M") as server:
        first = 0
        for random in effort.rounds(3_000):
            pieces = cut(random, mutate(random, random.choice(corpus)))
            _say(server, pieces, random)
            if effort.round % 500 == 499:
                assert [each.status for each in answers(_hear(server, GOOD))] == [200]
            if effort.round == 700:
                first = resident(server.pid)
        assert server.running(), server.said()[-4000:]
        assert [each.status for each in answers(_hear(server, GOOD))] == [200]
        # Sessions that requests named into being are part of what a server holds.
        assert resident(server.pid) - first < GROWTH
        assert "Traceback" not in server.said(), server.said()[-8000:]


def _connect(server: MockProcess) -> socket.socket:
    where = urlsplit(server.address)
    assert where.hostname and where.port
    return socket.create_connection((where.hostname, where.port), PATIENCE_S)


def _say(server: MockProcess, pieces: list[bytes], random: Random) -> None:
    """Sends and goes away: at once, after the first answer, or with a reset."""
    with closing(_connect(server)) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
            if random.random() < 0.5:
                connection.settimeout(0.02)
                connection.recv(65536)
        except OSError:
            pass  # the server had enough of it, or has nothing to say yet


def _hear(server: MockProcess, data: bytes) -> bytes:
    with closing(_connect(server)) as connection:
        connection.sendall(data)
        heard = b""
        while piece := connection.recv(65536):
            heard += piece
        return heard
