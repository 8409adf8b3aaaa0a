"""A closed-loop load generator for unary gRPC on raw sockets: each stream's answer lets the next request go.

Frames are made beforehand but for their stream numbers, so that the generator costs little beside the server. What it
reads it only splits into frames: an answer is right when it ends its stream and has a message of the right size.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

from perf.mock.load import Lost, Outcome

Message = Callable[[int], bytes]
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_WINDOW = (1 << 31) - 1
_PIECE = 1 << 18
_DATA, _HEADERS, _RST, _SETTINGS, _PING, _GOAWAY, _UPDATE = 0, 1, 3, 4, 6, 7, 8
_END_STREAM, _END_HEADERS, _ACK = 1, 4, 1


class Connection:
    """One connection with its own numbers of streams. `answered`: streams that ended since the last look."""

    def __init__(self, port: int, block: bytes, expected: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.wrong: dict[int, str] = {}
        self._block = block
        self._expected = expected
        self._next = 1
        self._rest = b""
        self._good: set[int] = set()
        self._read = 0
        # A window that is never full: what the server may send is not what is measured.
        settings = struct.pack(">HLHL", 4, _WINDOW, 1, 4096)
        self.socket.sendall(
            _PREFACE + _frame(_SETTINGS, 0, 0, settings) + _frame(_UPDATE, 0, 0, struct.pack(">L", _WINDOW - 65_535))
        )

    def request(self, message: bytes) -> tuple[int, bytes]:
        """Its stream and its bytes."""
        stream, self._next = self._next, self._next + 2
        data = b"\0" + len(message).to_bytes(4, "big") + message
        return stream, _frame(_HEADERS, _END_HEADERS, stream, self._block) + _frame(_DATA, _END_STREAM, stream, data)

    def receive(self) -> tuple[list[int], bytes]:
        """Streams that ended, and what the connection itself has to say back. Raises Lost, OSError."""
        data = self.socket.recv(_PIECE)
        if not data:
            raise Lost("the server closed a connection")
        if self._rest:
            data = self._rest + data
        at, size = 0, len(data)
        ended: list[int] = []
        say = b""
        while size - at >= 9:
            length = data[at] << 16 | data[at + 1] << 8 | data[at + 2]
            end = at + 9 + length
            if end > size:
                break
            kind, flags = data[at + 3], data[at + 4]
            stream = int.from_bytes(data[at + 5 : at + 9], "big") & 0x7FFFFFFF
            if kind == _DATA:
                self._read += length
                if length == self._expected:
                    self._good.add(stream)
            elif kind == _RST:
                # NO_ERROR follows an answer that is complete.
                if data[at + 9 : end] != b"\0\0\0\0":
                    self.wrong[stream] = f"RST_STREAM {data[at + 9 : end].hex()}"
                    ended.append(stream)
            elif kind == _SETTINGS and not flags & _ACK:
                say += _frame(_SETTINGS, _ACK, 0, b"")
            elif kind == _PING and not flags & _ACK:
                say += _frame(_PING, _ACK, 0, data[at + 9 : end])
            elif kind == _GOAWAY:
                raise Lost(f"GOAWAY: {data[at + 9 : end]!r}")
            if kind in (_DATA, _HEADERS) and flags & _END_STREAM:
                ended.append(stream)
                if stream in self._good:
                    self._good.discard(stream)
                else:
                    self.wrong[stream] = f"an answer without the right message: {data[max(0, at - 200) : end]!r}"
            at = end
        self._rest = data[at:]
        if self._read > 1 << 30:
            say += _frame(_UPDATE, 0, 0, struct.pack(">L", self._read))
            self._read = 0
        return ended, say


def run(
    port: int,
    method: str,
    message: Message,
    expected: int,
    connections: int,
    streams: int,
    seconds: float,
    limit: int | None = None,
) -> Outcome:
    """Loads 127.0.0.1:PORT for a time, or for `limit` requests, with so many streams on each connection.

    `expected`: bytes of the right answer's message. Raises OSError, Lost.
    """
    outcome = Outcome()
    block = _block(f"127.0.0.1:{port}", method)
    poll = select.epoll()
    open_: dict[int, Connection] = {}
    started: dict[tuple[int, int], float] = {}
    sent = waiting = 0
    clock = time.perf_counter
    try:
        for _ in range(connections):
            one = Connection(port, block, expected + 5)
            open_[one.socket.fileno()] = one
            poll.register(one.socket.fileno(), select.EPOLLIN)
        begin = now = clock()
        until = begin + seconds
        for number, one in open_.items():
            out = []
            for _ in range(streams):
                if limit is None or sent < limit:
                    stream, data = one.request(message(sent))
                    started[number, stream] = now
                    out.append(data)
                    sent += 1
                    waiting += 1
            one.socket.sendall(b"".join(out))
        add = outcome.latencies.append
        while waiting:
            for number, _ in poll.poll(10):
                one = open_[number]
                ended, say = one.receive()
                now = clock()
                out = [say] if say else []
                for stream in ended:
                    began = started.pop((number, stream), None)
                    if began is None:
                        continue
                    add(now - began)
                    waiting -= 1
                    if now < until and (limit is None or sent < limit):
                        stream, data = one.request(message(sent))
                        started[number, stream] = now
                        out.append(data)
                        sent += 1
                        waiting += 1
                if out:
                    one.socket.sendall(b"".join(out))
            if clock() > until + 10:
                raise Lost("no answer within 10 s")
        outcome.seconds = clock() - begin
        for one in open_.values():
            outcome.wrong += len(one.wrong)
            outcome.first_wrong = outcome.first_wrong or next(iter(one.wrong.values()), "")
    finally:
        poll.close()
        for one in open_.values():
            one.socket.close()
    return outcome


def until_right(
    port: int, method: str, message: Message, expected: int, seconds: float, alive: Callable[[], bool]
) -> float:
    """Asks every 3 ms until the right answer comes; `time.monotonic()` of then. Raises TimeoutError, Lost."""
    last = ""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not alive():
            raise Lost("the server ended before it answered")
        try:
            done = run(port, method, message, expected, 1, 1, 5, limit=1)
            if not done.wrong:
                return time.monotonic()
            last = done.first_wrong
        except (OSError, Lost) as error:
            last = str(error)
        time.sleep(0.003)
    raise TimeoutError(f"no right answer within {seconds} s: {last}")


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + struct.pack(">BBL", kind, flags, stream) + payload


def _block(authority: str, method: str) -> bytes:
    """What grpcio sends too, as literals that change no table."""
    fields: list[tuple[Any, str]] = [
        (1, authority),
        (4, method),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
        ("user-agent", "samewire-bench"),
        ("grpc-accept-encoding", "identity, deflate, gzip"),
    ]
    written = b"\x83\x86"  # :method POST, :scheme http
    for name, value in fields:
        # A name by its index in the static table of HPACK, or as text; lengths are below 127.
        written += bytes((name,)) if isinstance(name, int) else b"\0" + bytes((len(name),)) + name.encode()
        written += bytes((len(value),)) + value.encode()
    return written
