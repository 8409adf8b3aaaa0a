"""Forwards requests to a real server (`--proxy URL`) and its answers back, in pieces as they come.

Redirects are the client's affair; content encodings pass as they are. Proxies of the environment are not used.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import orjson

from mock.engine.answer import JSON, Answer, Pairs

if TYPE_CHECKING:
    from mock.engine.request import Request

# Of one connection only (RFC 9110, 7.6.1), or made anew for the next one.
_HOP = {
    b"connection",
    b"keep-alive",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"proxy-connection",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
}
_OURS = {b"host", b"expect", b"x-samewire-session"}
# An answer of a known length up to this comes as a whole: it can be broken and shown like any other.
_WHOLE = 1024 * 1024


class Upstream:
    """Raises ValueError for a URL that is none. Timeouts in real seconds: `connect`, and `read` between pieces."""

    def __init__(self, url: str, *, connect: float = 10.0, read: float = 120.0) -> None:
        try:
            parts = urlsplit(url)
            good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            good = False
        if not good:
            raise ValueError(f"--proxy {url}: say http://HOST or https://HOST")
        if parts.query or parts.fragment or parts.username:
            raise ValueError(f"--proxy {url}: only a scheme, a host, a port and a path may be said")
        self.url = url.rstrip("/")
        self._host = parts.netloc.encode()
        self._base = httpx.URL(self.url)
        self._prefix = self._base.raw_path.rstrip(b"/")
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(read, connect=connect, pool=None),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=100),
            trust_env=False,
            follow_redirects=False,
        )

    async def forward(self, request: Request) -> Answer:
        """What the server says; 504 where it is silent, 502 where it can't be reached or speaks no HTTP.

        An answer that breaks off within its body raises httpx.HTTPError from its chunks.
        """
        if request.protocol == "gRPC":
            return _failed(501, "gRPC is not forwarded; record this service over HTTP", self.url)
        try:
            response = await self._client.send(self._asked(request), stream=True)
        except httpx.TimeoutException as error:
            return _failed(504, f"the server did not answer in time ({type(error).__name__})", self.url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return _failed(502, f"the server can't be reached: {str(error) or type(error).__name__}", self.url)
        length = response.headers.get("content-length", "")
        headers = _end_to_end(response.headers.raw)
        if request.method == "HEAD" or (length.isdigit() and int(length) <= _WHOLE):
            try:
                body = b"".join([piece async for piece in response.aiter_raw()])
            except httpx.TimeoutException:
                return _failed(504, "the server stopped within its answer", self.url)
            except httpx.HTTPError as error:
                return _failed(502, f"the server broke off its answer: {str(error) or type(error).__name__}", self.url)
            finally:
                await response.aclose()
            return Answer(response.status_code, headers, body)
        return Answer(response.status_code, headers, chunks=_pieces(response))

    async def close(self) -> None:
        await self._client.aclose()

    def _asked(self, request: Request) -> httpx.Request:
        target = request.path + (f"?{request.query}" if request.query else "")
        url = self._base.copy_with(raw_path=self._prefix + target.encode("ascii", "replace"))
        headers = [(name, value) for name, value in _end_to_end(request.headers, length=True) if name not in _OURS]
        headers.append((b"host", self._host))
        content = request.body if request.incoming is None else request.incoming
        if request.incoming is None:
            headers = [pair for pair in headers if pair[0] != b"content-length"]
            if request.body or request.method in ("POST", "PUT", "PATCH"):
                headers.append((b"content-length", b"%d" % len(request.body)))
        return httpx.Request(request.method, url, headers=headers, content=content or None)


def _end_to_end(pairs: list[tuple[bytes, bytes]], *, length: bool = False) -> Pairs:
    """Without what belongs to the connection, and what its `connection` header names."""
    lower = [(name.lower(), value) for name, value in pairs]
    named = {each.strip().lower() for name, value in lower if name == b"connection" for each in value.split(b",")}
    left_out = _HOP | named | (set() if length else {b"content-length", b"date"})
    return tuple(pair for pair in lower if pair[0] not in left_out and not pair[0].startswith(b":"))


async def _pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in response.aiter_raw():
            yield piece
    finally:
        await response.aclose()


def _failed(status: int, reason: str, url: str) -> Answer:
    return Answer(status, JSON, orjson.dumps({"error": f"{reason}; the request was forwarded to {url}"}))
