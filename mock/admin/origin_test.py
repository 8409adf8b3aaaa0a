from __future__ import annotations

import pytest

from mock.admin.conftest import Ask
from mock.admin.origin import foreign
from mock.engine.engine import Engine
from mock.engine.request import Connection, Request


def _request(secure: bool = False, host: str | None = None, **more: str) -> Request:
    headers = more if host is None else {"host": host, **more}
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request("GET", "/__samewire/v1/server", pairs, connection=Connection(1, secure=secure))


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:80", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST", "a.localhost:1", ""]
)
def test_addresses_are_welcome(host: str) -> None:
    assert foreign(_request(host=host)) is None


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:8000", "localhost.evil.example", "[", "a@127.0.0.1.x"]
)
def test_names_of_others_are_not(host: str) -> None:
    assert "DNS rebinding" in (foreign(_request(host=host)) or "")


def test_a_token_lets_names_in() -> None:
    assert foreign(_request(host="mock.internal:8000"), named=True) is None


@pytest.mark.parametrize(
    ("headers", "welcome"),
    [
        ({"origin": "http://127.0.0.1:8000"}, True),
        ({"origin": "http://127.0.0.1:9000"}, False),
        ({"origin": "https://127.0.0.1:8000"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "none"}, True),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "same-site"}, False),
    ],
)
def test_pages_of_others_are_refused(headers: dict[str, str], welcome: bool) -> None:
    assert (foreign(_request(False, "127.0.0.1:8000", **headers)) is None) is welcome


def test_behind_tls_the_origin_is_https() -> None:
    assert foreign(_request(secure=True, host="localhost:1", origin="https://localhost:1")) is None
    assert foreign(_request(secure=True, host="localhost:1", origin="http://localhost:1")) is not None


def test_a_refused_request_does_nothing(ask: Ask, engine: Engine) -> None:
    stub = {"request": {"path": "/"}, "answers": [{"json": {}}]}
    status, said = ask("POST", "/sessions/s/stubs", {"stubs": [stub]}, origin="http://evil.example")
    assert (status, "evil.example" in said["error"]) == (403, True)
    assert engine.sessions == {}
    assert ask("OPTIONS", "/sessions/s/stubs", origin="http://evil.example")[0] == 405
