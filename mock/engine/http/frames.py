"""HTTP/2 frames (RFC 9113 sections 4 to 7): bytes to frames and back, nothing about streams or requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from struct import Struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

DATA = 0
HEADERS = 1
PRIORITY = 2
RST_STREAM = 3
SETTINGS = 4
PUSH_PROMISE = 5
PING = 6
GOAWAY = 7
WINDOW_UPDATE = 8
CONTINUATION = 9

END_STREAM = 0x1
ACK = 0x1
END_HEADERS = 0x4
PADDED = 0x8
PRIORITIZED = 0x20

HEADER_TABLE_SIZE = 1
ENABLE_PUSH = 2
MAX_CONCURRENT_STREAMS = 3
INITIAL_WINDOW_SIZE = 4
MAX_FRAME_SIZE = 5
MAX_HEADER_LIST_SIZE = 6

# What holds until a SETTINGS frame says otherwise, and the largest window there is.
DEFAULT_WINDOW = 65_535
DEFAULT_FRAME = 16_384
LARGEST_FRAME = 2**24 - 1
LARGEST_WINDOW = 2**31 - 1

Frame = tuple[int, int, int, bytes]
"""Type, flags, stream id, payload."""


class Code(IntEnum):
    """Error codes, section 7."""

    NO_ERROR = 0
    PROTOCOL_ERROR = 1
    INTERNAL_ERROR = 2
    FLOW_CONTROL_ERROR = 3
    SETTINGS_TIMEOUT = 4
    STREAM_CLOSED = 5
    FRAME_SIZE_ERROR = 6
    REFUSED_STREAM = 7
    CANCEL = 8
    COMPRESSION_ERROR = 9
    CONNECT_ERROR = 10
    ENHANCE_YOUR_CALM = 11
    INADEQUATE_SECURITY = 12
    HTTP_1_1_REQUIRED = 13


class GoAway(Exception):
    """A connection error: the peer gets GOAWAY with `code`, `reason` as debug data, and the connection ends."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Reset(Exception):
    """A stream error: the stream, and nothing more, ends with RST_STREAM and `code`."""

    def __init__(self, stream: int, code: int, reason: str) -> None:
        super().__init__(reason)
        self.stream = stream
        self.code = code
        self.reason = reason


_HEAD = Struct(">HBBBL")
_HEAD_FROM = _HEAD.unpack_from
_HEAD_BYTES = _HEAD.pack
_UINT32 = Struct(">L")
_TWO_UINT32 = Struct(">LL")
_SETTING = Struct(">HL")
HEAD_SIZE = _HEAD.size


class FrameReader:
    """Cuts what arrives into frames. What is held back is never more than one frame."""

    def __init__(self, max_frame: int = DEFAULT_FRAME) -> None:
        self.max_frame = max_frame
        self._rest = bytearray()
        self._needed = HEAD_SIZE

    def frames(self, data: bytes) -> Iterator[Frame]:
        """The frames that `data` completes. Raises GoAway(FRAME_SIZE_ERROR) at a head that promises too much."""
        if self._rest:
            self._rest += data
            if len(self._rest) < self._needed:
                return
            data = bytes(self._rest)
            self._rest = bytearray()
        at = 0
        end = len(data)
        while end - at >= HEAD_SIZE:
            high, low, kind, flags, stream = _HEAD_FROM(data, at)
            length = high << 8 | low
            if length > self.max_frame:
                raise GoAway(Code.FRAME_SIZE_ERROR, f"a frame of {length} bytes, at most {self.max_frame} are allowed")
            start = at + HEAD_SIZE
            if end - start < length:
                self._needed = HEAD_SIZE + length
                self._rest += data[at:]
                return
            at = start + length
            yield kind, flags, stream & LARGEST_WINDOW, data[start:at]
        if at < end:
            self._needed = HEAD_SIZE
            self._rest += data[at:]


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    length = len(payload)
    return _HEAD_BYTES(length >> 8, length & 0xFF, kind, flags, stream) + payload


def headers(stream: int, block: bytes, end: bool, max_frame: int = DEFAULT_FRAME) -> bytes:
    """HEADERS, and as many CONTINUATION as the block needs. `end`: the stream ends with it."""
    flags = END_STREAM if end else 0
    if len(block) <= max_frame:
        return frame(HEADERS, flags | END_HEADERS, stream, block)
    pieces = [block[at : at + max_frame] for at in range(0, len(block), max_frame)]
    frames = [frame(HEADERS, flags, stream, pieces[0])]
    frames += [frame(CONTINUATION, 0, stream, piece) for piece in pieces[1:-1]]
    frames.append(frame(CONTINUATION, END_HEADERS, stream, pieces[-1]))
    return b"".join(frames)


def answer(stream: int, block: bytes, payload: bytes, trailers: bytes) -> bytes:
    """HEADERS, one DATA and, unless empty, trailers, which end the stream; each of a length that one frame may have."""
    length, size, rest = len(block), len(payload), len(trailers)
    return b"%b%b%b%b%b%b" % (
        _HEAD_BYTES(length >> 8, length & 0xFF, HEADERS, END_HEADERS, stream),
        block,
        _HEAD_BYTES(size >> 8, size & 0xFF, DATA, 0 if rest else END_STREAM, stream),
        payload,
        _HEAD_BYTES(rest >> 8, rest & 0xFF, HEADERS, END_STREAM | END_HEADERS, stream) if rest else b"",
        trailers,
    )


def data(stream: int, payload: bytes, end: bool) -> bytes:
    """One DATA frame; the caller keeps to the peer's frame size and windows."""
    return frame(DATA, END_STREAM if end else 0, stream, payload)


def settings(values: Iterable[tuple[int, int]]) -> bytes:
    return frame(SETTINGS, 0, 0, b"".join(_SETTING.pack(name, value) for name, value in values))


def rst_stream(stream: int, code: int) -> bytes:
    return frame(RST_STREAM, 0, stream, _UINT32.pack(code))


def goaway(last: int, code: int, reason: str = "") -> bytes:
    return frame(GOAWAY, 0, 0, _TWO_UINT32.pack(last, code) + reason.encode())


def window_update(stream: int, increment: int) -> bytes:
    return frame(WINDOW_UPDATE, 0, stream, _UINT32.pack(increment))


SETTINGS_ACK = frame(SETTINGS, ACK, 0)


def ping_ack(payload: bytes) -> bytes:
    return frame(PING, ACK, 0, payload)


def unpadded(flags: int, payload: bytes) -> bytes:
    """The payload of DATA or HEADERS without padding. Raises GoAway (section 6.1)."""
    if not flags & PADDED:
        return payload
    if not payload:
        raise GoAway(Code.FRAME_SIZE_ERROR, "a padded frame without the length of its padding")
    if payload[0] >= len(payload):
        raise GoAway(Code.PROTOCOL_ERROR, "the padding is longer than the frame")
    return payload[1 : len(payload) - payload[0]]


def fragment(flags: int, payload: bytes) -> tuple[bytes, int]:
    """The piece of a field block that HEADERS carries, and the stream that it depends on (0: none). Raises GoAway."""
    payload = unpadded(flags, payload)
    if not flags & PRIORITIZED:
        return payload, 0
    if len(payload) < 5:
        raise GoAway(Code.FRAME_SIZE_ERROR, "HEADERS with a priority that is cut off")
    return payload[5:], uint31(payload)


def uint31(payload: bytes) -> int:
    value: int = _UINT32.unpack_from(payload)[0]
    return value & LARGEST_WINDOW


def read_settings(payload: bytes) -> list[tuple[int, int]]:
    """Names and values in order, checked (section 6.5.2); unknown names are left out. Raises GoAway."""
    if len(payload) % _SETTING.size:
        raise GoAway(Code.FRAME_SIZE_ERROR, "SETTINGS whose length is no multiple of 6")
    values = []
    for name, value in _SETTING.iter_unpack(payload):
        if name == ENABLE_PUSH and value > 1:
            raise GoAway(Code.PROTOCOL_ERROR, f"SETTINGS_ENABLE_PUSH is {value}; it is 0 or 1")
        if name == INITIAL_WINDOW_SIZE and value > LARGEST_WINDOW:
            raise GoAway(Code.FLOW_CONTROL_ERROR, f"SETTINGS_INITIAL_WINDOW_SIZE is {value}; at most {LARGEST_WINDOW}")
        if name == MAX_FRAME_SIZE and not DEFAULT_FRAME <= value <= LARGEST_FRAME:
            raise GoAway(
                Code.PROTOCOL_ERROR, f"SETTINGS_MAX_FRAME_SIZE is {value}; it is {DEFAULT_FRAME} to {LARGEST_FRAME}"
            )
        if HEADER_TABLE_SIZE <= name <= MAX_HEADER_LIST_SIZE:
            values.append((name, value))
    return values
