"""Any frames in any order: never a crash, a hang or memory that stays; and only legal frames come back.

Two judges: a model of what a server may say, for peers that break rules, and the h2 package, for peers that do not.

FUZZ_TIMES is how many times the usual number of examples is tried; other seeds are other examples:
`./bazelw test //mock/engine/http:http2_fuzz_test --test_env=FUZZ_TIMES=100 --test_env=TEST_RANDOM_SEED=7
--test_timeout=3600`.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter

import h2.config
import h2.connection
import h2.events
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock.engine.http import frames, http2
from mock.engine.http.frames import FrameReader, GoAway
from mock.engine.http.inlet import STREAMS
from mock.engine.http.testing_peer import GET, POST, SETTINGS, Peer

PATHS = (
    b"/",
    b"/bytes/0",
    b"/bytes/70000",
    b"/chunks/5",
    b"/wait",
    b"/broken",
    b"/early",
    b"/trailers",
    b"/status/204",
)
STREAM = st.sampled_from([0, 1, 2, 3, 5, 7, 9, 2**31 - 1])
KINDS = st.integers(0, 10)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
TIMES = int(os.environ.get("FUZZ_TIMES", "1"))


@st.composite
def some_frame(draw: st.DrawFn) -> bytes:
    """Often one that makes sense, sometimes one that does not."""
    stream = draw(STREAM)
    match draw(st.integers(0, 9)):
        case 0 | 1 | 2:
            fields = draw(st.sampled_from([GET, POST]))
            path = draw(st.sampled_from(PATHS))
            more = draw(st.sampled_from([(), ((b"content-length", b"5"),), ((b"content-type", b"application/grpc"),)]))
            block = Peer.literal((*fields[:2], (b":path", path), *more))
            return frames.headers(stream, block, draw(st.booleans()), draw(st.sampled_from([7, 16_384])))
        case 3 | 4:
            return frames.data(stream, b"d" * draw(st.sampled_from([0, 1, 5, 16_384, 16_385])), draw(st.booleans()))
        case 5:
            return frames.window_update(stream, draw(st.sampled_from([0, 1, 70_000, 2**31 - 1])))
        case 6:
            name = draw(st.integers(0, 9))
            return frames.settings([(name, draw(st.sampled_from([0, 1, 10, 65_535, 16_384, 2**31 - 1, 2**32 - 1])))])
        case 7:
            return frames.rst_stream(stream, draw(st.integers(0, 15)))
        case _:
            return frames.frame(draw(KINDS), draw(st.integers(0, 255)), stream, draw(st.binary(max_size=20)))


@st.composite
def conversation(draw: st.DrawFn) -> list[bytes]:
    """Bytes, read by read: frames, of which a few bytes may be changed, cut where it happens."""
    data = bytearray(b"".join(draw(st.lists(some_frame(), max_size=25))))
    for at, value in draw(
        st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 255)), max_size=draw(st.sampled_from([0, 3])))
    ):
        if data:
            data[at % len(data)] = value
    reads = []
    at = 0
    for size in draw(st.lists(st.integers(1, 400), max_size=8)):
        reads.append(bytes(data[at : at + size]))
        at += size
    return [read for read in (*reads, bytes(data[at:])) if read]


class Model:
    """What a server may say to a peer that said `heard`."""

    def __init__(self) -> None:
        self._heard = FrameReader()
        self._said = FrameReader(frames.LARGEST_FRAME)
        self._window = self._first = frames.DEFAULT_WINDOW
        self._windows: Counter[int] = Counter()  # what each stream has beyond the first window
        self._opened: set[int] = set()
        self._done: set[int] = set()
        self._owed: Counter[str] = Counter()
        self._max_frame = frames.DEFAULT_FRAME
        self._over = False
        self._within = 0  # the stream whose head is not complete

    def heard(self, data: bytes) -> None:
        try:
            for kind, flags, stream, payload in self._heard.frames(data):
                self._hear(kind, flags, stream, payload)
        except GoAway:
            pass

    def _hear(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == frames.HEADERS:
            self._opened.add(stream)
        elif kind == frames.WINDOW_UPDATE and len(payload) == 4:
            if stream:
                self._windows[stream] += frames.uint31(payload)
            else:
                self._window += frames.uint31(payload)
        elif kind == frames.SETTINGS and not flags & frames.ACK:
            self._owed["settings"] += 1
            for name, value in frames.read_settings(payload):
                if name == frames.INITIAL_WINDOW_SIZE:
                    # The largest that was ever allowed: when it took effect is the server's affair.
                    self._first = max(self._first, value)
                elif name == frames.MAX_FRAME_SIZE:
                    self._max_frame = max(self._max_frame, value)
        elif kind == frames.PING and not flags & frames.ACK:
            self._owed["ping"] += 1

    def said(self, data: bytes) -> None:
        for kind, flags, stream, payload in self._said.frames(data):
            assert not self._over, "a frame after GOAWAY for an error"
            assert len(payload) <= self._max_frame
            assert bool(self._within) == (kind == frames.CONTINUATION), "within a head there is nothing else"
            if stream:
                assert stream in self._opened or kind == frames.RST_STREAM, f"stream {stream} was never opened"
                self._stream(kind, flags, stream, payload)
            elif kind == frames.SETTINGS:
                if flags & frames.ACK:
                    self._owed["settings"] -= 1
            elif kind == frames.PING:
                assert flags & frames.ACK
                self._owed["ping"] -= 1
            elif kind == frames.GOAWAY:
                self._over = payload[4:8] != b"\0\0\0\0"
            else:
                assert kind == frames.WINDOW_UPDATE
            assert min(self._owed.values(), default=0) >= 0, "acknowledged what was not said"

    def _stream(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == frames.RST_STREAM:
            self._done.add(stream)
            return
        assert stream not in self._done, f"stream {stream} is at its end"
        if kind in (frames.HEADERS, frames.CONTINUATION):
            self._within = 0 if flags & frames.END_HEADERS else stream
        elif kind == frames.DATA:
            self._window -= len(payload)
            self._windows[stream] -= len(payload)
            if payload:
                assert self._window >= 0 and self._first + self._windows[stream] >= 0, "beyond a window"
        else:
            assert kind == frames.WINDOW_UPDATE
        if kind != frames.CONTINUATION and flags & frames.END_STREAM and kind != frames.WINDOW_UPDATE:
            self._done.add(stream)


@pytest.fixture(autouse=True)
def fixture_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of ours is told and the connection ended; here it is an error."""

    def tell(text: str) -> None:
        assert "Traceback" not in text or "RuntimeError: a defect" in text, text

    monkeypatch.setattr(http2, "_tell", tell)


@settings(max_examples=300 * TIMES, deadline=None, suppress_health_check=[*SLOW, HealthCheck.function_scoped_fixture])
@given(conversation())
def test_any_frames(reads: list[bytes]) -> None:
    with Peer(greet=False) as peer:
        model = Model()
        for read in (frames.PREFACE, SETTINGS, *reads):
            model.heard(read.removeprefix(frames.PREFACE))
            peer.send(read)
            model.said(peer.take())
            assert len(peer.front._inlet.streams) <= STREAMS
            if peer.over:
                break
        front = peer.front
        peer.do(peer.transport.close)
        assert not front._inlet.streams and not front._outlet._blocked
        assert len(asyncio.all_tasks(peer._loop)) == 0
        for record in peer.engine.records:
            assert len(record.ended) == 1, record.ended


@settings(max_examples=100 * TIMES, deadline=None, suppress_health_check=[*SLOW, HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=60), max_size=6), st.booleans())
def test_any_bytes(reads: list[bytes], greeted: bool) -> None:
    with Peer(greet=greeted) as peer:
        for read in reads:
            if not peer.over:
                peer.send(read)
        list(peer.frames())


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["get", "post", "more", "trailers", "cancel", "window", "settings", "ping", "read"]),
        st.integers(0, 8),
        st.integers(0, 40_000),
    ),
    max_size=30,
)


@settings(max_examples=150 * TIMES, deadline=None, suppress_health_check=[*SLOW, HealthCheck.function_scoped_fixture])
@given(ACTIONS, st.sampled_from([0, 1, 100, 65_535]))
def test_a_legal_peer_sees_only_legal_frames(actions: list[tuple[str, int, int]], window: int) -> None:
    """h2 raises at the first frame that is not; and all that was asked is answered in the end."""
    client = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
    client.initiate_connection()
    client.update_settings({4: window})
    waiting: set[int] = set()
    open_: set[int] = set()
    held: Counter[int] = Counter()

    with Peer(greet=False) as peer:

        def exchange() -> None:
            peer.send(client.data_to_send() or b"")
            for event in client.receive_data(peer.take()):
                stream = getattr(event, "stream_id", None) or 0
                if isinstance(event, h2.events.DataReceived):
                    held[stream] += event.flow_controlled_length or 0
                elif isinstance(event, h2.events.StreamEnded | h2.events.StreamReset):
                    waiting.discard(stream)
                    open_.discard(stream)
                    if isinstance(event, h2.events.StreamReset):
                        held.pop(stream, None)
                assert not isinstance(event, h2.events.ConnectionTerminated), event

        def release() -> None:
            for stream, size in list(held.items()):
                client.acknowledge_received_data(size, stream)
            held.clear()

        exchange()
        number = -1
        for action, which, size in actions:
            chosen = sorted(open_)[which % len(open_)] if open_ else None
            if action in ("get", "post"):
                number += 2
                path = PATHS[which].decode()
                fields = [(":method", action.upper()), (":scheme", "http"), (":authority", "a"), (":path", path)]
                client.send_headers(number, fields, end_stream=action == "get")
                waiting.add(number)
                if action == "post":
                    open_.add(number)
            elif action == "more" and chosen:
                room = min(client.local_flow_control_window(chosen), 16_384, size)
                end = size % 2 == 0
                client.send_data(
                    chosen, b"b" * room, end_stream=end, pad_length=size % 7 if room + 8 < 16_384 and room else None
                )
                if end:
                    open_.discard(chosen)
            elif action == "trailers" and chosen:
                client.send_headers(chosen, [("x-after", "1")], end_stream=True)
                open_.discard(chosen)
            elif action == "cancel" and waiting:
                stream = sorted(waiting)[which % len(waiting)]
                client.reset_stream(stream, which)
                waiting.discard(stream)
                open_.discard(stream)
                held.pop(stream, None)
            elif action == "window" and size:
                client.increment_flow_control_window(size)
            elif action == "settings":
                client.update_settings({4: size, 5: 16_384 + size, 1: which * 10})
            elif action == "ping":
                client.ping(b"%08d" % size)
            elif action == "read":
                release()
            exchange()
        for stream in sorted(open_):
            client.end_stream(stream)
        client.update_settings({4: 100_000})
        client.increment_flow_control_window(10**6)
        hanging = {stream for stream in waiting if peer.front._inlet.streams[stream].head.target == "/wait"}
        for _ in range(60):
            release()
            exchange()
            if waiting == hanging:
                break
            peer.turn(0.001)
        assert waiting == hanging
