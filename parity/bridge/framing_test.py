from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity.bridge.framing import HEADER, FrameCut, FrameEmpty, FrameError, Frames, FrameTooLong, frame


def test_length_is_four_bytes_big_endian() -> None:
    assert frame(b"ab") == b"\x00\x00\x00\x02ab"
    assert frame("é".encode())[:HEADER] == b"\x00\x00\x00\x02"


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=8), st.data())
def test_any_cut_of_the_stream_gives_the_same_bodies(bodies: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(map(frame, bodies))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    frames, found = Frames(), []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += frames.feed(stream[start:stop])
    frames.end()
    assert found == bodies


@given(st.binary(max_size=200))
def test_garbage_gives_bodies_or_a_typed_error(garbage: bytes) -> None:
    frames, bodies = Frames(limit=64), []
    try:
        bodies = frames.feed(garbage)
        frames.end()
    except FrameError:
        assert garbage[: len(b"".join(map(frame, bodies)))] == b"".join(map(frame, bodies))
    else:
        assert b"".join(map(frame, bodies)) == garbage


def test_the_limit_itself_is_allowed() -> None:
    assert Frames(limit=3).feed(b"\0\0\0\3abc") == [b"abc"]
    with pytest.raises(FrameTooLong) as caught:
        Frames(limit=2).feed(b"\0\0\0\3abc")
    assert (caught.value.length, caught.value.limit) == (3, 2)


def test_what_is_too_long_or_empty_is_not_written() -> None:
    with pytest.raises(FrameTooLong):
        frame(b"abc", limit=2)
    with pytest.raises(FrameEmpty):
        frame(b"")


def test_text_on_the_pipe_is_called_by_its_name() -> None:
    with pytest.raises(FrameTooLong, match='text "Warn": is something printed there'):
        Frames().feed(b"Warning: deprecated\n")


def test_an_over_long_frame_is_known_from_its_header() -> None:
    with pytest.raises(FrameTooLong, match="4,294,967,295 bytes"):
        Frames().feed(b"\xff\xff\xff\xff")


def test_frames_before_the_fault_are_not_lost() -> None:
    frames = Frames()
    assert frames.feed(frame(b"good") + b"\0\0\0\0") == [b"good"]
    assert isinstance(frames.error, FrameEmpty)
    with pytest.raises(FrameEmpty):
        frames.feed(frame(b"later"))
    with pytest.raises(FrameEmpty):
        frames.end()


@pytest.mark.parametrize(
    ("stream", "got", "wanted", "part"),
    [(b"\0\0", 2, 4, "header"), (b"\0\0\0\5", 0, 5, "body"), (b"\0\0\0\5abc", 3, 5, "body")],
)
def test_the_end_inside_a_frame(stream: bytes, got: int, wanted: int, part: str) -> None:
    frames = Frames()
    assert frames.feed(stream) == []
    with pytest.raises(FrameCut) as caught:
        frames.end()
    assert (caught.value.got, caught.value.wanted, caught.value.part) == (got, wanted, part)
