"""A closed-loop load generator on raw sockets and epoll: each connection sends its next request when it has its answer.

On one core it is as fast as wrk, and unlike wrk it can make every request another one.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from perf.mock.payload import Requests

_PIECE = 1 << 16


@dataclass(slots=True)
class Outcome:
    """Of one go. `latencies`: seconds from sending a request to having its answer whole, in order of arrival."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    wrong: int = 0
    first_wrong: str = ""

    @property
    def count(self) -> int:
        return len(self.latencies)

    def quantile(self, share: float) -> float:
        """The latency, in seconds, that `share` of the answers did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Lost(RuntimeError):
    """The server closed a connection in the midst of an answer."""


def whole(data: bytes) -> int:
    """The length of the HTTP answer at the start of `data`; 0 while it is not all there."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return 0
    head = data[:end].lower()
    at = head.find(b"\r\ncontent-length:")
    if at >= 0:
        length = end + 4 + int(head[at + 17 :].split(b"\r\n", 1)[0])
        return length if len(data) >= length else 0
    if b"\r\ntransfer-encoding: chunked" in head:
        return _chunked(data, end + 4)
    return end + 4


def _chunked(data: bytes, at: int) -> int:
    while True:
        line = data.find(b"\r\n", at)
        if line < 0:
            return 0
        size = int(data[at:line].split(b";")[0], 16)
        at = line + 2 + size + 2
        if len(data) < at:
            return 0
        if size == 0:
            return at


def run(
    port: int, requests: Requests, connections: int, seconds: float, status: int = 200, limit: int | None = None
) -> Outcome:
    """Loads 127.0.0.1:PORT for a time, or for `limit` requests. Raises OSError, Lost."""
    outcome = Outcome()
    good = b"%d" % status
    poll = select.epoll()
    sockets: dict[int, socket.socket] = {}
    started: dict[int, float] = {}
    rest: dict[int, bytes] = {}
    sent = 0
    clock = time.perf_counter
    try:
        for _ in range(connections):
            _connect(port, sockets, poll)
        begin = clock()
        until = begin + seconds
        for number, one in sockets.items():
            started[number] = clock()
            one.sendall(requests(sent))
            sent += 1
        open_ = len(sockets)
        add = outcome.latencies.append
        expected, closes = 0, False
        while open_:
            for number, _ in poll.poll(10):
                one = sockets[number]
                data = one.recv(_PIECE)
                if not data:
                    raise Lost(f"the server closed a connection after {outcome.count} answers")
                if rest.get(number):
                    data = rest[number] + data
                # Most answers are as long as the one before.
                if len(data) != expected or data[9:12] != good:
                    length = whole(data)
                    if not length:
                        rest[number] = data
                        continue
                    expected, closes = length, _closes(data)
                    if data[9:12] != good:
                        outcome.wrong += 1
                        outcome.first_wrong = outcome.first_wrong or data[:300].decode("latin-1")
                rest[number] = b""
                now = clock()
                add(now - started[number])
                if now < until and (limit is None or sent < limit):
                    if closes:
                        poll.unregister(number)
                        sockets.pop(number).close()
                        number = _connect(port, sockets, poll)
                        one = sockets[number]
                    started[number] = now
                    one.sendall(requests(sent))
                    sent += 1
                else:
                    poll.unregister(number)
                    open_ -= 1
            if clock() > until + 10:
                raise Lost("no answer within 10 s")
        outcome.seconds = clock() - begin
    finally:
        poll.close()
        for one in sockets.values():
            one.close()
    return outcome


def _connect(port: int, sockets: dict[int, socket.socket], poll: select.epoll) -> int:
    one = socket.create_connection(("127.0.0.1", port))
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sockets[one.fileno()] = one
    poll.register(one.fileno(), select.EPOLLIN)
    return one.fileno()


def _closes(answer: bytes) -> bool:
    """The server closes the connection after it."""
    head = answer[: answer.find(b"\r\n\r\n")].lower()
    return head.startswith(b"http/1.0") or b"\r\nconnection: close" in head


def until_right(port: int, requests: Requests, seconds: float, alive: Callable[[], bool], status: int = 200) -> float:
    """Asks every 3 ms until the right answer comes; `time.monotonic()` of then. Raises TimeoutError, Lost."""
    last = ""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not alive():
            raise Lost("the server ended before it answered")
        try:
            done = run(port, requests, 1, 5, status, limit=1)
            if not done.wrong:
                return time.monotonic()
            last = done.first_wrong
        except (OSError, Lost) as error:
            last = str(error)
        time.sleep(0.003)
    raise TimeoutError(f"no right answer within {seconds} s: {last}")
