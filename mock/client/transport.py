"""JSON over HTTP to the admin service, with the standard library alone."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mock.client.error import MockError, MockUnreachable

PREFIX = "/__samewire"
API = PREFIX + "/v1"


@dataclass(frozen=True)
class Address:
    """`url`: http://HOST:PORT, https://HOST:PORT or http+unix:///PATH. `cafile`: the certificate to trust."""

    url: str
    token: str | None = None
    timeout: float = 10.0
    cafile: str | None = None

    def call(self, verb: str, path: str, body: Any = None, *, wait: float = 0.0) -> Any:
        """What the service answers as JSON data, None for an empty answer. `wait`: seconds that the service itself
        waits. Raises MockError, MockUnreachable.
        """
        data = self.text(verb, path, body, wait=wait)
        return json.loads(data) if data else None

    def text(self, verb: str, path: str, body: Any = None, *, wait: float = 0.0) -> bytes:
        with self._open(verb, path, body, self.timeout + wait) as response:
            return response.read()

    def events(self, path: str) -> Generator[Any, None, None]:
        """The data of server-sent events, without end."""
        with self._open("GET", path, None, None) as response:
            while line := response.readline():
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])

    @contextmanager
    def _open(self, verb: str, path: str, body: Any, timeout: float | None) -> Iterator[http.client.HTTPResponse]:
        # A connection for each call: calls are few, and none fails because the mock closed an idle one.
        what = f"{verb} {API}{path}"
        connection = self._connection(timeout)
        headers = {"Accept": "application/json"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None
        if body is not None:
            data = json.dumps(body, allow_nan=False).encode()
            headers["Content-Type"] = "application/json"
        try:
            try:
                connection.request(verb, API + path, data, headers)
                response = connection.getresponse()
                if response.status >= 400:
                    raise _refused(what, response.status, response.read())
                yield response
            except (OSError, http.client.HTTPException) as error:
                if isinstance(error, MockError):
                    raise
                raise MockUnreachable(what, f"no mock answers at {self.url}: {_why(error, timeout)}") from None
        finally:
            connection.close()

    def _connection(self, timeout: float | None) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        if parts.scheme == "http+unix":
            return _Unix(parts.path, timeout)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{self.url!r} is no address of a mock; say http://127.0.0.1:8000")
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=self.cafile)
            return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout, context=context)
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)


class _Unix(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float | None) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        # Names of sockets are short, about 100 bytes.
        self.sock.connect(min(self._path, os.path.relpath(self._path), key=len))


def _refused(what: str, status: int, data: bytes) -> MockError:
    try:
        said = json.loads(data)
        return MockError(what, status, str(said["error"]), said.get("path", ""))
    except (ValueError, KeyError, TypeError):
        text = data.decode("utf-8", "replace").strip()
        return MockError(what, status, f"{text[:200] or 'no reason given'}; is this a Samewire mock?")


def _why(error: Exception, timeout: float | None) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout:g} s"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
