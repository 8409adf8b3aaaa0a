"""Heads of requests in HTTP/2: from fields to what the engine takes, checked (RFC 9113 section 8)."""

from __future__ import annotations

import re

from mock.engine.http.fields import Field

_PSEUDO = {b":method", b":scheme", b":authority", b":path"}
_CONNECTION = {b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade"}
# Names that need no look.
_COMMON = {
    b"content-type",
    b"user-agent",
    b"accept",
    b"accept-encoding",
    b"authorization",
    b"grpc-timeout",
    b"traceparent",
}
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+")
_METHOD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TARGET = re.compile(rb"[\x21-\x7e]+")
# Over values that are joined by line feeds: what no value may hold, or begin or end with (section 8.2.1).
_BAD_VALUES = re.compile(rb"[\x00\r]|(?:\A|\n)[ \t]|[ \t](?:\n|\Z)")


class Malformed(ValueError):
    """Why a request is malformed (section 8.1.1)."""


class RequestHead:
    """`headers` have no pseudo-headers; what was :authority is `host`. `length`: content-length, None where unsaid."""

    __slots__ = ("expects", "grpc", "headers", "length", "method", "target")

    def __init__(self, method: str, target: str, headers: list[Field], length: int | None) -> None:
        self.method = method
        self.target = target
        self.headers = headers
        self.length = length
        self.grpc = False
        self.expects = False
        for name, value in headers:
            if name == b"content-type":
                kind = value.partition(b";")[0].rstrip()
                self.grpc = kind == b"application/grpc" or kind.startswith(b"application/grpc+")
            elif name == b"expect":
                self.expects = value.lower() == b"100-continue"


def read_head(fields: list[Field]) -> RequestHead:
    """Raises Malformed."""
    pseudo: dict[bytes, bytes] = {}
    for name, value in fields:
        if name[:1] != b":":
            break
        if name not in _PSEUDO:
            raise Malformed(f"a request has no pseudo-header {_shown(name)}")
        if name in pseudo:
            raise Malformed(f"{_shown(name)} comes twice")
        pseudo[name] = value
    headers = fields[len(pseudo) :]
    length, host, cookies = _check(headers)
    authority = pseudo.get(b":authority")
    if host is not None and authority is not None and host != authority:
        raise Malformed("host is another one than :authority")
    method, target = _target(pseudo, authority)
    if cookies > 1:
        headers = _one_cookie(headers)
    if authority and host is None:
        _check_values([authority])
        headers.insert(0, (b"host", authority))
    return RequestHead(method, target, headers, length)


def check_trailers(fields: list[Field]) -> None:
    """Raises Malformed."""
    _check(fields)


def _target(pseudo: dict[bytes, bytes], authority: bytes | None) -> tuple[str, str]:
    method = pseudo.get(b":method", b"")
    if not _METHOD.fullmatch(method):
        raise Malformed(":method is missing or is no method")
    if method == b"CONNECT":
        if not authority or b":path" in pseudo or b":scheme" in pseudo:
            raise Malformed("CONNECT has an :authority and neither :path nor :scheme")
        target = authority
    else:
        target = pseudo.get(b":path", b"")
        if not _NAME.fullmatch(pseudo.get(b":scheme", b"").lower()):
            raise Malformed(":scheme is missing or is none")
        if target[:1] != b"/" and not (target == b"*" and method == b"OPTIONS"):
            raise Malformed(":path is missing or does not begin with /")
    if not _TARGET.fullmatch(target):
        raise Malformed(":path has characters that no URL has")
    return method.decode(), target.decode()


def _check(fields: list[Field]) -> tuple[int | None, bytes | None, int]:
    """The content-length, the host, and how many cookie fields there are."""
    length: int | None = None
    host: bytes | None = None
    cookies = 0
    for name, value in fields:
        if name in _COMMON:
            continue
        if name == b"content-length":
            if not value.isdigit() or len(value) > 18 or (length is not None and int(value) != length):
                raise Malformed("content-length is no number, or two of them differ")
            length = int(value)
        elif name == b"host":
            if host is not None:
                raise Malformed("host comes twice")
            host = value
        elif name == b"cookie":
            cookies += 1
        elif name == b"te":
            if value.lower() != b"trailers":
                raise Malformed('te is something else than "trailers"')
        elif name in _CONNECTION:
            raise Malformed(f"{_shown(name)} is about the connection, which HTTP/2 has no fields for")
        elif name[:1] == b":":
            raise Malformed(f"{_shown(name)} after the other headers, or in trailers")
        elif not _NAME.fullmatch(name):
            raise Malformed(f"{_shown(name)} is no name of a field; letters are lower case")
    _check_values([value for _, value in fields])
    return length, host, cookies


def _check_values(values: list[bytes]) -> None:
    joined = b"\n".join(values)
    if _BAD_VALUES.search(joined) or joined.count(b"\n") >= max(len(values), 1):
        raise Malformed("the value of a field has a control character, or a space at an end")


def _one_cookie(headers: list[Field]) -> list[Field]:
    """Section 8.2.3: crumbs are one cookie for those who read on."""
    whole = b"; ".join(value for name, value in headers if name == b"cookie")
    first = next(at for at, (name, _) in enumerate(headers) if name == b"cookie")
    kept = [field for field in headers if field[0] != b"cookie"]
    kept.insert(first, (b"cookie", whole))
    return kept


def _shown(name: bytes) -> str:
    return ascii(name.decode("latin-1"))
