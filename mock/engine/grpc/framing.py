"""Messages of gRPC in the bytes of a body: a byte that says whether it is compressed, four of length, the message."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import AsyncIterable, AsyncIterator
from struct import Struct

from mock.engine.backend import Refusal

# The largest message that is taken, as sent and as unpacked.
LARGEST = 256 * 1024 * 1024
ENCODINGS = ("identity", "deflate", "gzip")
_HEAD = Struct(">BL")


def frame(payload: bytes, encoding: str = "identity") -> bytes:
    """A message as it is sent. Raises KeyError for an encoding that is not one of ENCODINGS."""
    if encoding == "identity":
        return _HEAD.pack(0, len(payload)) + payload
    packed = _PACK[encoding](payload)
    return _HEAD.pack(1, len(packed)) + packed


_PACK = {"gzip": lambda data: gzip.compress(data, 6, mtime=0), "deflate": zlib.compress}


class MessageReader:
    """Pieces of a body in, messages out. All methods raise Refusal."""

    def __init__(self, encoding: str = "identity", largest: int | None = None) -> None:
        self._encoding = encoding
        self._largest = LARGEST if largest is None else largest
        self._rest = bytearray()
        self._needed = _HEAD.size

    def feed(self, piece: bytes) -> list[bytes]:
        self._rest += piece
        if len(self._rest) < self._needed:
            return []
        data = bytes(self._rest)
        messages = []
        at = 0
        while len(data) - at >= _HEAD.size:
            packed, length = _HEAD.unpack_from(data, at)
            if length > self._largest:
                raise Refusal(429, message=f"a message of {length} bytes; at most {self._largest} are taken")
            end = at + _HEAD.size + length
            if end > len(data):
                self._needed = end - at
                break
            message = data[at + _HEAD.size : end]
            messages.append(self._unpack(message, packed) if packed else message)
            at = end
        else:
            self._needed = _HEAD.size
        self._rest = bytearray(data[at:])
        return messages

    def end(self) -> None:
        if self._rest:
            raise Refusal(400, grpc="INTERNAL", message="the request ends within a message")

    def _unpack(self, message: bytes, packed: int) -> bytes:
        if packed != 1:
            raise Refusal(400, grpc="INTERNAL", message=f"the flag of a message is {packed}; it is 0 or 1")
        if self._encoding == "identity":
            raise Refusal(400, grpc="INTERNAL", message="a compressed message, but no grpc-encoding")
        unpacker = zlib.decompressobj(31 if self._encoding == "gzip" else 15)
        try:
            data = unpacker.decompress(message, self._largest + 1)
        except zlib.error as error:
            raise Refusal(400, grpc="INTERNAL", message=f"a message is not {self._encoding}: {error}") from None
        if len(data) > self._largest:
            raise Refusal(429, message=f"a message unpacks to more than {self._largest} bytes")
        if not unpacker.eof:
            raise Refusal(400, grpc="INTERNAL", message=f"a message is cut off {self._encoding}")
        return data


def messages(body: bytes, encoding: str = "identity") -> list[bytes]:
    """Those of a complete body. Raises Refusal."""
    reader = MessageReader(encoding)
    found = reader.feed(body)
    reader.end()
    return found


async def incoming_messages(pieces: AsyncIterable[bytes], encoding: str = "identity") -> AsyncIterator[bytes]:
    """Those of a body that is coming, each as soon as it is there. Raises Refusal."""
    reader = MessageReader(encoding)
    async for piece in pieces:
        for message in reader.feed(piece):
            yield message
    reader.end()


def one(found: list[bytes]) -> bytes:
    """The message of a unary request, which has exactly one. Raises Refusal."""
    if len(found) != 1:
        many = "no message" if not found else f"{len(found)} messages"
        raise Refusal(501, message=f"a call that takes one message got {many}")
    return found[0]
