"""The front for HTTP/1.1 (and 1.0): one connection, requests in, answers out in the order of the requests.

What the engine answers at once is written at once, in the callback that read the last byte of the request. Only answers
that wait, stream or are struck take a task, and only one at a time: later requests of the connection wait their turn.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import traceback
from collections import deque
from collections.abc import Awaitable
from typing import Protocol, cast

import httptools
import orjson

from mock.engine.answer import JSON, Answer
from mock.engine.faults.delivery import deliver
from mock.engine.http.http1_head import CLOSE, CONTINUE, KEEP_ALIVE, head
from mock.engine.http.http1_wire import Http1Wire
from mock.engine.http.incoming import Incoming
from mock.engine.http.limits import LIMITS, Limits
from mock.engine.request import Connection, Headers, Request

# Requests that may wait for their turn before reading pauses.
_QUEUE = 64
# Bodies above this are not joined to their heads: the copy costs more than the second buffer.
_JOIN = 64 * 1024
# After a refusal: how long a client that is still sending is listened to, so that it sees the answer and no reset.
_LINGER_S = 2.0
# A client that sends no more may be gone or wait for its answer: TCP does not say which. So long it may be told nothing
# before it is taken to be gone; one that is really gone shows at the first byte that is sent to it. Real time.
_SILENT_S = 2.0
_CHECKED = frozenset((b"connection", b"host", b"transfer-encoding", b"upgrade"))
# `_idle` while no read has ended within the request: most come in one.
_WHOLE = -1
_METHODS: dict[bytes, str] = {}
_ids = itertools.count(1)


class Handler(Protocol):
    """The engine, as a front sees it."""

    def handle(self, request: Request) -> Answer | Awaitable[Answer]: ...


class _Refused(Exception):
    """The request can't be taken; the connection is closed after saying so."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem


class _Turn:
    """A request that waits for its answer, or an answer that waits for the answers before it."""

    __slots__ = ("answer", "incoming", "keep", "old", "request")

    def __init__(
        self, request: Request | None, keep: bool, old: bool, incoming: Incoming | None, answer: Answer | None
    ) -> None:
        self.request = request
        self.keep = keep
        self.old = old
        self.incoming = incoming
        self.answer = answer


class Http1(asyncio.Protocol):
    """`connection`: what is known of it; missing, it is taken from the transport. `close()` ends it gracefully,
    `abort()` at once; a server that shuts down calls the one, waits as long as it likes, and calls the other."""

    def __init__(self, engine: Handler, connection: Connection | None = None, limits: Limits = LIMITS) -> None:
        self._engine = engine
        self._handle = engine.handle
        self._limits = limits
        self._known = connection
        self.connection: Connection
        self._transport: asyncio.Transport = None  # type: ignore[assignment]
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
        self._expect = False  # the client waits for "100 Continue"
        self._incoming: Incoming | None = None
        self._fed = 0  # bytes of this read
        self._idle = _WHOLE  # bytes of reads, after the first, that brought nothing of the body
        self._seen = 0  # of the body, when that was looked at
        # What is being answered.
        self._task: asyncio.Task[None] | None = None
        self._wire: Http1Wire | None = None
        self._queue: deque[_Turn] = deque()
        self._closing = False
        self._deaf = False  # what still comes is thrown away
        self._ended = False  # the client sends no more
        self._silence: asyncio.TimerHandle | None = None
        # Why reading is paused, and whether writing is.
        self._holds: set[str] = set()
        self._full: asyncio.Future[None] | None = None

    # Connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if self._known is not None:
            self.connection = self._known
        else:
            peer = transport.get_extra_info("peername")
            self.connection = Connection(
                next(_ids),
                f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else "",
                secure=transport.get_extra_info("sslcontext") is not None,
            )

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone()

    def eof_received(self) -> bool:
        """A client may close its side when it has asked (`nc -N`, some of HTTP/1.0): it still gets its answers."""
        self._ended = self._deaf = True
        if self.connection.secure:
            self._gone()  # TLS closes both sides
            return False
        if self._incoming is not None and not self._queue:
            self._gone()  # within the body of the request that is being answered
        elif self._incoming is not None:
            self._queue.pop()
        if self._task is None or (self._wire is not None and self._wire.shut):
            self._gone()
            return False
        self._silence = asyncio.get_running_loop().call_later(_SILENT_S, self._listen)
        return True

    def _listen(self) -> None:
        """Whether the client was told something since it closed its side, or since this was asked."""
        if self._wire is not None and (self._wire.told or self._full is not None):
            self._wire.told = False
        else:
            self.abort()
            return
        self._silence = asyncio.get_running_loop().call_later(_SILENT_S, self._listen)

    def close(self) -> None:
        """Answers that are on their way are finished, then the connection closes; an idle one closes now."""
        self._closing = True
        if self._task is None:
            self._transport.close()

    def abort(self) -> None:
        """The connection is over; streams are closed as if the client had gone."""
        self._gone()
        self._transport.abort()

    def _gone(self) -> None:
        self._deaf = True
        self._closing = True
        self._queue.clear()
        if self._silence is not None:
            self._silence.cancel()
        if self._incoming is not None:
            self._incoming.end(ConnectionResetError("the client went away within the body of its request"))
            self._incoming = None
        if self._task is not None:
            self._task.cancel()

    # Reading

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        self._fed = len(data)
        rest: bytes | None = None
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            rest = data[upgrade.args[0] :]
        except httptools.HttpParserCallbackError as error:
            if isinstance(error.__context__, _Refused):
                self._refuse(error.__context__)
            else:
                traceback.print_exception(error.__context__ or error)
                self._refuse(_Refused(500, "the mock itself failed to read this request"))
        except httptools.HttpParserError as error:
            # What follows an answer that closes the connection is no error, it is only not read.
            if not self._closing:
                self._refuse(_Refused(400, f"this is no HTTP/1.1 request: {error}"))
        else:
            if self._url:
                self._unfinished()
        # Outside of the handler: what is raised in there would get this exception as its context, and lose its own.
        if rest is not None:
            self._ignore_upgrade(rest)

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_body:  # trailers are not looked at
            self._headers.append((name.lower(), value))

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
            raise _Refused(400, f"HTTP/1.1 wants one Host header, here are {hosts}")

    def _is_old(self, coding: bytes) -> bool:
        """Whether this is HTTP/1.0. Raises _Refused for other versions and for codings that can't be taken."""
        version = self._parser.get_http_version()
        if version not in ("1.0", "1.1"):
            raise _Refused(505, f"this port speaks HTTP/1.1 and HTTP/1.0 in this form, not HTTP/{version}")
        if coding != b"chunked":
            raise _Refused(501, "the only transfer coding that is taken is `chunked`")
        if version == "1.0" and self._has(b"transfer-encoding"):
            raise _Refused(400, "HTTP/1.0 has no transfer codings (RFC 9112 section 6.1)")
        return version == "1.0"

    def _has(self, wanted: bytes) -> bool:
        return any(name == wanted for name, _ in self._headers)

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._limits.body is not None and self._size > self._limits.body:
            raise self._too_large()
        if self._incoming is not None:
            self._incoming.feed(body)
        else:
            self._body.append(body)

    def on_message_complete(self) -> None:
        if self._upgrade:
            return  # the parser stops here and we read the request again
        if self._incoming is not None:
            self._incoming.end()
            self._incoming = None
        else:
            request = self._request(b"".join(self._body), None)
            if self._task is not None:
                self._enqueue(_Turn(request, self._keep, self._old, None, None))
            elif not self._closing:
                self._answer(request, self._keep, self._old, None)
        self._renew()

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
            self._looked = self._expect = False

    def _request(self, body: bytes, incoming: Incoming | None) -> Request:
        method = self._parser.get_method()
        name = _METHODS.get(method)
        if name is None:
            name = _METHODS[method] = method.decode("ascii")  # the parser knows them all: they are few
        target = self._url.decode("latin-1")
        if target[0] != "/":
            target = _origin_form(target)
        return Request(name, target, self._headers, body, connection=self.connection, incoming=incoming)

    def _unfinished(self) -> None:
        """The read ended within a request: the time to look at what large and hesitating ones need."""
        limits = self._limits
        if self._idle == _WHOLE or self._size != self._seen:
            self._idle = 0
        else:
            self._idle += self._fed
        self._seen = self._size
        if self._idle > limits.head:
            self._refuse(_too_long(limits.head, "in its head or between two pieces of its body"))
        elif self._in_body and self._incoming is None:
            if not self._looked:
                self._looked = True
                try:
                    self._announced()
                except _Refused as refused:
                    self._refuse(refused)
                    return
            if self._size > limits.whole and self._incoming is None:
                self._stream()

    def _announced(self) -> None:
        """What the head says of the body. Raises _Refused."""
        limits = self._limits
        length = 0
        for name, value in self._headers:
            if name == b"content-length":
                length = int(value)
                if limits.body is not None and length > limits.body:
                    raise self._too_large()
            elif name == b"expect":
                if value.strip().lower() != b"100-continue":
                    raise _Refused(417, f"the expectation {value.decode('latin-1')!r} is not known, only 100-continue")
                self._expect = True
        if length > limits.whole:
            self._stream()
        elif self._expect and self._task is None:
            self._continue()

    def _continue(self) -> None:
        if not self._closing:
            self._transport.write(CONTINUE)

    def _stream(self) -> None:
        """The rest of the body is handed on as it comes."""
        incoming = self._incoming = Incoming(self._limits.waiting, self._press)
        for piece in self._body:
            incoming.feed(piece)
        self._body = []
        request = self._request(b"", incoming)
        if self._task is not None:
            self._enqueue(_Turn(request, self._keep, self._old, incoming, None))
        elif not self._closing:
            self._answer(request, self._keep, self._old, incoming)

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Nothing is upgraded to: the request is read again without its `upgrade`. A tunnel is refused."""
        if not self._upgrade:  # CONNECT: it was answered
            self._deaf = True
            self._end()
            return
        line = b"%b %b HTTP/1.1\r\n" % (self._parser.get_method(), self._url)
        fields = b"".join([b"%b: %b\r\n" % field for field in self._headers if field[0] != b"upgrade"])
        self._upgrade = False
        self._renew()
        self._parser = httptools.HttpRequestParser(self)
        self.data_received(line + fields + b"\r\n" + rest)

    def _check_head(self) -> None:
        size = len(self._url) + sum([len(name) + len(value) + 4 for name, value in self._headers])
        if size > self._limits.head:
            raise _too_long(self._limits.head, "in its head")

    def _too_large(self) -> _Refused:
        return _Refused(413, f"this server takes bodies of at most {self._limits.body} bytes")

    def _refuse(self, refused: _Refused) -> None:
        """Says why, after the answers to the requests before, and closes. It is the answer to a request whose body was
        handed on already, unless that has been answered in part: then it ends where it is."""
        self._deaf = True
        if self._incoming is not None:
            self._incoming.end(refused)
            self._incoming = None
            if self._queue:
                self._queue.pop()
            elif self._wire is not None:
                self._closing = True
                return
            elif self._task is not None:
                self._task.cancel()
                self._task = None
        answer = Answer(refused.status, JSON, orjson.dumps({"error": refused.problem}))
        if self._task is not None:
            self._queue.append(_Turn(None, False, False, None, answer))
        else:
            self._write(answer, "GET", False, False)

    # Answering

    def _answer(self, request: Request, keep: bool, old: bool, incoming: Incoming | None) -> None:
        if incoming is not None and incoming is self._incoming and self._expect:
            self._continue()
            self._expect = False
        try:
            answer = self._handle(request)
        except Exception:
            answer = _failed(request)
        if isinstance(answer, Answer) and answer.chunks is None and answer.strike is None and incoming is None:
            self._write(answer, request.method, keep, old)
        else:
            self._task = asyncio.get_running_loop().create_task(self._later(answer, request, keep, old, incoming))

    def _write(self, answer: Answer, method: str, keep: bool, old: bool) -> None:
        """A whole answer, in one write."""
        status, body = answer.status, answer.body
        framed = status >= 200 and status != 204 and status != 304
        framing = b"content-length: %d\r\n" % len(body) if framed else b""
        if self._closing:
            keep = False
        if not keep:
            framing += CLOSE
        elif old:
            framing += KEEP_ALIVE
        start = head(status, answer.headers, framing)
        if not framed or method == "HEAD":
            self._transport.write(start)
        elif len(body) > _JOIN:
            self._transport.writelines((start, body))
        else:
            self._transport.write(start + body)
        if answer.record is not None:
            answer.record.close("complete")
        if not keep:
            self._end()

    async def _later(
        self,
        answer: Answer | Awaitable[Answer],
        request: Request,
        keep: bool,
        old: bool,
        incoming: Incoming | None,
    ) -> None:
        """An answer that waits, streams or is struck."""
        try:
            if not isinstance(answer, Answer):
                try:
                    answer = await answer
                except Exception:
                    answer = _failed(request)
            if answer.chunks is None and answer.strike is None:
                self._write(answer, request.method, keep, old)
            else:
                await self._deliver(answer, request.method, keep, old)
        finally:
            self._task = None
            if incoming is not None:
                incoming.discard()
        self._next()

    async def _deliver(self, answer: Answer, method: str, keep: bool, old: bool) -> None:
        keep = keep and not self._closing
        wire = self._wire = Http1Wire(self._transport, self._drained, answer, method, keep=keep, old=old)
        ended = "client gone"
        try:
            ended = await deliver(answer, wire)
        except _Refused:
            ended = "cut"
        except Exception:
            # Within a stream there is no other way to say it than to cut it.
            ended = "cut"
            sys.stderr.write(f"samewire mock: a streamed answer failed\n{traceback.format_exc()}")
        finally:
            self._wire = None
            if answer.record is not None:
                answer.record.close(ended)
        if not wire.keep:
            self._end()

    def _next(self) -> None:
        """The next turn, if there is one."""
        while self._queue and self._task is None and not self._transport.is_closing():
            turn = self._queue.popleft()
            if turn.request is not None and not self._closing:
                self._answer(turn.request, turn.keep, turn.old, turn.incoming)
            elif turn.answer is not None:
                self._write(turn.answer, "GET", False, False)
        if len(self._queue) < _QUEUE // 2:
            self._hold("queue", False)
        if self._task is None:
            if self._closing or self._ended:
                self._transport.close()
            elif self._expect and self._incoming is None:
                self._continue()

    def _enqueue(self, turn: _Turn) -> None:
        self._queue.append(turn)
        if len(self._queue) >= _QUEUE:
            self._hold("queue", True)

    def _end(self) -> None:
        """The connection closes when all is written. A client in the middle of sending is listened to for a while:
        closing a socket with unread data resets it, and the answer could be lost (RFC 9112 section 9.6)."""
        self._closing = True
        busy = not self._ended and (self._deaf or bool(self._url))
        self._deaf = True
        if not busy or not self._transport.can_write_eof():
            self._transport.close()
        elif not self._transport.is_closing():
            self._hold("all", False)
            self._transport.write_eof()
            asyncio.get_running_loop().call_later(_LINGER_S, self._transport.close)

    # Back-pressure

    def pause_writing(self) -> None:
        if self._full is None:
            self._full = asyncio.get_running_loop().create_future()
            self._hold("write", True)

    def resume_writing(self) -> None:
        if self._full is not None:
            if not self._full.done():
                self._full.set_result(None)
            self._full = None
            self._hold("write", False)

    async def _drained(self) -> None:
        if self._full is not None:
            await asyncio.shield(self._full)

    def _press(self, on: bool) -> None:
        self._hold("body", on)

    def _hold(self, why: str, on: bool) -> None:
        """Pauses reading while there is a reason to."""
        held = bool(self._holds)
        if on:
            self._holds.add(why)
        elif why == "all":
            self._holds.clear()
        else:
            self._holds.discard(why)
        if bool(self._holds) != held and not self._ended and not self._transport.is_closing():
            if held:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()


def _too_long(limit: int, where: str) -> _Refused:
    return _Refused(431, f"the request is longer than {limit} bytes {where}")


def _origin_form(target: str) -> str:
    """`http://host/path` as `/path` (RFC 9112 section 3.2.2); `*` and `host:port` stay."""
    _, scheme, rest = target.partition("://")
    if not scheme:
        return target
    at = min([found for found in (rest.find("/"), rest.find("?")) if found >= 0], default=-1)
    if at < 0:
        return "/"
    return rest[at:] if rest[at] == "/" else "/" + rest[at:]


def _failed(request: Request) -> Answer:
    sys.stderr.write(f"samewire mock: {request.method} {request.target} failed\n{traceback.format_exc()}")
    return Answer(500, JSON, b'{"error":"the mock itself failed; its output says where"}')
