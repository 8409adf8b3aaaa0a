"""HTTP/2 as clients that others wrote see it: httpx, and the h2 package as a strict reader of everything we say."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator

import h2.config
import h2.connection
import h2.events
import httpx
import pytest

from mock.engine.http.testing import Echo, Serving, serving


@pytest.fixture(name="engine")
def fixture_engine() -> Echo:
    return Echo()


@pytest.fixture(name="server")
def fixture_server(engine: Echo) -> Iterator[Serving]:
    with serving(engine) as server:
        yield server


@pytest.fixture(name="client")
def fixture_client(server: Serving) -> Iterator[httpx.Client]:
    with httpx.Client(http1=False, http2=True, base_url=f"http://127.0.0.1:{server.port}") as client:
        yield client


def test_json(client: httpx.Client) -> None:
    answer = client.post("/a/b?c=d", json={"e": 1}, headers={"x-f": "g"})
    told = answer.json()
    assert (answer.http_version, answer.status_code) == ("HTTP/2", 200)
    assert (told["method"], told["target"], told["protocol"], told["body"]) == ("POST", "/a/b?c=d", "HTTP/2", '{"e":1}')
    assert ["x-f", "g"] in told["headers"]
    assert answer.headers["date"].endswith("GMT")


def test_bodies_of_many_windows(client: httpx.Client, engine: Echo) -> None:
    assert client.get("/bytes/5000000").content == b"x" * 5_000_000
    told = client.post("/", content=b"y" * 5_000_000).json()
    assert (told["size"], told["streamed"]) == (5_000_000, True)
    told = client.post("/", content=(b"z" * 100_000 for _ in range(30))).json()
    assert (told["size"], told["streamed"]) == (3_000_000, True)
    assert [record.ended for record in engine.records] == [["complete"]] * 3


def test_streams(client: httpx.Client, engine: Echo) -> None:
    with client.stream("GET", "/chunks/1000") as answer:
        assert [int(line) for line in answer.iter_lines()] == list(range(1000))
    assert engine.records[0].ended == ["complete"]


def test_a_client_that_goes_away_closes_its_stream(server: Serving, engine: Echo) -> None:
    client = httpx.Client(http1=False, http2=True, base_url=f"http://127.0.0.1:{server.port}")
    with client.stream("GET", "/chunks/1000000") as answer:
        next(answer.iter_bytes())
    client.close()
    until = time.monotonic() + 5
    while not engine.records[0].ended and time.monotonic() < until:
        time.sleep(0.005)
    assert engine.closed == 1
    assert engine.records[0].ended == ["client gone"]


def test_a_stream_that_breaks_is_reset_and_the_connection_stays(client: httpx.Client, engine: Echo) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="error_code:"):
        client.get("/broken")
    assert client.get("/bytes/3").content == b"xxx"
    assert [record.ended for record in engine.records] == [["cut"], ["complete"]]


def test_many_at_once(server: Serving) -> None:
    async def run() -> None:
        async with httpx.AsyncClient(http1=False, http2=True, base_url=f"http://127.0.0.1:{server.port}") as client:
            answers = await asyncio.gather(*[client.get(f"/bytes/{number * 100}") for number in range(200)])
            assert [len(answer.content) for answer in answers] == [number * 100 for number in range(200)]

    asyncio.run(run())


def test_http1_on_the_same_port(server: Serving) -> None:
    answer = httpx.put(f"http://127.0.0.1:{server.port}/x", content=b"abc")
    assert (answer.http_version, answer.json()["protocol"], answer.json()["size"]) == ("HTTP/1.1", "HTTP/1.1", 3)
    # The beginning of the preface is the beginning of a method, too.
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        raw.sendall(b"P")
        raw.sendall(b"RI /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 ")


def test_h2_finds_nothing_to_say_against_us(server: Serving) -> None:
    """A conversation with every kind of answer; the package raises at the first frame that is not legal."""
    peer = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
    peer.initiate_connection()
    peer.update_settings({4: 1000, 1: 0})  # a small window, and a header table of nothing
    paths = [
        "/",
        "/bytes/5000",
        "/chunks/50",
        "/status/204",
        "/status/304",
        "/trailers",
        "/headers",
        "/early",
        "/status/500",
    ]
    ended: set[int | None] = set()
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        for at, path in enumerate(paths):
            fields = [(":method", "POST"), (":scheme", "http"), (":authority", "a"), (":path", path)]
            peer.send_headers(2 * at + 1, fields, end_stream=at % 2 == 0)
            if at % 2:
                peer.send_data(2 * at + 1, b"body", end_stream=True)
        peer.ping(b"12345678")
        raw.sendall(peer.data_to_send())
        while len(ended) < len(paths):
            for event in peer.receive_data(raw.recv(65_536)):
                if isinstance(event, h2.events.DataReceived):
                    assert event.flow_controlled_length is not None
                    peer.acknowledge_received_data(event.flow_controlled_length, event.stream_id or 0)
                elif isinstance(event, h2.events.StreamEnded):
                    ended.add(event.stream_id)
                assert not isinstance(event, h2.events.StreamReset | h2.events.ConnectionTerminated)
            raw.sendall(peer.data_to_send())
