"""Faults on HTTP/2: what a client sees of each, on the frames."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from mock.engine.answer import TEXT, Answer
from mock.engine.clock import Clock
from mock.engine.http import frames
from mock.engine.http.testing import FakeRecord, strike
from mock.engine.http.testing_peer import GET, Peer
from mock.engine.request import Request

BODY = b"0123456789"


class Struck:
    """`fault` makes the strike of the next answer; "/plain" and "/chunks" are not struck twice."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.fault: Callable[[], Any] = lambda: None
        self.record = FakeRecord()

    def handle(self, request: Request) -> Answer:
        if request.path == "/plain":
            return Answer(200, TEXT, b"plain")
        answer = Answer(200, TEXT, chunks=_chunks()) if request.path == "/chunks" else Answer(200, TEXT, BODY)
        answer.strike = self.fault()
        answer.record = self.record  # type: ignore[assignment]
        return answer


async def _chunks() -> AsyncIterator[bytes]:
    for piece in (b"one,", b"two,", b"three"):
        yield piece


@pytest.fixture(name="peer")
def fixture_peer() -> Iterator[Peer]:
    with Peer(Struck()) as peer:
        yield peer


def ask(peer: Peer, kind: str, path: bytes = b"/", seconds: float = 0, **more: Any) -> list[tuple[int, int, bytes]]:
    """Kind, END_STREAM and payload of the frames of stream 1, and those of the connection."""
    engine: Struck = peer.engine
    engine.fault = lambda: strike(kind, engine.clock, **more)
    peer.send(peer.headers(1, (*GET[:2], (b":path", path))))
    peer.turn(seconds)
    return [(frame[0], frame[1] & 1, frame[3] if frame[0] != frames.HEADERS else b"") for frame in peer.frames()]


def alive(peer: Peer) -> bool:
    """Other exchanges go on."""
    if peer.over:
        return False
    peer.send(peer.headers(3, (*GET[:2], (b":path", b"/plain"))))
    return any(frame[0] == frames.DATA and frame[2] == 3 and frame[3] == b"plain" for frame in peer.frames())


HEAD = (frames.HEADERS, 0, b"")
INTERNAL = (frames.RST_STREAM, 0, b"\0\0\0\2")


@pytest.mark.parametrize(
    ("kind", "more", "want"),
    [
        ("reset_before_headers", {}, [INTERNAL]),
        ("reset_before_headers", {"code": 7}, [(frames.RST_STREAM, 1, b"\0\0\0\7")]),
        ("reset_within_headers", {}, [INTERNAL]),
        ("reset_after_headers", {"code": 11}, [HEAD, (frames.RST_STREAM, 0, b"\0\0\0\x0b")]),
        ("reset_within_body", {}, [HEAD, (frames.DATA, 0, b"01234"), INTERNAL]),
        ("reset_within_body", {"after_bytes": 3}, [HEAD, (frames.DATA, 0, b"012"), INTERNAL]),
        ("half_close", {"after_bytes": 2}, [HEAD, (frames.DATA, 0, b"01"), (frames.DATA, 1, b"")]),
    ],
)
def test_the_stream_alone_suffers(
    peer: Peer, kind: str, more: dict[str, Any], want: list[tuple[int, int, bytes]]
) -> None:
    want = [(frame[0], 0 if frame[0] == frames.RST_STREAM else frame[1], frame[2]) for frame in want]
    assert ask(peer, kind, **more) == want
    assert peer.engine.record.ended == ["reset" if "reset" in kind else "cut"]
    assert alive(peer)


def test_a_stream_is_cut_within_a_message(peer: Peer) -> None:
    assert ask(peer, "reset_within_body", b"/chunks", after_bytes=5) == [
        HEAD,
        (frames.DATA, 0, b"one,"),
        (frames.DATA, 0, b"t"),
        INTERNAL,
    ]


def test_truncate_closes_the_connection(peer: Peer) -> None:
    assert ask(peer, "truncate", after_bytes=4) == [HEAD, (frames.DATA, 0, b"0123")]
    assert peer.transport.closed and peer.engine.record.ended == ["cut"]


def test_empty(peer: Peer) -> None:
    assert ask(peer, "empty") == []
    assert peer.transport.closed and peer.engine.record.ended == ["cut"]


def test_garbage(peer: Peer) -> None:
    engine: Struck = peer.engine
    engine.fault = lambda: strike("garbage", engine.clock)
    peer.send(peer.headers(1))
    assert peer.take().startswith(b"\xffgarbage")
    assert peer.transport.closed


def test_goaway_serves_this_stream_and_closes(peer: Peer) -> None:
    got = ask(peer, "goaway", code=11)
    assert got == [(frames.GOAWAY, 0, b"\0\0\0\1\0\0\0\x0b"), HEAD, (frames.DATA, 0, BODY), (frames.DATA, 1, b"")]
    assert peer.over and peer.engine.record.ended == ["complete"]


def test_hang_waits_on_the_sessions_clock(peer: Peer) -> None:
    assert ask(peer, "hang", seconds=0.01) == []
    assert peer.engine.record.ended == [] and alive(peer)
    peer.send(frames.rst_stream(1, 8))
    assert peer.engine.record.ended == ["client gone"] and alive_again(peer)


def alive_again(peer: Peer) -> bool:
    peer.send(peer.headers(5, (*GET[:2], (b":path", b"/plain"))))
    return bool(peer.frames())


def test_delay_and_slow_first_byte(peer: Peer) -> None:
    peer.do(lambda: None)
    assert ask(peer, "delay") == []
    peer._loop.run_until_complete(peer.engine.clock.advance(1e9 + 1))
    assert [frame[0] for frame in peer.frames()] == [frames.HEADERS, frames.DATA, frames.DATA]
    assert peer.engine.record.ended == ["complete"]


def test_dribble(peer: Peer) -> None:
    got = ask(peer, "dribble", seconds=0.15, bytes_=4)
    assert got == [
        HEAD,
        (frames.DATA, 0, b"0123"),
        (frames.DATA, 0, b"4567"),
        (frames.DATA, 0, b"89"),
        (frames.DATA, 1, b""),
    ]


def test_bandwidth(peer: Peer) -> None:
    assert [frame[0] for frame in ask(peer, "bandwidth", seconds=0.02, bytes_=20)] == [frames.HEADERS]
    peer.turn(0.7)
    assert b"".join(frame[3] for frame in peer.frames() if frame[0] == frames.DATA) == BODY


def test_faults_wait_for_windows_too(peer: Peer) -> None:
    peer.send(frames.settings([(frames.INITIAL_WINDOW_SIZE, 3)]))
    peer.frames()
    assert ask(peer, "reset_within_body", after_bytes=5) == [HEAD, (frames.DATA, 0, b"012")]
    peer.send(frames.window_update(1, 100))
    assert [(frame[0], frame[3]) for frame in peer.frames()] == [(frames.DATA, b"34"), (frames.RST_STREAM, b"\0\0\0\2")]
