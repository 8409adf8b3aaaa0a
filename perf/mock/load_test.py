from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from perf.mock import load, payload

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BAD = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def serving(answer: Callable[[int], list[bytes]], close: bool = False) -> Iterator[int]:
    """A server that answers each request with pieces, for its number on the connection."""

    def talk(one: socket.socket) -> None:
        with one:
            number = 0
            data = b""
            while piece := one.recv(65536):
                data += piece
                while b"\r\n\r\n" in data:
                    head, _, rest = data.partition(b"\r\n\r\n")
                    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                    if len(rest) < length:
                        break
                    data = rest[length:]
                    for part in answer(number):
                        one.sendall(part)
                    number += 1
                    if close:
                        return

    def accept() -> None:
        while True:
            try:
                one, _ = listener.accept()
            except OSError:
                return
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=talk, args=(one,), daemon=True).start()

    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.mark.parametrize(
    ("data", "length"),
    [
        (GOOD, len(GOOD)),
        (GOOD + b"HTTP", len(GOOD)),
        (GOOD[:-1], 0),
        (GOOD[:20], 0),
        (b"HTTP/1.1 204 No\r\nX: 1\r\n\r\n", 25),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=1\r\nok\r\n0\r\n\r\n", 63),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n", 0),
    ],
)
def test_when_an_answer_is_whole(data: bytes, length: int) -> None:
    assert load.whole(data) == length


def test_counts_and_times_answers() -> None:
    with serving(lambda _: [GOOD]) as port:
        done = load.run(port, payload.repeated(), 4, 0.2)
    assert done.count > 4
    assert done.wrong == 0
    assert 0 < done.quantile(0.5) <= done.quantile(0.99) < done.seconds


def test_answers_in_pieces_and_of_other_lengths() -> None:
    longer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
    with serving(lambda number: [GOOD[:10], GOOD[10:]] if number % 2 else [longer]) as port:
        done = load.run(port, payload.unique(), 2, 30, limit=20)
    assert (done.count, done.wrong) == (20, 0)


def test_wrong_answers_are_counted_and_shown() -> None:
    with serving(lambda number: [BAD if number == 1 else GOOD]) as port:
        done = load.run(port, payload.repeated(), 1, 30, limit=3)
    assert (done.count, done.wrong) == (3, 1)
    assert done.first_wrong.startswith("HTTP/1.1 404")


def test_a_server_that_closes_after_each_answer() -> None:
    with serving(lambda _: [b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"], close=True) as port:
        done = load.run(port, payload.repeated(), 2, 30, limit=9)
    assert (done.count, done.wrong) == (9, 0)


def test_a_server_that_leaves() -> None:
    with serving(lambda _: [GOOD[:5]], close=True) as port, pytest.raises(load.Lost):
        load.run(port, payload.repeated(), 1, 1)


def test_waits_for_the_first_right_answer() -> None:
    calls = iter([BAD, BAD, GOOD])
    with serving(lambda _: [next(calls)]) as port:
        assert load.until_right(port, payload.repeated(), 5, lambda: True) > 0
    with pytest.raises(load.Lost):
        load.until_right(port, payload.repeated(), 5, lambda: False)
    with pytest.raises(TimeoutError):
        load.until_right(port, payload.repeated(), 0.02, lambda: True)
