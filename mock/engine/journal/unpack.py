"""Content encodings taken off for display, piece by piece, and never to more than a limit."""

from __future__ import annotations

import zlib
from typing import Any, Protocol

# A piece of zstd this long unpacks to some MiB at most: each block needs 4 bytes and gives 128 KiB (RFC 8878, 3.1.1).
_STEP = 64


class Unpacker(Protocol):
    """`feed` raises ValueError for bytes that are not of the encoding."""

    def feed(self, piece: bytes) -> bytes: ...


def unpacker(encoding: str, limit: int) -> Unpacker | None:
    """For a value of Content-Encoding (or grpc-encoding); None for one that is not known here. It gives `limit` bytes
    at most, then nothing.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return _Plain()
    if name in ("gzip", "x-gzip"):
        return _Zlib(limit, zlib.MAX_WBITS | 16)
    if name == "deflate":
        return _Zlib(limit, zlib.MAX_WBITS)
    if name == "zstd":
        return _Zstd(limit)
    return None


class _Plain:
    def feed(self, piece: bytes) -> bytes:
        return piece


class _Zlib:
    def __init__(self, limit: int, wbits: int) -> None:
        self._left = limit
        self._bits = wbits
        self._state: Any = None
        self._head = b""

    def feed(self, piece: bytes) -> bytes:
        if self._state is None:
            self._head = piece = self._head + piece
            if len(piece) < 2:
                return b""
            self._begin(piece)
        found = bytearray()
        while piece and self._left > 0:
            try:
                data = self._state.decompress(piece, self._left)
            except zlib.error as error:
                raise ValueError(str(error)) from None
            found += data
            self._left -= len(data)
            piece = self._state.unconsumed_tail or self._state.unused_data
            if self._state.eof:
                if self._bits < 0 or not piece:
                    break
                self._state = zlib.decompressobj(self._bits)  # gzip may have several members
        return bytes(found)

    def _begin(self, head: bytes) -> None:
        # "deflate" ought to be zlib's format (RFC 9110, 8.4.1; its head: RFC 1950, 2.2); some servers send it bare.
        if self._bits == zlib.MAX_WBITS and (head[0] & 15 != 8 or int.from_bytes(head[:2]) % 31):
            self._bits = -zlib.MAX_WBITS
        self._state = zlib.decompressobj(self._bits)


class _Zstd:
    def __init__(self, limit: int) -> None:
        import zstandard

        self._left = limit
        self._state = zstandard.ZstdDecompressor().decompressobj(read_across_frames=True)
        self._error = zstandard.ZstdError

    def feed(self, piece: bytes) -> bytes:
        found = bytearray()
        for start in range(0, len(piece), _STEP):
            if self._left <= 0:
                break
            try:
                data = self._state.decompress(piece[start : start + _STEP])[: self._left]
            except self._error as error:
                raise ValueError(str(error)) from None
            found += data
            self._left -= len(data)
        return bytes(found)
