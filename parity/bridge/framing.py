"""Frames: a body behind its length, as the bridge (facts A1) and the testee protocol send them through pipes.

A frame is the length of its body in 4 bytes, big-endian and unsigned, and then the body.
"""

from __future__ import annotations

HEADER = 4  # bytes
LIMIT = 64 * 1024 * 1024  # bytes of one body; the source knows no limit, so a stray word of text asks for gigabytes


class FrameError(Exception):
    """The stream holds something that is no frame; nothing after it can be read."""


class FrameTooLong(FrameError):
    """`length`: bytes that the header announces, above `limit`."""

    def __init__(self, length: int, limit: int) -> None:
        self.length = length
        self.limit = limit
        start = length.to_bytes(HEADER, "big")
        hint = f'; its header reads as the text "{start.decode()}": is something printed there?' if _text(start) else ""
        super().__init__(f"a frame of {length:,} bytes, above the limit of {limit:,}{hint}")


class FrameEmpty(FrameError):
    """A length of 0: no message is that short."""

    def __init__(self) -> None:
        super().__init__("a frame of 0 bytes, which cannot hold a message")


class FrameCut(FrameError):
    """The stream ended inside a frame. `got`, `wanted`: bytes of the header, or of the body behind it."""

    def __init__(self, got: int, wanted: int, part: str) -> None:
        self.got = got
        self.wanted = wanted
        self.part = part
        super().__init__(f"the stream ended inside a frame: {got:,} of the {wanted:,} bytes of its {part}")


def frame(body: bytes, limit: int = LIMIT) -> bytes:
    """The body with its header. Raises FrameEmpty, FrameTooLong."""
    length = len(body)
    if not 0 < length <= limit:
        raise FrameTooLong(length, limit) if length else FrameEmpty
    return length.to_bytes(HEADER, "big") + body


class Frames:
    """Takes a stream in pieces of any size, and gives the bodies of its frames.

    After an error it stays broken: what follows has no beginning.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._rest = bytearray()
        self._error: FrameError | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies that `data` completes. A fault behind them is raised by the next call, so none of them is lost."""
        if self._error is not None:
            raise self._error
        bodies: list[bytes] = []
        rest = self._rest
        rest += data
        at, end = 0, len(rest)
        while end - at >= HEADER:
            length = int.from_bytes(rest[at : at + HEADER], "big")
            if not 0 < length <= self._limit:
                self._error = FrameTooLong(length, self._limit) if length else FrameEmpty()
                break
            body = at + HEADER
            if end - body < length:
                break
            at = body + length
            bodies.append(bytes(rest[body:at]))
        if at:
            del rest[:at]
        if self._error is not None and not bodies:
            raise self._error
        return bodies

    @property
    def error(self) -> FrameError | None:
        """What broke the stream, as soon as it is known."""
        return self._error

    def end(self) -> None:
        """The stream is over. Raises FrameCut inside a frame, and the fault that broke it before."""
        if self._error is not None:
            raise self._error
        got = len(self._rest)
        if not got:
            return
        if got < HEADER:
            raise FrameCut(got, HEADER, "header")
        raise FrameCut(got - HEADER, int.from_bytes(self._rest[:HEADER], "big"), "body")


def _text(data: bytes) -> bool:
    return all(32 <= byte < 127 for byte in data)
