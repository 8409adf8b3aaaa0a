"""Field blocks: HPACK (RFC 7541) read with a table and a cache, written without a table.

Reading is our own because it is on the hot path; the `hpack` package lends the static table and the Huffman code, and
is the oracle of the tests. Writing never uses the dynamic table: a block depends on its fields alone and can be kept.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache

from hpack.huffman_table import decode_huffman
from hpack.table import HeaderTable

from mock.engine.answer import Pairs
from mock.engine.http.frames import Code, GoAway

Field = tuple[bytes, bytes]

TABLE_SIZE = 4096  # the default of SETTINGS_HEADER_TABLE_SIZE, which we leave alone
_STATIC: tuple[Field, ...] = ((b"", b""), *HeaderTable.STATIC_TABLE)
_FIRST_DYNAMIC = len(_STATIC)
_ENTRY_OVERHEAD = 32  # section 4.1
_CACHED_STRING = 64
# Tells the peer's decoder, at the start of a connection's first block, that our dynamic table is empty and stays so.
NO_TABLE = b"\x20"


class FieldReader:
    """The dynamic table of one direction of one connection.

    `version` grows whenever a block changed the table: what a block means is the same as long as it has not grown.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.version = 0
        self._table: deque[Field] = deque()
        self._size = 0
        self._max_size = TABLE_SIZE

    def read(self, block: bytes) -> list[Field] | None:
        """The fields in order; None where they are more than `limit` bytes (section 4.1 counts 32 for each).

        Raises GoAway(COMPRESSION_ERROR).
        """
        try:
            return self._read(block)
        except IndexError:
            raise GoAway(
                Code.COMPRESSION_ERROR, "a field block that is cut off, or an index outside the table"
            ) from None

    def _read(self, block: bytes) -> list[Field] | None:
        fields: list[Field] = []
        size = at = 0
        end = len(block)
        while at < end:
            first = block[at]
            if first & 0x80:
                index, at = _integer(block, at, 0x7F)
                field = self._entry(index)
            elif first & 0x40:
                field, at = self._literal(block, at, 0x3F)
                self._insert(field)
            elif first & 0x20:
                if fields:
                    raise GoAway(Code.COMPRESSION_ERROR, "a change of the table's size within a field block")
                wanted, at = _integer(block, at, 0x1F)
                if wanted > TABLE_SIZE:
                    raise GoAway(Code.COMPRESSION_ERROR, f"a header table of {wanted} bytes, at most {TABLE_SIZE}")
                self._max_size = wanted
                self.version += 1
                self._evict()
                continue
            else:
                field, at = self._literal(block, at, 0x0F)
            size += len(field[0]) + len(field[1]) + _ENTRY_OVERHEAD
            if size <= self.limit:
                fields.append(field)
        return fields if size <= self.limit else None

    def _entry(self, index: int) -> Field:
        if 0 < index < _FIRST_DYNAMIC:
            return _STATIC[index]
        if not index:
            raise IndexError
        return self._table[index - _FIRST_DYNAMIC]

    def _literal(self, block: bytes, at: int, mask: int) -> tuple[Field, int]:
        index, at = _integer(block, at, mask)
        if index:
            name = self._entry(index)[0]
        else:
            name, at = _string(block, at)
        value, at = _string(block, at)
        return (name, value), at

    def _insert(self, field: Field) -> None:
        self.version += 1
        self._table.appendleft(field)
        self._size += len(field[0]) + len(field[1]) + _ENTRY_OVERHEAD
        if self._size > self._max_size:
            self._evict()

    def _evict(self) -> None:
        # A field that is larger than the table empties it, itself included.
        while self._size > self._max_size:
            name, value = self._table.pop()
            self._size -= len(name) + len(value) + _ENTRY_OVERHEAD


def _integer(block: bytes, at: int, mask: int) -> tuple[int, int]:
    """Section 5.1: the value, and where it ends. Raises IndexError at the block's end."""
    value = block[at] & mask
    at += 1
    if value < mask:
        return value, at
    shift = 0
    while True:
        byte = block[at]
        at += 1
        value += (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
        shift += 7
        if shift > 28:
            raise GoAway(Code.COMPRESSION_ERROR, "an integer of a field block that is too large")


def _string(block: bytes, at: int) -> tuple[bytes, int]:
    coded = block[at] & 0x80
    length, start = _integer(block, at, 0x7F)
    end = start + length
    if end > len(block):
        raise IndexError
    text = block[start:end]
    if not coded:
        return text, end
    try:
        return (_huffman_kept(text) if length <= _CACHED_STRING else decode_huffman(text)), end
    except Exception as error:  # the package's own error types
        raise GoAway(Code.COMPRESSION_ERROR, f"Huffman code: {error}") from None


@lru_cache(1024)
def _huffman_kept(text: bytes) -> bytes:
    return decode_huffman(text)


_STATUS = {value: bytes((0x80 | index,)) for index, (name, value) in enumerate(_STATIC) if name == b":status"}
_NAMES: dict[bytes, int] = {}
for _index, (_name, _) in enumerate(_STATIC):
    _NAMES.setdefault(_name, _index)


def write_status(status: int) -> bytes:
    value = b"%d" % status
    return _STATUS.get(value) or write_field(b":status", value)


def write_field(name: bytes, value: bytes) -> bytes:
    """A literal without indexing."""
    index = _NAMES.get(name)
    written = _write_integer(index, 0x0F, 0) if index else b"\x00" + _write_integer(len(name), 0x7F, 0) + name
    return written + _write_integer(len(value), 0x7F, 0) + value


def write_fields(fields: Pairs) -> bytes:
    return b"".join([write_field(name, value) for name, value in fields])


def _write_integer(value: int, mask: int, first: int) -> bytes:
    if value < mask:
        return bytes((first | value,))
    written = bytearray((first | mask,))
    value -= mask
    while value >= 0x80:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
