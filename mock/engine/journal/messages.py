"""The messages of a streamed body: lines, events or frames, however its bytes were cut into pieces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mock.engine.journal.unpack import unpacker

LINES = "lines"  # NDJSON
EVENTS = "events"  # SSE
FRAMES = "frames"  # gRPC

_KINDS = {
    "application/x-ndjson": LINES,
    "application/ndjson": LINES,
    "application/jsonl": LINES,
    "application/json-lines": LINES,
    "application/jsonlines": LINES,
    "text/event-stream": EVENTS,
}
_EVENT_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_FRAME_HEAD = 5  # compressed or not, and the length: see PROTOCOL-HTTP2.md of gRPC

Timed = tuple[float, bytes]


def kind(content_type: str) -> str | None:
    """How a body of that type is divided; None where it is one thing."""
    name = content_type.partition(";")[0].strip().lower()
    return FRAMES if name.startswith("application/grpc") else _KINDS.get(name)


def split(how: str, pieces: Iterable[Timed]) -> Iterator[Timed]:
    """Each message with its framing, and the time when its last byte came. A rest without an end comes last."""
    buffer = b""
    at = 0.0
    for at, piece in pieces:
        buffer += piece
        start = 0
        while (end := _end(how, buffer, start)) is not None:
            yield at, buffer[start:end]
            start = end
        buffer = buffer[start:]
    if buffer:
        yield at, buffer


def _end(how: str, buffer: bytes, start: int) -> int | None:
    if how == LINES:
        found = buffer.find(b"\n", start)
        return None if found < 0 else found + 1
    if how == EVENTS:
        match = _EVENT_END.search(buffer, start)
        return match.end() if match else None
    if len(buffer) - start < _FRAME_HEAD:
        return None
    end = start + _FRAME_HEAD + int.from_bytes(buffer[start + 1 : start + _FRAME_HEAD])
    return end if end <= len(buffer) else None


def payload(frame: bytes, encoding: str, limit: int) -> bytes:
    """What a gRPC frame holds. Raises ValueError for one that is cut or packed in a way that is not known here."""
    if len(frame) < _FRAME_HEAD or _end(FRAMES, frame, 0) != len(frame):
        raise ValueError("the frame is cut")
    if not frame[0]:
        return frame[_FRAME_HEAD:]
    unpack = unpacker(encoding, limit)
    if unpack is None or frame[0] > 1:
        raise ValueError(f"a frame packed with {encoding!r}")
    return unpack.feed(frame[_FRAME_HEAD:])


def event_data(event: bytes) -> bytes | None:
    """Of an event that has nothing but data: the data (WHATWG HTML, 9.2.6); else None."""
    lines = []
    for line in event.splitlines():
        if not line:
            continue
        name, _, value = line.partition(b":")
        if name != b"data":
            return None
        lines.append(value.removeprefix(b" "))
    return b"\n".join(lines) if lines else None
