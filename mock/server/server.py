"""Listeners in front of an engine, from start to a clean stop."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import ssl
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

from mock.engine.http.sniff import Front, Sniff

if TYPE_CHECKING:
    from mock.engine.engine import Engine

# Connections that are in the middle of something get so many seconds when the server is told to stop.
GRACE = 0.5
BACKLOG = 4096
_LOOK = 0.01


class CannotListen(OSError):
    """A port or socket can't be had; one line that says which and why."""


@dataclass(frozen=True, slots=True)
class Listener:
    """`path`: a Unix socket instead of host and port. `session`: what requests of this port belong to."""

    host: str = "127.0.0.1"
    port: int = 0
    path: Path | None = None
    session: str | None = None


class Server:
    def __init__(self, engine: Engine, listeners: Sequence[Listener], tls: ssl.SSLContext | None = None) -> None:
        self.engine = engine
        self.urls: list[str] = []
        self._listeners = listeners
        self._tls = tls
        self._servers: list[asyncio.Server] = []
        self._fronts: WeakSet[Front] = WeakSet()
        engine.connections = self._fronts
        self._sockets: list[Path] = []

    async def start(self) -> None:
        """All listeners or none. Raises CannotListen."""
        try:
            for listener in self._listeners:
                await self._listen(listener)
        except CannotListen:
            await self.stop(0)
            raise
        self.engine.listening = list(self.urls)

    async def _listen(self, listener: Listener) -> None:
        loop = asyncio.get_running_loop()

        def front() -> Sniff:
            return Sniff(self.engine, self._fronts, listener.session)

        scheme = "https" if self._tls else "http"
        if listener.path is not None:
            try:
                _remove_stale(listener.path)
                server = await loop.create_unix_server(front, str(listener.path), ssl=self._tls, backlog=BACKLOG)
            except OSError as error:
                raise CannotListen(f"can't listen on {listener.path}: {error.strerror or error}") from None
            self._sockets.append(listener.path)
            self.urls.append(f"{scheme}+unix://{listener.path.absolute()}")
        else:
            try:
                server = await loop.create_server(
                    front, listener.host, listener.port, ssl=self._tls, backlog=BACKLOG, reuse_address=True
                )
            except OSError as error:
                why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
                raise CannotListen(f"can't listen on {listener.host}:{listener.port}: {why}") from None
            port = server.sockets[0].getsockname()[1]
            host = f"[{listener.host}]" if ":" in listener.host else listener.host
            self.urls.append(f"{scheme}://{host}:{port}")
        self._servers.append(server)

    async def run(self) -> None:
        """Until SIGTERM or SIGINT."""
        loop = asyncio.get_running_loop()
        told = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, told.set)
        await told.wait()

    async def stop(self, grace: float = GRACE) -> None:
        """No new connections; those that are busy get `grace` seconds, then they are cut. The engine is as it was: its
        journal has the ends of all of them.
        """
        for server in self._servers:
            server.close()
        for front in list(self._fronts):
            front.close()
        deadline = time.monotonic() + grace
        while self._fronts and time.monotonic() < deadline:
            await asyncio.sleep(_LOOK)
        for front in list(self._fronts):
            front.abort()
        for path in self._sockets:
            path.unlink(missing_ok=True)
        self._servers.clear()
        self._sockets.clear()


def _remove_stale(path: Path) -> None:
    """A socket that nobody listens on is left over from a server that was killed. Raises OSError for one that is in
    use.
    """
    if not path.exists():
        return
    if not stat.S_ISSOCK(path.stat().st_mode):
        raise FileExistsError(17, "the file exists and is no socket")
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise OSError(98, "a server listens there already")
