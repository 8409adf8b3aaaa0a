"""Requests of HTTP/1.1 for every route of every method."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from urllib.parse import quote, urlencode
from zlib import crc32

from samewire_wire import WireError

from mock.engine.api import Method, Route
from mock.fuzz import values

_VARIABLE = re.compile(r"\{([^}=]+)(?:=([^}]*))?\}")
_SEGMENTS = ("a", "1", "default", "llama3.2", "calm", "gone", "%C3%A9", "a%2Fb", "0")
AGENTS = (
    b"",
    b"User-Agent: AsyncTinker/Python 0.4.1\r\n",
    b"User-Agent: AsyncTinker/Python 0.38.0\r\n",
    b"User-Agent: tinkex/0.4.0\r\n",
    b"X-Dialect: old\r\n",
    b"Accept: application/x-protobuf\r\n",
    b"X-Samewire-Session: other\r\n",
)
# What the parsers look at.
WORDS = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\r\n\r\n",
    b" ",
    b"\t",
    b"\0",
    b"%",
    b"%00",
    b"%2F",
    b"/",
    b"//",
    b"/../",
    b"?",
    b"&",
    b"=",
    b"#",
    b"HTTP/1.1",
    b"HTTP/1.0",
    b"HTTP/0.9",
    b"HTTP/2.0",
    b"HTTP/1.1\r\nHost: localhost\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"CONNECT ",
    b"HEAD ",
    b"OPTIONS * ",
    b"TRACE ",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Content-Length: -1\r\n",
    b"Expect: 100-continue\r\n",
    b"Expect: 200-ok\r\n",
    b"Upgrade: h2c\r\nConnection: Upgrade\r\n",
    b"Connection: close\r\n",
    b"Connection: keep-alive\r\n",
    b"Host: b\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Content-Encoding: zstd\r\n",
    b"Content-Encoding: deflate\r\n",
    b"Content-Type: application/json\r\n",
    b"Content-Type: application/x-protobuf\r\n",
    b"Content-Type: application/grpc\r\n",
    b"Content-Type: multipart/form-data; boundary=b\r\n",
    b"Content-Type: application/x-www-form-urlencoded\r\n",
    b"0\r\n\r\n",
    b"5\r\nhello\r\n",
    b"ffffffffffffffff\r\n",
    b"1;x=y\r\na\r\n",
    b"X-Samewire-Session: s\r\n",
    b"/__samewire/s/t/",
    b"/__samewire/v1/server",
    b"http://a",
    b"http://[::1",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"grpc-timeout: 1n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b'{"',
    b'"}',
    b"[",
    b"]",
    b"\\ud800",
    b"null",
    b"Range: bytes=0-\r\n",
)


def request(verb: str, target: str, headers: bytes = b"", body: bytes = b"", kind: str = "application/json") -> bytes:
    """One whole request; `headers`: lines, each with its end."""
    # A key for each: one of the requests revokes its own.
    head = (
        f"{verb} {target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: tml-{crc32(body + target.encode())}\r\n".encode()
        + headers
    )
    if body or verb in ("POST", "PUT", "PATCH"):
        head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n".encode()
    return head + b"\r\n" + body


def target(random: Random, route: Route) -> str:
    """The path with its variables set."""

    def value(match: re.Match[str]) -> str:
        pattern = (match[2] or "*").replace("**", "*")
        return re.sub(r"\*", lambda _: random.choice(_SEGMENTS), pattern)

    return _VARIABLE.sub(value, route.path)


def dialect(random: Random, method: Method) -> str:
    return random.choice(method.request.dialects or ("protojson",))


def typical(random: Random, method: Method, route: Route) -> bytes:
    """Whole, and mostly right."""
    where = target(random, route)
    agent = random.choice(AGENTS)
    spec = method.request
    value = values.message(random, spec, dialect(random, method)) if spec.dialects else {}
    if route.body:
        body = value if route.body == "*" or not isinstance(value, dict) else value.get(route.body, {})
        return request(route.verb, where, agent, values.text(random, body).encode())
    query = {key: each for key, each in value.items() if isinstance(each, str | int)} if isinstance(value, dict) else {}
    return request(route.verb, where + ("?" + urlencode(query) if query else ""), agent)


def binary(random: Random, method: Method, over_grpc: bool) -> bytes | None:
    """The message of a method in the binary format, None where what was drawn is no message."""
    spec = method.request if over_grpc else method.binary_request
    if not spec.dialects:
        return b""
    of = random.choice(spec.dialects)
    try:
        return spec.write_binary(spec.read(values.text(random, values.message(random, spec, of)).encode(), of))
    except (WireError, ValueError):
        return None


def corpus(methods: Sequence[Method], seed: int, each: int = 3) -> list[bytes]:
    """`each` requests for every route, and a few that no route makes."""
    random = Random(f"corpus/{seed}")
    made = [typical(random, method, route) for method in methods for route in method.routes for _ in range(each)]
    chunked = b"POST /v1/chat HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    made += [
        chunked + b'5\r\n{"pro\r\nb\r\nmpt":"a b"}\r\n0\r\nX-After: 1\r\n\r\n',
        b"GET /v1/items?limit=2&tags=a&tags=b&sold=true&under=1.5 HTTP/1.0\r\n\r\n",
        b"GET http://a/v1/items/1 HTTP/1.1\r\nHost: localhost\r\n\r\nGET /v1/items/2 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"HEAD /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"POST /v1/items HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n"
        + b'{"id":"a"}',
        request("GET", "/v1/items/" + quote("é/ü")),
        request("GET", "/__samewire"),
    ]
    return made
