"""One port for HTTP/1.1, HTTP/2 and gRPC: the first bytes of a connection, or ALPN, choose the front."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Protocol, cast
from weakref import WeakSet

from mock.engine.http.frames import PREFACE
from mock.engine.http.http1 import Handler, Http1
from mock.engine.http.limits import LIMITS, Limits
from mock.engine.request import Connection

if TYPE_CHECKING:
    from mock.engine.http.http2 import Http2

ALPN = ["h2", "http/1.1"]
_ids = itertools.count(1)


class Front(Protocol):
    """A connection, as a server that stops sees it."""

    def close(self) -> None: ...

    def abort(self) -> None: ...


class Sniff(asyncio.Protocol):
    """A protocol for `create_server`. `session`: the one that the port belongs to. `fronts`: where a connection is put,
    so that a server that stops can `close()` and `abort()` it; it leaves by itself.
    """

    def __init__(
        self,
        engine: Handler,
        fronts: WeakSet[Front],
        session: str | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        self._engine = engine
        self._fronts = fronts
        self._session = session
        self._limits = limits
        self._seen = b""
        self._transport: asyncio.Transport
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        tls = transport.get_extra_info("ssl_object")
        chosen = tls.selected_alpn_protocol() if tls is not None else None
        if chosen is not None:
            self._choose(chosen == "h2")
            return
        self._fronts.add(self)
        if self._limits.idle_s is not None:
            self._timer = asyncio.get_running_loop().call_later(self._limits.idle_s, self.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()

    def close(self) -> None:
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def _leave(self) -> None:
        self._fronts.discard(self)
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        # "PRI " is no method of HTTP/1.1 (RFC 9113 section 3.4), but its beginning may be: PROPFIND, PUT.
        self._seen += data
        length = min(len(self._seen), len(PREFACE))
        if self._seen[:length] != PREFACE[:length]:
            self._choose(False)
        elif length == len(PREFACE):
            self._choose(True)

    def _choose(self, http2: bool) -> None:
        self._leave()
        transport = self._transport
        peer = transport.get_extra_info("peername")
        connection = Connection(
            next(_ids),
            f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else "",
            self._session,
            transport.get_extra_info("sslcontext") is not None,
        )
        front = (_http2() if http2 else Http1)(self._engine, connection, self._limits)
        self._fronts.add(front)
        transport.set_protocol(front)
        front.connection_made(transport)
        if self._seen:
            front.data_received(self._seen)


def _http2() -> type[Http2]:
    from mock.engine.http.http2 import Http2  # when the first one asks: servers start quickly without it

    return Http2
