"""Heads of HTTP/1.1 answers: status line, headers, framing, date. RFC 9110, RFC 9112."""

from __future__ import annotations

import time
from email.utils import formatdate
from http import HTTPStatus

from mock.engine.answer import Pairs

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n"
CLOSE = b"connection: close\r\n"
KEEP_ALIVE = b"connection: keep-alive\r\n"  # said to clients of HTTP/1.0 only
END_CHUNK = b"0\r\n\r\n"

_LINES = {int(status): b"HTTP/1.1 %d %b\r\n" % (status, status.phrase.encode()) for status in HTTPStatus}
# Most answers of a mock have the same few heads; where every one is new, this stays small.
_openings: dict[tuple[int, Pairs], bytes] = {}
_KEPT = 256
# The front says these itself, once.
_OWN = frozenset((b"connection", b"content-length", b"date", b"keep-alive", b"transfer-encoding"))
_UNSAFE = bytes.maketrans(b"\r\n\0", b"   ")


class _Date:
    """The `date` header and the empty line after it, made once a second."""

    __slots__ = ("line", "second")

    def __init__(self) -> None:
        self.second = 0
        self.line = b""

    def now(self) -> bytes:
        second = int(time.time())
        if second != self.second:
            self.second = second
            self.line = b"date: %b\r\n\r\n" % formatdate(second, usegmt=True).encode()
        return self.line


_date = _Date().now


def has_body(status: int, method: str) -> bool:
    """Whether an answer of this status to this method has a body at all (RFC 9110 section 6.4.1)."""
    return method != "HEAD" and status >= 200 and status != 204 and status != 304


def has_length(status: int) -> bool:
    """Whether `content-length` may be said (RFC 9110 section 8.6)."""
    return status >= 200 and status != 204 and status != 304


def head(status: int, headers: Pairs, framing: bytes) -> bytes:
    """All bytes up to the body. `framing`: complete lines. Line breaks inside of headers become spaces, so that what a
    stub copies out of a request cannot begin a header or an answer of its own; framing and date in `headers` are left
    out."""
    opening = _openings.get((status, headers))
    if opening is None:
        opening = _opening(status, headers)
    return opening + framing + _date()


def _opening(status: int, headers: Pairs) -> bytes:
    said = [pair for pair in headers if pair[0].lower() not in _OWN]
    lines = b"".join([b"%b: %b\r\n" % pair for pair in said])
    if lines.count(b"\n") != len(said) or lines.count(b"\r") != len(said) or b"\0" in lines:
        lines = b"".join([b"%b: %b\r\n" % (n.translate(_UNSAFE), v.translate(_UNSAFE)) for n, v in said])
    opening = (_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status) + lines
    if len(_openings) >= _KEPT:
        _openings.clear()
    _openings[status, headers] = opening
    return opening
