import gzip
import zlib
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from mock.engine.journal import messages
from mock.engine.journal.messages import EVENTS, FRAMES, LINES
from mock.engine.journal.testing import frame
from mock.engine.journal.unpack import unpacker


@pytest.mark.parametrize(
    ("how", "parts"),
    [
        (LINES, [b'{"a":1}\n', b"\n", b"2\r\n"]),
        (EVENTS, [b"data: 1\n\n", b"event: x\r\ndata: 2\r\n\r\n", b": beat\n\n", b"data: 3\r\r"]),
        (FRAMES, [frame(b""), frame(b"abc"), frame(b"x" * 300, packed=True)]),
    ],
)
@given(data=st.data())
def test_messages_do_not_depend_on_pieces(how: str, parts: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    found = list(messages.split(how, [(float(number), piece) for number, piece in enumerate(pieces)]))
    assert [part for _, part in found] == parts
    ends = [sum(len(piece) for piece in pieces[: number + 1]) for number in range(len(pieces))]
    done = 0
    for at, part in found:
        done += len(part)
        assert ends[int(at)] >= done
        assert int(at) == 0 or ends[int(at) - 1] < done


def test_a_rest_without_an_end_comes_last() -> None:
    assert [part for _, part in messages.split(LINES, [(0.0, b"1\n2")])] == [b"1\n", b"2"]
    assert [part for _, part in messages.split(FRAMES, [(0.0, frame(b"ab")[:-1])])] == [frame(b"ab")[:-1]]


@pytest.mark.parametrize(
    ("content_type", "how"),
    [
        ("application/x-ndjson", LINES),
        ("Application/NDJSON; charset=utf-8", LINES),
        ("text/event-stream;charset=utf-8", EVENTS),
        ("application/grpc+proto", FRAMES),
        ("application/json", None),
        ("", None),
    ],
)
def test_kinds(content_type: str, how: str | None) -> None:
    assert messages.kind(content_type) == how


def test_frames_are_unpacked() -> None:
    assert messages.payload(frame(b"abc"), "", 100) == b"abc"
    assert messages.payload(frame(gzip.compress(b"abc"), packed=True), "gzip", 100) == b"abc"
    for bad, encoding in ((frame(b"abc")[:-1], ""), (frame(b"abc", packed=True), "snappy"), (b"", "")):
        with pytest.raises(ValueError):
            messages.payload(bad, encoding, 100)


def test_data_of_events() -> None:
    assert messages.event_data(b"data: {}\n\n") == b"{}"
    assert messages.event_data(b"data:a\r\ndata: b\r\n\r\n") == b"a\nb"
    assert messages.event_data(b"event: x\ndata: 1\n\n") is None
    assert messages.event_data(b": beat\n\n") is None


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": lambda data: gzip.compress(data[:3]) + gzip.compress(data[3:]),
    "deflate": zlib.compress,
    " Deflate": deflated,
    "zstd": zstandard.compress,
    "identity": bytes,
}


@pytest.mark.parametrize("encoding", PACKERS)
@given(data=st.binary(max_size=2000), size=st.integers(1, 500))
def test_content_encodings_come_off_piece_by_piece(encoding: str, data: bytes, size: int) -> None:
    packed = PACKERS[encoding](data)
    unpack = unpacker(encoding, 10_000)
    assert unpack is not None
    assert b"".join(unpack.feed(packed[at : at + size]) for at in range(0, len(packed), size)) == data


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_a_bomb_gives_no_more_than_the_limit(encoding: str) -> None:
    unpack = unpacker(encoding, 1000)
    assert unpack is not None
    assert len(unpack.feed(PACKERS[encoding](bytes(20_000_000)))) == 1000
    assert unpack.feed(b"more") == b""


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_what_is_not_packed_is_refused(encoding: str) -> None:
    unpack = unpacker(encoding, 1000)
    assert unpack is not None
    with pytest.raises(ValueError):
        unpack.feed(b"\xff" * 40)


def test_an_unknown_encoding() -> None:
    assert unpacker("br", 1000) is None
