"""Faults as the users of real clients see them: httpx, and http.client of Python itself."""

import http.client
import json
from typing import Any

import httpx
import pytest

from mock.engine.http.testing import Serving, serving
from mock.engine.http.testing_http1 import Faulty

SHORT_S = 0.3  # the patience of a client
LONG: dict[str, Any] = {"latency": {"fixed_s": 30}}

LOST = [
    ("reset_before_headers", {}, httpx.ReadError, ConnectionResetError),
    ("reset_within_headers", {}, httpx.ReadError, ConnectionResetError),
    ("reset_after_headers", {}, httpx.ReadError, ConnectionResetError),
    ("reset_within_body", {}, httpx.ReadError, ConnectionResetError),
    ("truncate", {}, httpx.RemoteProtocolError, http.client.IncompleteRead),
    ("half_close", {}, httpx.RemoteProtocolError, http.client.IncompleteRead),
    ("empty", {}, httpx.RemoteProtocolError, http.client.RemoteDisconnected),
    ("garbage", {}, httpx.RemoteProtocolError, http.client.BadStatusLine),
    ("hang", {}, httpx.ReadTimeout, TimeoutError),
    ("hang", {"after_bytes": 3}, httpx.ReadTimeout, TimeoutError),
    ("delay", LONG, httpx.ReadTimeout, TimeoutError),
    ("slow_first_byte", LONG, httpx.ReadTimeout, TimeoutError),
    ("slow_first_byte", LONG | {"after_bytes": 3}, httpx.ReadTimeout, TimeoutError),
    ("dribble", LONG | {"bytes": 3}, httpx.ReadTimeout, TimeoutError),
]


def by_httpx(server: Serving, path: str = "/") -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{server.port}{path}", timeout=SHORT_S, trust_env=False)


def by_python(server: Serving, path: str = "/") -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SHORT_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/", "/stream"])
@pytest.mark.parametrize(("kind", "said", "error", "native"), LOST)
def test_errors(kind: str, said: dict[str, Any], error: type[Exception], native: type[Exception], path: str) -> None:
    with serving(Faulty(kind, real=True, **said)) as server:
        with pytest.raises(error) as caught:
            by_httpx(server, path)
        assert type(caught.value) is error
        with pytest.raises(native) as caught:
            by_python(server, path)
        assert type(caught.value) is native


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("delay", {"latency": {"fixed_s": 0.1}}),
        ("slow_first_byte", {"latency": {"fixed_s": 0.1}}),
        ("slow_first_byte", {"latency": {"fixed_s": 0.1}, "after_bytes": 3}),
        ("dribble", {"latency": {"fixed_s": 0.01}, "bytes": 30}),
        ("bandwidth", {"bytes": 2000}),
        ("goaway", {}),
    ],
)
def test_slow_is_not_lost(kind: str, said: dict[str, Any]) -> None:
    with serving(Faulty(kind, real=True, **said)) as server:
        response = by_httpx(server)
        assert (response.status_code, response.content) == (200, Faulty.BODY)
        assert response.elapsed.total_seconds() >= said.get("latency", {}).get("fixed_s", 0) or "after_bytes" in said
        assert by_httpx(server, "/stream").content == Faulty.BODY * 2
        assert by_python(server) == Faulty.BODY


def test_what_is_said_wrong() -> None:
    with serving(Faulty("malformed_json", real=True)) as server, pytest.raises(json.JSONDecodeError):
        by_httpx(server).json()
    with serving(Faulty("wrong_content_type", real=True)) as server:
        assert by_httpx(server).headers["content-type"].startswith("text/html")
    with serving(Faulty("status", real=True, status=429, headers={"retry-after": "1"})) as server:
        response = by_httpx(server)
        assert (response.status_code, response.headers["retry-after"]) == (429, "1")
        with pytest.raises(httpx.HTTPStatusError):
            response.raise_for_status()
    with serving(Faulty("duplicate_chunk", real=True)) as server:
        assert by_httpx(server, "/stream").content == Faulty.BODY * 3


def test_a_client_is_whole_after_a_fault() -> None:
    """The connection that broke is not taken again; one that did not is."""
    for kind in ("reset_within_body", "truncate", "empty", "garbage", "goaway", "malformed_json"):
        with (
            serving(Faulty(kind, real=True)) as server,
            httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=SHORT_S, trust_env=False) as client,
        ):
            try:
                client.get("/")
            except httpx.TransportError:
                assert kind not in ("goaway", "malformed_json")
            assert client.get("/", headers={"x-plain": "1"}).content == Faulty.BODY
