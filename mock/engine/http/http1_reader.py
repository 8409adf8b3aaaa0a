"""Reading HTTP/1.1 (and 1.0): the bytes of a connection to requests. What can't be taken is refused. RFC 9112.

The parser refuses what requests are smuggled with: two lengths, a length beside chunks, folded lines, bare line feeds.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Protocol

import httptools

from mock.engine.http.incoming import Incoming
from mock.engine.http.limits import Limits
from mock.engine.request import Connection, Headers, Request

_CHECKED = frozenset((b"connection", b"host", b"transfer-encoding", b"upgrade"))
# `_idle` while no read has ended within the request: most come in one.
_WHOLE = -1
_METHODS: dict[bytes, str] = {}
# Names of headers in lower case: the same few come all the time, and the journal holds each of them once.
_names: dict[bytes, bytes] = {}
_NAMES = 1024


class Refused(Exception):
    """The request can't be taken; the connection is closed after saying so."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem


class Taker(Protocol):
    """Where requests go. `keep`: the connection may stay after the answer. `old`: the client speaks HTTP/1.0.
    `incoming`: the body, where the rest of it is still to come."""

    def asked(self, request: Request, keep: bool, old: bool, incoming: Incoming | None) -> None: ...

    def refused(self, refused: Refused) -> None: ...

    def announced(self) -> None:
        """The client waits to be told that it may send the body (`Http1Reader.expects`)."""

    def tunnel(self) -> None:
        """CONNECT was asked for: nothing that follows is HTTP."""


class Http1Reader:
    """`press(True)`: the reader of a body is behind, no more should be read; `press(False)`: go on.

    `incoming` is the body of the request that is being read, where it was handed on already.
    """

    def __init__(self, taker: Taker, connection: Connection, limits: Limits, press: Callable[[bool], None]) -> None:
        self.incoming: Incoming | None = None
        self.expects = False
        self._asked = taker.asked
        self._taker = taker
        self._connection = connection
        self._limits = limits
        self._press = press
        self._parser = httptools.HttpRequestParser(self)
        # The request that is being read.
        self._url = b""
        self._headers: Headers = []
        self._body: list[bytes] = []
        self._size = 0  # of the body
        self._in_body = False
        self._keep = True
        self._old = False
        self._upgrade = False
        self._looked = False  # at what the head announces
        self._fed = 0  # bytes of this read
        self._idle = _WHOLE  # bytes of reads, after the first, that brought nothing of the body
        self._seen = 0  # of the body, when that was looked at

    @property
    def busy(self) -> bool:
        """Whether a request has begun and not ended."""
        return bool(self._url)

    def feed(self, data: bytes) -> None:
        """Never raises: what is wrong goes to `Taker.refused`, after which nothing more may be fed."""
        self._fed = len(data)
        rest: bytes | None = None
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            rest = data[upgrade.args[0] :]
        except httptools.HttpParserCallbackError as error:
            if isinstance(error.__context__, Refused):
                self._taker.refused(error.__context__)
            else:
                traceback.print_exception(error.__context__ or error)
                self._taker.refused(Refused(500, "the mock itself failed to read this request"))
        except httptools.HttpParserError as error:
            self._taker.refused(Refused(400, f"this is no HTTP/1.1 request: {error}"))
        else:
            if self._url:
                self._unfinished()
        # Outside of the handler: what is raised in there would get this exception as its context, and lose its own.
        if rest is not None:
            self._ignore_upgrade(rest)

    # Called by the parser

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_body:  # trailers are not looked at
            known = _names.get(name)
            self._headers.append((_lower(name) if known is None else known, value))

    def on_headers_complete(self) -> None:
        parser = self._parser
        self._in_body = True
        self._keep = sure = parser.should_keep_alive()
        if self._fed > self._limits.head or self._idle != _WHOLE:
            self._check_head()
        hosts = 0
        coding = b"chunked"
        for name, value in self._headers:
            if name in _CHECKED:
                if name == b"host":
                    hosts += 1
                elif name == b"upgrade":
                    self._upgrade = parser.should_upgrade()
                elif name == b"connection":
                    sure = False
                else:
                    sure = False
                    coding = value.strip().lower()
        # Without a `connection` header a connection that stays is one of HTTP/1.1; to ask costs a string per request.
        self._old = not sure and self._is_old(coding)
        if hosts != 1 and not self._old:
            raise Refused(400, f"HTTP/1.1 wants one Host header, here are {hosts}")

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._limits.body is not None and self._size > self._limits.body:
            raise self._too_large()
        if self.incoming is not None:
            self.incoming.feed(body)
        else:
            self._body.append(body)

    def on_message_complete(self) -> None:
        if self._upgrade:
            return  # the parser stops here and we read the request again
        if self.incoming is not None:
            self.incoming.end()
            self.incoming = None
        else:
            self._asked(self._request(b"".join(self._body), None), self._keep, self._old, None)
        self._renew()

    # What a head says

    def _is_old(self, coding: bytes) -> bool:
        """Whether this is HTTP/1.0. Raises Refused for other versions and for codings that can't be taken."""
        version = self._parser.get_http_version()
        if version not in ("1.0", "1.1"):
            raise Refused(505, f"this port speaks HTTP/1.1 and HTTP/1.0 in this form, not HTTP/{version}")
        if coding != b"chunked":
            raise Refused(501, "the only transfer coding that is taken is `chunked`")
        if version == "1.0" and any(name == b"transfer-encoding" for name, _ in self._headers):
            raise Refused(400, "HTTP/1.0 has no transfer codings (RFC 9112 section 6.1)")
        return version == "1.0"

    def _check_head(self) -> None:
        size = len(self._url) + sum([len(name) + len(value) + 4 for name, value in self._headers])
        if size > self._limits.head:
            raise _too_long(self._limits.head, "in its head")

    def _too_large(self) -> Refused:
        return Refused(413, f"this server takes bodies of at most {self._limits.body} bytes")

    def _unfinished(self) -> None:
        """The read ended within a request: the time to look at what large and hesitating ones need."""
        limits = self._limits
        if self._idle == _WHOLE or self._size != self._seen:
            self._idle = 0
        else:
            self._idle += self._fed
        self._seen = self._size
        if self._idle > limits.head:
            self._taker.refused(_too_long(limits.head, "in its head or between two pieces of its body"))
        elif self._in_body and self.incoming is None:
            if not self._looked:
                self._looked = True
                try:
                    self._announced()
                except Refused as refused:
                    self._taker.refused(refused)
                    return
            if self._size > limits.whole and self.incoming is None:
                self._stream()

    def _announced(self) -> None:
        """What the head says of the body. Raises Refused."""
        limits = self._limits
        length = 0
        for name, value in self._headers:
            if name == b"content-length":
                length = int(value)
                if limits.body is not None and length > limits.body:
                    raise self._too_large()
            elif name == b"expect" and not self._old:  # RFC 9110 section 10.1.1: clients of HTTP/1.0 can't mean it
                if value.strip().lower() != b"100-continue":
                    raise Refused(417, f"the expectation {value.decode('latin-1')!r} is not known, only 100-continue")
                self.expects = True
        if length > limits.whole:
            self._stream()
        elif self.expects:
            self._taker.announced()

    # Requests

    def _request(self, body: bytes, incoming: Incoming | None) -> Request:
        method = self._parser.get_method()
        name = _METHODS.get(method)
        if name is None:
            name = _METHODS[method] = method.decode("ascii")  # the parser knows them all: they are few
        target = self._url.decode("latin-1")
        if target[0] != "/":
            target = _origin_form(target)
        return Request(name, target, self._headers, body, connection=self._connection, incoming=incoming)

    def _stream(self) -> None:
        """The rest of the body is handed on as it comes."""
        incoming = self.incoming = Incoming(self._limits.waiting, self._press)
        for piece in self._body:
            incoming.feed(piece)
        self._body = []
        self._asked(self._request(b"", incoming), self._keep, self._old, incoming)

    def _renew(self) -> None:
        """Nothing of the next request has been read."""
        self._url = b""
        self._headers = []
        self._in_body = False
        if self._size:
            self._body = []
            self._size = 0
        if self._idle != _WHOLE:
            self._idle = _WHOLE
            self._seen = 0
            self._looked = self.expects = False

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Nothing is upgraded to: the request is read again without its `upgrade`. A tunnel is refused."""
        if not self._upgrade:  # CONNECT: it was answered
            self._taker.tunnel()
            return
        line = b"%b %b HTTP/1.1\r\n" % (self._parser.get_method(), self._url)
        fields = b"".join([b"%b: %b\r\n" % field for field in self._headers if field[0] != b"upgrade"])
        self._upgrade = False
        self._renew()
        self._parser = httptools.HttpRequestParser(self)
        self.feed(line + fields + b"\r\n" + rest)


def _too_long(limit: int, where: str) -> Refused:
    return Refused(431, f"the request is longer than {limit} bytes {where}")


def _origin_form(target: str) -> str:
    """`http://host/path` as `/path` (RFC 9112 section 3.2.2); `*` and `host:port` stay."""
    _, scheme, rest = target.partition("://")
    if not scheme:
        return target
    at = min([found for found in (rest.find("/"), rest.find("?")) if found >= 0], default=-1)
    if at < 0:
        return "/"
    return rest[at:] if rest[at] == "/" else "/" + rest[at:]


def _lower(name: bytes) -> bytes:
    lower = name.lower()
    if len(_names) < _NAMES and len(name) <= 64:
        _names[name] = lower
    return lower
