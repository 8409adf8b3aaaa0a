"""The outer shape of a compact execution log: zstd, and in it messages that each follow their length."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import zstandard

# Bytes of compressed input at a time: what they unpack to is held at once.
_PIECE = 4096
_MAGIC = b"\x28\xb5\x2f\xfd"
# An entry is a file, a folder or a process; the largest folder of wheels has some megabytes.
LARGEST_ENTRY = 256 * 1024 * 1024


class LogError(ValueError):
    """An execution log that cannot be read to its end; the text is one line with the file's name."""


def frames(path: Path) -> Iterator[bytes]:
    """The messages of the log, in order.

    Raises LogError where the log is cut off or no such log, after all that stood before; OSError when it can't be read.
    """
    number = 0
    rest = bytearray()
    for piece in _unpacked(path):
        rest += piece
        position = 0
        while True:
            length, start = _varint(rest, position)
            if length > LARGEST_ENTRY:
                raise LogError(f"{path}: damaged after entry {number}: the next one claims {length} bytes")
            if start < 0 or start + length > len(rest):
                break
            yield bytes(rest[start : start + length])
            number += 1
            position = start + length
        del rest[:position]
    if rest:
        raise LogError(f"{path}: ends in the middle of entry {number + 1}: the build was killed, or still runs")


def _unpacked(path: Path) -> Iterator[bytes]:
    """The plain bytes in pieces; a log may be several zstd frames."""
    unpacker = zstandard.ZstdDecompressor().decompressobj()
    whole = False  # whether a frame has ended and none has begun since
    with path.open("rb") as stream:
        if (start := stream.read(len(_MAGIC))) and not _MAGIC.startswith(start):
            raise LogError(f"{path}: no compact execution log: it is not in zstd's format")
        stream.seek(0)
        while piece := stream.read(_PIECE):
            while piece:
                if unpacker.eof:
                    unpacker = zstandard.ZstdDecompressor().decompressobj()
                try:
                    yield unpacker.decompress(piece)
                except zstandard.ZstdError:
                    raise LogError(f"{path}: damaged: zstd cannot unpack it any further") from None
                whole, piece = unpacker.eof, unpacker.unused_data
    if not whole:
        raise LogError(f"{path}: ends in the middle: the build was killed, or still runs")


def _varint(data: bytearray, position: int) -> tuple[int, int]:
    """The number at `position`, and where it ends; -1 when it is not there whole."""
    value = shift = 0
    while position < len(data) and shift < 64:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    return (0, -1) if shift < 64 else (LARGEST_ENTRY + 1, position)
