"""RFC 9113, a test per section or rule; the peer is ours, so that it can break the rules."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from mock.engine.http import floods, frames
from mock.engine.http.frames import Code
from mock.engine.http.inlet import STREAM_WINDOW, STREAMS, WINDOW
from mock.engine.http.testing_peer import GET, POST, SETTINGS, Peer

DATA, HEADERS, CONTINUATION = frames.DATA, frames.HEADERS, frames.CONTINUATION


@pytest.fixture(name="peer")
def fixture_peer() -> Iterator[Peer]:
    with Peer() as peer:
        yield peer


@pytest.fixture(name="frozen")
def fixture_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time passes for what a peer is allowed: else a slow machine allows more."""
    now = time.monotonic()
    monkeypatch.setattr(floods, "time", SimpleNamespace(monotonic=lambda: now))


def kinds(peer: Peer) -> list[int]:
    return [frame[0] for frame in peer.frames()]


# 3 Starting HTTP/2


def test_3_4_the_server_begins_with_settings_and_acknowledges() -> None:
    with Peer(greet=False) as peer:
        assert kinds(peer)[0] == frames.SETTINGS
        peer.send(frames.PREFACE + SETTINGS)
        assert peer.take() == frames.SETTINGS_ACK


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"])
def test_3_4_another_preface(first: bytes) -> None:
    with Peer(greet=False) as peer:
        peer.send(first)
        assert peer.goes_away(Code.PROTOCOL_ERROR)


def test_3_4_a_preface_in_pieces() -> None:
    with Peer(greet=False) as peer:
        for byte in frames.PREFACE + SETTINGS:
            peer.send(bytes((byte,)))
        peer.send(peer.headers(1))
        assert peer.answer()[0][":status"] == "200"


@pytest.mark.parametrize("first", [frames.SETTINGS_ACK, frames.ping_ack(b"12345678"), frames.headers(1, b"\x82", True)])
def test_3_4_the_first_frame_is_settings(first: bytes) -> None:
    with Peer(greet=False) as peer:
        peer.send(frames.PREFACE + first)
        assert peer.goes_away(Code.PROTOCOL_ERROR)


# 4 Frames


def test_4_1_unknown_types_flags_and_the_reserved_bit(peer: Peer) -> None:
    block = peer.block()
    peer.send(frames.frame(0x42, 0xFF, 5, b"what"), frames.frame(HEADERS, 0x05 | 0x50, 1 | 1 << 31, block))
    assert peer.answer()[0][":status"] == "200"


def test_4_2_a_frame_above_the_size_that_was_said(peer: Peer) -> None:
    peer.send(peer.headers(1, POST, end=False) + frames.data(1, b"x" * 16_385, True))
    assert peer.goes_away(Code.FRAME_SIZE_ERROR)


def test_4_2_the_largest_frame(peer: Peer) -> None:
    peer.send(peer.headers(1, POST, end=False), frames.data(1, b"x" * 16_384, True))
    assert b'"size": 16384' in peer.answer()[1]


def test_4_2_answers_keep_to_the_peers_frame_size(peer: Peer) -> None:
    peer.send(peer.headers(1, (*GET[:2], (b":path", b"/bytes/40000"), GET[3])))
    assert max(len(frame[3]) for frame in peer.frames()) == 16_384
    peer.send(
        frames.settings([(frames.MAX_FRAME_SIZE, 30_000)]), peer.headers(3, (*GET[:2], (b":path", b"/bytes/20000")))
    )
    assert max(len(frame[3]) for frame in peer.frames()) == 20_000


def test_4_3_a_block_that_is_none(peer: Peer) -> None:
    peer.send(frames.headers(1, b"\x82\xff\xff\xff\xff\xff\xff", True))
    assert peer.goes_away(Code.COMPRESSION_ERROR)


# 5 Streams


def test_5_1_frames_on_idle_streams() -> None:
    for frame in (frames.data(1, b"x", True), frames.window_update(1, 1), frames.rst_stream(1, 8)):
        with Peer() as peer:
            peer.send(frame)
            assert peer.goes_away(Code.PROTOCOL_ERROR)


def test_5_1_half_closed_by_the_peer(peer: Peer) -> None:
    wait = (*POST[:2], (b":path", b"/wait"))
    peer.send(peer.headers(1, wait), frames.data(1, b"late", True))
    assert peer.resets(1, Code.STREAM_CLOSED)
    peer.send(peer.headers(3, wait), peer.headers(3, (), (b"x", b"y")))
    assert peer.resets(3, Code.STREAM_CLOSED)


def test_5_1_closed_with_data(peer: Peer) -> None:
    peer.send(peer.headers(1), frames.data(1, b"late", True))
    assert peer.resets(1, Code.STREAM_CLOSED)


def test_5_1_closed_with_headers(peer: Peer) -> None:
    peer.send(peer.headers(1), peer.headers(1))
    assert peer.goes_away(Code.STREAM_CLOSED)


def test_5_1_closed_and_windows_priorities_and_resets_are_ignored(peer: Peer) -> None:
    peer.send(peer.headers(1))
    peer.frames()
    peer.send(frames.window_update(1, 5), frames.rst_stream(1, 8), frames.frame(frames.PRIORITY, 0, 1, b"\0\0\0\3\1"))
    assert not peer.over and peer.take() == b""


def test_5_1_a_stream_that_we_reset_may_have_frames_on_the_way(peer: Peer) -> None:
    peer.send(peer.headers(1, POST, (b"content-length", b"1"), end=False), frames.data(1, b"xx", False))
    assert peer.resets(1, Code.PROTOCOL_ERROR)
    # The block counts for the table, the data for the window, nothing else does.
    peer.send(frames.data(1, b"more", False), peer.headers(1, (), (b"x-new", b"entry")), frames.rst_stream(1, 8))
    peer.send(peer.headers(3, GET, (b"x-new", b"entry")))
    assert b'["x-new", "entry"]' in peer.answer(3)[1]


def test_5_1_1_numbers() -> None:
    with Peer() as peer:
        peer.send(peer.headers(2))
        assert peer.goes_away(Code.PROTOCOL_ERROR)
    with Peer() as peer:
        peer.send(peer.headers(5), peer.headers(3))
        assert peer.goes_away(Code.PROTOCOL_ERROR)


def test_5_1_2_too_many_streams(peer: Peer) -> None:
    wait = (*GET[:2], (b":path", b"/wait"))
    peer.send(*[peer.headers(number, wait) for number in range(1, 2 * STREAMS + 1, 2)])
    assert peer.take() == b""
    peer.send(peer.headers(2 * STREAMS + 1))
    assert peer.resets(2 * STREAMS + 1, Code.REFUSED_STREAM)
    # One goes, one may come.
    peer.send(frames.rst_stream(1, 8), peer.headers(2 * STREAMS + 3))
    assert peer.answer(2 * STREAMS + 3)[0][":status"] == "200"


def test_5_2_flow_control_both_ways(peer: Peer) -> None:
    peer.send(frames.settings([(frames.INITIAL_WINDOW_SIZE, 10)]))
    peer.take()
    peer.send(peer.headers(1, (*GET[:2], (b":path", b"/bytes/25"))))
    assert peer.answer()[1] == b"x" * 10
    peer.send(frames.window_update(1, 5))
    assert peer.answer()[1] == b"x" * 5
    peer.send(frames.window_update(1, 500))
    assert peer.answer()[1] == b"x" * 10


def test_5_2_the_connections_window_is_shared(peer: Peer) -> None:
    path = (*GET[:2], (b":path", b"/bytes/40000"))
    peer.send(frames.settings([(frames.INITIAL_WINDOW_SIZE, 100_000)]), peer.headers(1, path), peer.headers(3, path))
    sent = {1: 0, 3: 0}
    for kind, _, number, payload in peer.frames():
        if kind == DATA:
            sent[number] += len(payload)
    assert sent == {1: 40_000, 3: 25_535}
    peer.send(frames.window_update(0, 20_000))
    assert len(peer.answer(3)[1]) == 14_465


def test_5_3_priority_is_read_over(peer: Peer) -> None:
    block = peer.block()
    peer.send(
        frames.frame(frames.PRIORITY, 0, 7, b"\0\0\0\5\1"), frames.frame(HEADERS, 0x25, 1, b"\0\0\0\7\xff" + block)
    )
    assert peer.answer()[0][":status"] == "200"


def test_5_3_a_stream_that_depends_on_itself(peer: Peer) -> None:
    peer.send(frames.frame(HEADERS, 0x25, 1, b"\0\0\0\1\xff" + peer.block()))
    assert peer.resets(1, Code.PROTOCOL_ERROR)


def test_5_4_1_the_reason_is_told(peer: Peer) -> None:
    peer.send(frames.headers(3, peer.block(), True))
    peer.frames()
    peer.send(frames.frame(frames.PING, 0, 0, b"short"))
    (goaway,) = peer.frames()
    assert goaway[3] == b"\0\0\0\3\0\0\0\6PING of 5 bytes; it has 8"


# 6 Frame definitions


def test_6_1_padding(peer: Peer) -> None:
    peer.send(peer.headers(1, POST, end=False), frames.frame(DATA, 0x9, 1, b"\4body\0\0\0\0"))
    assert b'"body": "body"' in peer.answer()[1]


@pytest.mark.parametrize("payload", [b"\5body", b"\1", b"\x0a"])
def test_6_1_padding_that_is_longer_than_the_frame(peer: Peer, payload: bytes) -> None:
    peer.send(peer.headers(1, POST, end=False), frames.frame(DATA, 0x9, 1, payload))
    assert peer.goes_away(Code.PROTOCOL_ERROR)


def test_6_1_padding_counts_for_the_window(peer: Peer) -> None:
    peer.send(peer.headers(1, POST, end=False))
    padded = frames.frame(DATA, 0x8, 1, b"\xff" + b"d" + b"\0" * 255)
    peer.send(padded * (STREAM_WINDOW // 2 // 257 + 1))
    assert (frames.WINDOW_UPDATE, 1) in [(frame[0], frame[2]) for frame in peer.frames()]


@pytest.mark.parametrize("kind", [DATA, HEADERS, frames.PRIORITY, frames.RST_STREAM, CONTINUATION])
def test_6_frames_of_streams_on_the_connection(peer: Peer, kind: int) -> None:
    peer.send(frames.frame(kind, 0x4, 0, b"\0\0\0\0\0"[: 4 if kind == frames.RST_STREAM else 5]))
    assert peer.goes_away(Code.PROTOCOL_ERROR)


@pytest.mark.parametrize("kind", [frames.SETTINGS, frames.PING, frames.GOAWAY])
def test_6_frames_of_the_connection_on_a_stream(peer: Peer, kind: int) -> None:
    peer.send(peer.headers(1, (*GET[:2], (b":path", b"/wait"))), frames.frame(kind, 0, 1, b"\0" * 8))
    assert peer.goes_away(Code.PROTOCOL_ERROR)


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (frames.RST_STREAM, b"\0\0\0"),
        (frames.SETTINGS, b"\0\1\0\0\0"),
        (frames.PING, b"1234567"),
        (frames.GOAWAY, b"1234567"),
        (frames.WINDOW_UPDATE, b"\0\0\0\0\1"),
    ],
)
def test_6_lengths(peer: Peer, kind: int, payload: bytes) -> None:
    number = 1 if kind == frames.RST_STREAM else 0
    peer.send(peer.headers(1, (*GET[:2], (b":path", b"/wait"))), frames.frame(kind, 0, number, payload))
    assert peer.goes_away(Code.FRAME_SIZE_ERROR)


def test_6_2_a_head_in_many_pieces(peer: Peer) -> None:
    block = peer.block()
    pieces = [block[at : at + 3] for at in range(0, len(block), 3)]
    peer.send(frames.frame(HEADERS, 0x1, 1, pieces[0]))
    for piece in pieces[1:-1]:
        peer.send(frames.frame(CONTINUATION, 0, 1, piece))
    peer.send(frames.frame(CONTINUATION, 0x4, 1, pieces[-1]))
    assert peer.answer()[0][":status"] == "200"


@pytest.mark.parametrize(
    "between", [frames.ping_ack(b"12345678"), frames.frame(CONTINUATION, 4, 3, b""), frames.frame(0x42, 0, 0)]
)
def test_6_2_nothing_comes_between_the_pieces_of_a_head(peer: Peer, between: bytes) -> None:
    peer.send(frames.frame(HEADERS, 0x1, 1, b"\x82"), between)
    assert peer.goes_away(Code.PROTOCOL_ERROR)


def test_6_3_priority_of_another_length(peer: Peer) -> None:
    peer.send(peer.headers(1, (*GET[:2], (b":path", b"/wait"))), frames.frame(frames.PRIORITY, 0, 1, b"1234"))
    assert peer.resets(1, Code.FRAME_SIZE_ERROR)


def test_6_4_rst_stream_ends_the_exchange(peer: Peer) -> None:
    peer.send(peer.headers(1, (*GET[:2], (b":path", b"/wait"))))
    peer.send(frames.rst_stream(1, Code.CANCEL))
    assert peer.engine.closed == 1


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        (frames.ENABLE_PUSH, 2, Code.PROTOCOL_ERROR),
        (frames.INITIAL_WINDOW_SIZE, 2**31, Code.FLOW_CONTROL_ERROR),
        (frames.MAX_FRAME_SIZE, 16_383, Code.PROTOCOL_ERROR),
        (frames.MAX_FRAME_SIZE, 2**24, Code.PROTOCOL_ERROR),
    ],
)
def test_6_5_2_settings_that_are_not_allowed(peer: Peer, name: int, value: int, code: Code) -> None:
    peer.send(frames.settings([(name, value)]))
    assert peer.goes_away(code)


def test_6_5_2_unknown_settings_are_ignored(peer: Peer) -> None:
    peer.send(frames.settings([(0x99, 7)]))
    assert peer.take() == frames.SETTINGS_ACK


def test_6_5_3_an_acknowledgement_is_empty(peer: Peer) -> None:
    peer.send(frames.frame(frames.SETTINGS, frames.ACK, 0, b"\0\1\0\0\0\1"))
    assert peer.goes_away(Code.FRAME_SIZE_ERROR)


def test_6_6_a_client_does_not_push(peer: Peer) -> None:
    peer.send(frames.frame(frames.PUSH_PROMISE, 0x4, 1, b"\0\0\0\2\x82"))
    assert peer.goes_away(Code.PROTOCOL_ERROR)


def test_6_7_ping(peer: Peer) -> None:
    peer.send(frames.frame(frames.PING, 0, 0, b"12345678"), frames.ping_ack(b"not ours"))
    assert peer.frames() == [(frames.PING, frames.ACK, 0, b"12345678")]


def test_6_8_goaway_of_the_client_lets_answers_out(peer: Peer) -> None:
    peer.send(peer.headers(1, POST, end=False), frames.goaway(0, Code.NO_ERROR))
    peer.send(frames.data(1, b"x", True))
    assert peer.answer()[0][":status"] == "200"


def test_6_8_a_server_that_leaves(peer: Peer) -> None:
    peer.send(peer.headers(1, POST, end=False))
    peer.do(peer.front.close)
    assert peer.frames() == [(frames.GOAWAY, 0, 0, b"\0\0\0\1\0\0\0\0")]
    # New streams are not looked at, the open one is finished, then the connection closes.
    peer.send(peer.headers(3), frames.window_update(3, 1), frames.data(3, b"", True))
    assert peer.take() == b"" and not peer.over
    peer.send(frames.data(1, b"x", True))
    assert b'"size": 1' in peer.answer()[1]
    assert peer.over


def test_6_9_windows_by_zero(peer: Peer) -> None:
    peer.send(peer.headers(1, (*GET[:2], (b":path", b"/wait"))), frames.window_update(1, 0))
    assert peer.resets(1, Code.PROTOCOL_ERROR)
    peer.send(frames.window_update(0, 0))
    assert peer.goes_away(Code.PROTOCOL_ERROR)


def test_6_9_1_data_beyond_the_streams_window() -> None:
    with Peer() as peer:
        # A reader that does not read: the call of gRPC waits.
        fields = (*POST[:2], (b":path", b"/wait"), (b"content-type", b"application/grpc"))
        peer.send(peer.headers(1, fields, end=False))
        piece = frames.data(1, b"x" * 16_384, False)
        for _ in range(STREAM_WINDOW // 16_384):
            peer.send(piece)
        assert peer.take() == b""
        peer.send(piece)
        assert peer.resets(1, Code.FLOW_CONTROL_ERROR)


def test_6_9_1_data_beyond_the_connections_window(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer.front._inlet, "_credit", 10)
    peer.send(peer.headers(1, POST, end=False), frames.data(1, b"x" * 11, False))
    assert peer.goes_away(Code.FLOW_CONTROL_ERROR)


def test_6_9_1_what_is_read_is_given_back(peer: Peer) -> None:
    """A body of two connection windows gets through, frame by frame, and never more than a window is out."""
    peer.send(peer.headers(1, POST, end=False))
    credit = {0: WINDOW, 1: STREAM_WINDOW}
    left = 2 * WINDOW
    while left:
        size = min(16_384, left, *credit.values())
        assert size, "stuck"
        left -= size
        credit = {number: value - size for number, value in credit.items()}
        peer.send(frames.data(1, b"x" * size, not left))
        for kind, _, number, payload in peer.frames():
            if kind == frames.WINDOW_UPDATE:
                credit[number] += frames.uint31(payload)
                assert credit[number] <= (WINDOW, STREAM_WINDOW)[number]
    assert peer.engine.records[0].ended == ["complete"]


def test_6_9_1_windows_that_grow_too_large(peer: Peer) -> None:
    peer.send(peer.headers(1, (*GET[:2], (b":path", b"/wait"))), frames.window_update(1, 2**31 - 1))
    assert peer.resets(1, Code.FLOW_CONTROL_ERROR)
    peer.send(frames.window_update(0, 2**31 - 1))
    assert peer.goes_away(Code.FLOW_CONTROL_ERROR)


def test_6_9_2_a_window_may_become_negative(peer: Peer) -> None:
    peer.send(frames.settings([(frames.INITIAL_WINDOW_SIZE, 10)]))
    peer.send(peer.headers(1, (*GET[:2], (b":path", b"/bytes/20"))))
    peer.frames()
    peer.send(frames.settings([(frames.INITIAL_WINDOW_SIZE, 2)]))  # -8 now
    peer.send(frames.window_update(1, 8))
    assert DATA not in kinds(peer)
    peer.send(frames.window_update(1, 1))
    assert peer.answer()[1] == b"x"
    peer.send(frames.settings([(frames.INITIAL_WINDOW_SIZE, 100)]))
    assert peer.answer()[1] == b"x" * 9


def test_6_9_2_the_first_window_that_makes_another_too_large(peer: Peer) -> None:
    peer.send(peer.headers(1, (*GET[:2], (b":path", b"/wait"))), frames.window_update(1, 2**31 - 1 - 65_535))
    peer.send(frames.settings([(frames.INITIAL_WINDOW_SIZE, 65_536)]))
    assert peer.goes_away(Code.FLOW_CONTROL_ERROR)


def test_6_10_continuation_without_headers(peer: Peer) -> None:
    peer.send(frames.frame(CONTINUATION, 0x4, 1, peer.block()))
    assert peer.goes_away(Code.PROTOCOL_ERROR)


# 8 HTTP


def test_8_1_trailers_of_a_request(peer: Peer) -> None:
    peer.send(peer.headers(1, POST, end=False), frames.data(1, b"x", False), peer.headers(1, (), (b"x-sum", b"1")))
    assert b'"size": 1' in peer.answer()[1]


def test_8_1_trailers_end_the_stream(peer: Peer) -> None:
    peer.send(peer.headers(1, POST, end=False), peer.headers(1, (), (b"x-sum", b"1"), end=False))
    assert peer.resets(1, Code.PROTOCOL_ERROR)


def test_8_1_trailers_have_no_pseudo_headers(peer: Peer) -> None:
    peer.send(peer.headers(1, POST, end=False), peer.headers(1, ((b":path", b"/"),)))
    assert peer.resets(1, Code.PROTOCOL_ERROR)


def test_8_1_an_early_answer_asks_for_no_more(peer: Peer) -> None:
    early = (*POST[:2], (b":path", b"/early"), (b"content-length", b"9000000"))
    peer.send(peer.headers(1, early, end=False))
    got = peer.frames()
    assert [frame[0] for frame in got] == [HEADERS, DATA, frames.RST_STREAM]
    assert got[1][1] & frames.END_STREAM and got[2][3] == b"\0\0\0\0"


@pytest.mark.parametrize("body", [b"", b"xx"])
def test_8_1_1_content_length_and_what_comes(peer: Peer, body: bytes) -> None:
    peer.send(peer.headers(1, POST, (b"content-length", b"1"), end=not body))
    if body:
        peer.send(frames.data(1, body, True))
    assert peer.resets(1, Code.PROTOCOL_ERROR)


@pytest.mark.parametrize(
    "fields",
    [
        [*GET, (b"X-Upper", b"1")],
        [*GET, (b"connection", b"close")],
        [*GET, (b"transfer-encoding", b"chunked")],
        [*GET, (b"te", b"gzip")],
        [*GET, (b"x y", b"1")],
        [*GET, (b"", b"1")],
        [*GET, (b"x", b"a\nb")],
        [*GET, (b"x", b"a\0b")],
        [*GET, (b"x", b" a")],
        [*GET, (b"x", b"a\t")],
        [*GET, (b"host", b"elsewhere")],
        [*GET, (b"content-length", b"-1")],
        [*GET, (b"content-length", b"0"), (b"content-length", b"1")],
        [*GET[1:]],
        [GET[0], *GET[2:]],
        [*GET[:2], GET[3]],
        [*GET, GET[0]],
        [*GET, (b":path", b"/")],
        [*GET, (b":status", b"200")],
        [*GET, (b":other", b"1")],
        [*GET[:3], (b"x", b"1"), GET[3]],
        [*GET[:2], (b":path", b"")],
        [*GET[:2], (b":path", b"relative")],
        [*GET[:2], (b":path", b"*")],
        [*GET[:2], (b":path", b"/with space")],
        [(b":method", b""), *GET[1:]],
        [(b":method", b"CONNECT"), *GET[1:]],
    ],
)  # fmt: skip
def test_8_2_and_8_3_malformed_heads(peer: Peer, fields: list[tuple[bytes, bytes]]) -> None:
    peer.send(peer.headers(1, fields))
    assert peer.resets(1, Code.PROTOCOL_ERROR)
    assert peer.engine.records == []


def test_8_2_3_crumbs_are_one_cookie(peer: Peer) -> None:
    peer.send(peer.headers(1, GET, (b"cookie", b"a=1"), (b"x", b"y"), (b"cookie", b"b=2")))
    body = peer.answer()[1]
    assert b'["cookie", "a=1; b=2"]' in body and body.count(b'"cookie"') == 1


def test_8_2_2_an_answer_has_no_fields_of_the_connection(peer: Peer) -> None:
    peer.send(peer.headers(1, (*GET[:2], (b":path", b"/headers"))))
    head, _ = peer.answer()
    assert head.pop("date")
    assert head == {":status": "200", "x-upper": "1", "content-length": "2"}


def test_8_3_1_the_authority_is_the_host(peer: Peer) -> None:
    peer.send(peer.headers(1, (*GET[:3], (b":authority", b"mock.test"))))
    assert b'[["host", "mock.test"]]' in peer.answer()[1]


def test_8_5_connect_and_options(peer: Peer) -> None:
    peer.send(peer.headers(1, ((b":method", b"CONNECT"), (b":authority", b"a/b:1"))))
    assert b'"target": "a/b:1"' in peer.answer()[1]
    peer.send(peer.headers(3, ((b":method", b"OPTIONS"), (b":scheme", b"http"), (b":path", b"*"))))
    assert b'"target": "*"' in peer.answer(3)[1]


def test_8_6_head_and_statuses_without_a_body(peer: Peer) -> None:
    peer.send(peer.headers(1, ((b":method", b"HEAD"), GET[1], (b":path", b"/bytes/7"))))
    head, body = peer.answer()
    assert (head["content-length"], body) == ("7", b"")
    for number, status in ((3, "204"), (5, "304")):
        peer.send(peer.headers(number, (*GET[:2], (b":path", b"/status/" + status.encode()))))
        head, body = peer.answer(number)
        assert (head[":status"], head.get("content-length"), body) == (status, None, b"")


def test_8_continue_is_said_to_those_who_wait_for_it(peer: Peer) -> None:
    peer.send(peer.headers(1, POST, (b"expect", b"100-continue"), end=False))
    assert peer.answer()[0] == {":status": "100"}
    peer.send(frames.data(1, b"x", True))
    assert peer.answer()[0][":status"] == "200"
    peer.send(peer.headers(3, POST, (b"expect", b"100-continue"), end=False), frames.data(3, b"x", True))
    assert peer.answer(3)[0][":status"] == "200"


def test_8_trailers_of_an_answer(peer: Peer) -> None:
    peer.send(peer.headers(1, (*GET[:2], (b":path", b"/trailers"))))
    got = peer.frames()
    assert [(frame[0], frame[1] & 1) for frame in got] == [(HEADERS, 0), (DATA, 0), (HEADERS, 1)]
    assert (b":status", b"200") in list(peer.decoder.decode(got[0][3], raw=True))
    assert list(peer.decoder.decode(got[2][3], raw=True)) == [(b"x-after", b"yes")]


# 10 Security


def test_10_3_no_second_head_in_a_value(peer: Peer) -> None:
    peer.send(peer.headers(1, GET, (b"x", b"a\r\nhost: evil")))
    assert peer.resets(1, Code.PROTOCOL_ERROR)


@pytest.mark.parametrize(
    "frame",
    [
        frames.frame(frames.PING, 0, 0, b"12345678"),
        SETTINGS,
        frames.frame(frames.PRIORITY, 0, 1, b"\0\0\0\3\1"),
        frames.data(1, b"", False),
        frames.frame(DATA, 0x8, 1, b"\3\0\0\0"),
        frames.frame(0x42, 0, 0),
    ],
)
@pytest.mark.usefixtures("frozen")
def test_10_5_floods(peer: Peer, frame: bytes) -> None:
    peer.send(peer.headers(1, POST, end=False))
    peer.send(frame * 500)
    assert not peer.over
    peer.send(frame * 5_000)
    assert peer.goes_away(Code.ENHANCE_YOUR_CALM)


@pytest.mark.usefixtures("frozen")
def test_10_5_rapid_reset(peer: Peer) -> None:
    wait = (*GET[:2], (b":path", b"/wait"))
    for number in range(1, 20_001, 2):
        peer.send(peer.headers(number, wait), frames.rst_stream(number, 8))
        if peer.over:
            break
    assert peer.goes_away(Code.ENHANCE_YOUR_CALM)
    assert not peer.front._inlet.streams


def test_10_5_1_continuations_without_end(peer: Peer) -> None:
    peer.send(frames.frame(HEADERS, 1, 1, b""))
    for _ in range(100):
        peer.send(frames.frame(CONTINUATION, 0, 1, b""))
        if peer.over:
            break
    assert peer.goes_away(Code.ENHANCE_YOUR_CALM)


def test_10_5_1_a_head_that_is_too_large(peer: Peer) -> None:
    """65,536 bytes: told by an answer, since the table is still right."""
    peer.send(peer.headers(1, GET, *[(b"x-%d" % at, b"v" * 4_000) for at in range(17)]))
    assert peer.answer()[0][":status"] == "431"
    peer.send(peer.headers(3))
    assert peer.answer(3)[0][":status"] == "200"


def test_10_5_an_answer_that_nobody_reads_waits(peer: Peer) -> None:
    peer.do(peer.front.pause_writing)
    peer.send(peer.headers(1, (*GET[:2], (b":path", b"/bytes/50000"))))
    assert kinds(peer) == [HEADERS]
    peer.do(peer.front.resume_writing)
    assert len(peer.answer()[1]) == 50_000


def test_10_5_a_peer_that_asks_and_never_reads_is_cut(peer: Peer) -> None:
    peer.do(peer.front.pause_writing)
    peer.transport.held = 2**23
    peer.send(frames.frame(frames.PING, 0, 0, b"12345678"))
    assert peer.transport.closed
