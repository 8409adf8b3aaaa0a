"""SIGTERM with streams open, over each protocol: exit code 0 within a second, and the clients see the end."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from urllib.parse import urlsplit

import grpc
import h2.config
import h2.connection
import h2.events
import pytest
from samewire.mock.v1.admin_wire import ListJournalRequest

from mock.cli.conftest import serving
from mock.cli.exit import Exit

WATCH = "/__samewire/v1/sessions/default/journal/watch"
# What a client is told of the end; it returns when it has seen it.
Ended = Callable[[], object]


def _socket(url: str, held: ExitStack) -> socket.socket:
    address = urlsplit(url)
    return held.enter_context(socket.create_connection((address.hostname, address.port), timeout=10))


def http1(url: str, held: ExitStack) -> Ended:
    wire = _socket(url, held)
    wire.sendall(f"GET {WATCH} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    said = b""
    while b": watching" not in said:
        said += wire.recv(4096)
    return lambda: _read_to_the_end(wire)


def http1_within_a_request(url: str, held: ExitStack) -> Ended:
    """The server waits for a body that never comes."""
    wire = _socket(url, held)
    wire.sendall(b"POST /api/show HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
    time.sleep(0.2)
    return lambda: _read_to_the_end(wire)


def http1_idle(url: str, held: ExitStack) -> Ended:
    wire = _socket(url, held)
    wire.sendall(b"GET /api/version HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert wire.recv(4096).startswith(b"HTTP/1.1 200")
    return lambda: _read_to_the_end(wire)


def http2(url: str, held: ExitStack) -> Ended:
    wire = _socket(url, held)
    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
    connection.initiate_connection()
    head = [(":method", "GET"), (":path", WATCH), (":scheme", "http"), (":authority", "localhost")]
    connection.send_headers(1, head, end_stream=True)
    wire.sendall(connection.data_to_send())
    while not any(isinstance(event, h2.events.DataReceived) for event in connection.receive_data(wire.recv(65536))):
        wire.sendall(connection.data_to_send())

    def ended() -> None:
        said = _read_to_the_end(wire)
        events = connection.receive_data(said) if said else []
        assert any(isinstance(event, h2.events.ConnectionTerminated) for event in events), events

    return ended


def over_grpc(url: str, held: ExitStack) -> Ended:
    channel = held.enter_context(grpc.insecure_channel(urlsplit(url).netloc))
    watch = channel.unary_stream("/samewire.mock.v1.MockService/WatchJournal", ListJournalRequest.to_binary)
    entries = watch(ListJournalRequest(session="default"), timeout=20)
    channel.unary_unary("/ollama.v1.OllamaService/Version")(b"", timeout=10)
    next(entries)

    def ended() -> None:
        with pytest.raises(grpc.RpcError) as caught:
            list(entries)
        assert caught.value.code() == grpc.StatusCode.UNAVAILABLE

    return ended


def _read_to_the_end(wire: socket.socket) -> bytes:
    said = b""
    try:
        while piece := wire.recv(65536):
            said += piece
    except ConnectionResetError:
        pass
    return said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(
    "clients",
    [[http1], [http1_within_a_request], [http1_idle], [http2], [over_grpc], [http1, http1, http2, http2, over_grpc]],
    ids=lambda clients: "+".join(each.__name__ for each in clients),
)
def test_it_stops_within_a_second(clients: list[Callable[[str, ExitStack], Ended]], number: signal.Signals) -> None:
    with serving("ollama") as (url, process), ExitStack() as held:
        ends = [client(url, held) for client in clients]
        start = time.monotonic()
        process.send_signal(number)
        assert process.wait(timeout=10) == Exit.GOOD
        assert time.monotonic() - start < 1
        for ended in ends:
            ended()
        assert process.communicate() == ("", "")


def test_a_second_signal_changes_nothing() -> None:
    with serving("ollama") as (url, process), ExitStack() as held:
        http1(url, held)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == Exit.GOOD
        assert process.communicate() == ("", "")
