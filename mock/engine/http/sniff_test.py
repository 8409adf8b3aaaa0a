"""Which front a connection gets, and what becomes of one that never says."""

import socket
import time
from collections.abc import Iterator

import pytest

from mock.engine.http.frames import PREFACE
from mock.engine.http.limits import Limits
from mock.engine.http.testing import Echo, Serving, serving

ASK = b"GET /bytes/3 HTTP/1.1\r\nHost: a\r\n\r\n"
SETTINGS = b"\0\0\0\4\0\0\0\0\0"


@pytest.fixture
def server() -> Iterator[Serving]:
    with serving(Echo()) as found:
        yield found


def said(server: Serving, *pieces: bytes) -> bytes:
    """The beginning of the answer."""
    with socket.create_connection(("127.0.0.1", server.port), 5) as client:
        for piece in pieces:
            client.sendall(piece)
            time.sleep(0.01)
        return client.recv(65536)


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_the_first_bytes_choose(server: Serving, step: int) -> None:
    for sent, begins in ((ASK, b"HTTP/1.1 200 "), (b"P" + ASK.replace(b"GET", b"UT"), b"HTTP/1.1 200 ")):
        assert said(server, *(sent[at : at + step] for at in range(0, len(sent), step))).startswith(begins)
    sent = PREFACE + SETTINGS
    answer = said(server, *(sent[at : at + step] for at in range(0, len(sent), step)))
    assert answer[3] == 4 and answer[5:9] == b"\0\0\0\0"  # a SETTINGS frame of stream 0


@pytest.mark.parametrize("sent", [b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", b"PRI / HTTP/1.1\r\nHost: a\r\n\r\n"])
def test_nearly_a_preface_is_a_bad_request(server: Serving, sent: bytes) -> None:
    assert said(server, sent).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("sent", [b"", b"PRI * "])
def test_a_connection_that_never_says_what_it_is(sent: bytes) -> None:
    with serving(Echo(), Limits(idle_s=0.1)) as server:
        with socket.create_connection(("127.0.0.1", server.port), 5) as client:
            client.sendall(sent)
            assert client.recv(1) == b""
        assert list(server.fronts) == []


@pytest.mark.parametrize("sent", [b"", b"PRI * ", ASK])
def test_a_server_that_stops_knows_all_its_connections(server: Serving, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 5) as client:
        client.sendall(sent)
        if sent == ASK:
            assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
        time.sleep(0.05)
        (front,) = list(server.fronts)
        server.call(front.close)
        assert client.recv(1) == b""


def test_half_a_preface_and_no_more(server: Serving) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 5) as client:
        client.sendall(PREFACE[:9])
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
