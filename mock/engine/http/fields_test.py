"""Field blocks against the hpack package."""

from __future__ import annotations

import hpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock.engine.http.fields import NO_TABLE, FieldReader, write_fields, write_status
from mock.engine.http.frames import Code, GoAway

NAMES = st.sampled_from([b":path", b"content-type", b"x-a", b"x-b", b"cookie", b"a" * 200]) | st.binary(min_size=1)
FIELDS = st.lists(st.tuples(NAMES, st.binary(max_size=200) | st.just(b"v" * 3000)), max_size=12)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(FIELDS, st.booleans(), st.sampled_from([None, 0, 100, 4096])), min_size=1, max_size=6))
def test_reading_what_another_wrote(blocks: list[tuple[list[tuple[bytes, bytes]], bool, int | None]]) -> None:
    """Over several blocks, since each may refer to those before it; with tables that shrink and grow."""
    writer = hpack.Encoder()
    reader = FieldReader(10**6)
    for fields, huffman, size in blocks:
        if size is not None:
            writer.header_table_size = size
        assert reader.read(writer.encode(fields, huffman=huffman)) == fields


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=4))
def test_any_bytes_are_read_as_another_reads_them(blocks: list[bytes]) -> None:
    """Or refused, where the other refuses them too."""
    other = hpack.Decoder(max_header_list_size=10**6)
    reader = FieldReader(10**6)
    for block in blocks:
        try:
            want = [tuple(field) for field in other.decode(block, raw=True)]
        except (hpack.HPACKError, IndexError):
            want = None
        if want is None:
            with pytest.raises(GoAway):
                reader.read(block)
            return
        assert reader.read(block) == want


@given(st.lists(st.tuples(NAMES, st.binary(max_size=300)), max_size=10), st.integers(100, 999))
def test_writing_what_another_reads(fields: list[tuple[bytes, bytes]], status: int) -> None:
    block = NO_TABLE + write_status(status) + write_fields(tuple(fields))
    read = hpack.Decoder(max_header_list_size=10**6).decode(block, raw=True)
    assert [tuple(field) for field in read] == [(b":status", b"%d" % status), *fields]


def test_what_is_written_does_not_depend_on_what_was() -> None:
    other = hpack.Decoder()
    block = write_fields(((b"x-new", b"1"), (b"content-type", b"a/b")))
    for _ in range(3):
        other.decode(block)
    assert not other.header_table.dynamic_entries


def test_a_list_that_is_too_large_leaves_the_table_right() -> None:
    writer = hpack.Encoder()
    reader = FieldReader(100)
    assert reader.read(writer.encode([(b"x-a", b"1"), (b"x-b", b"v" * 100)])) is None
    assert reader.read(writer.encode([(b"x-a", b"1")])) == [(b"x-a", b"1")]


def test_the_version_tells_whether_blocks_mean_the_same() -> None:
    reader = FieldReader(1000)
    reader.read(b"\x82")
    assert reader.version == 0
    reader.read(hpack.Encoder().encode([(b"x-a", b"1")]))
    assert reader.version == 1


@pytest.mark.parametrize(
    "block",
    [
        b"\x80",  # index 0
        b"\xbf",  # beyond the table
        b"\x82\x20",  # a size after a field
        b"\x3f\xe2\x1f",  # a table of 4097 bytes
        b"\x40\x05ab",  # cut off
        b"\xff\xff\xff\xff\xff\xff\xff\x01",  # an integer without end
        b"\x00\x01a\x82\xff\xff",  # Huffman: padding of more than seven bits
        b"\x00\x01a\x81\x00",  # padding of zeros
    ],
)
def test_blocks_that_are_none(block: bytes) -> None:
    with pytest.raises(GoAway) as caught:
        FieldReader(1000).read(block)
    assert caught.value.code == Code.COMPRESSION_ERROR
