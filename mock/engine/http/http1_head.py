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


class Opening:
    """Status line and headers of an answer. What the answer itself says of framing, connection and date is not said a
    second time: `closes` (it has `connection: close`), `length` (its `content-length`, which counts where no body goes
    out), and its `date`, which stands in for ours.

    Line breaks inside of headers become spaces, so that what a stub copies out of a request cannot begin a header or an
    answer of its own.
    """

    __slots__ = ("_lines", "_tail", "closes", "length")

    def __init__(self, status: int, headers: Pairs) -> None:
        self.closes = False
        self.length: int | None = None
        self._tail: bytes | None = None
        said = []
        for name, value in headers:
            lower = name.lower()
            if lower not in _OWN:
                said.append((name.translate(_UNSAFE), value.translate(_UNSAFE)))
            elif lower == b"date":
                self._tail = b"date: %b\r\n\r\n" % value.translate(_UNSAFE)
            elif lower == b"content-length" and value.isdigit():
                self.length = int(value)
            elif lower == b"connection" and b"close" in [token.strip() for token in value.lower().split(b",")]:
                self.closes = True
        line = _LINES.get(status) or b"HTTP/1.1 %d \r\n" % status
        self._lines = line + b"".join([b"%b: %b\r\n" % pair for pair in said])

    def head(self, framing: bytes) -> bytes:
        """All bytes up to the body. `framing`: complete lines."""
        return self._lines + framing + (self._tail or _date())

    def bodiless(self, status: int, length: int | None) -> bytes:
        """The line that says the length of a body that does not go out; `length`: what it would be if it did."""
        if status < 200 or status == 204:
            return b""
        if self.length is not None:
            length = self.length
        elif status == 304:
            return b""
        return b"" if length is None else b"content-length: %d\r\n" % length


# Most answers of a mock have the same few heads; where every one is new, this stays small.
_openings: dict[tuple[int, Pairs], Opening] = {}
_KEPT = 256


def opening(status: int, headers: Pairs) -> Opening:
    found = _openings.get((status, headers))
    if found is None:
        if len(_openings) >= _KEPT:
            _openings.clear()
        found = _openings[status, headers] = Opening(status, headers)
    return found
