"""Server-sent events, from pieces of any size. Source: seed 000 section 2.1 (test_streaming.py); WHATWG HTML, 9.2."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass

_LINE = re.compile("\r\n|\n|\r")


@dataclass(frozen=True)
class Event:
    """`retry`: milliseconds."""

    data: str
    event: str | None = None
    id: str | None = None
    retry: int | None = None


class Decoder:
    """Feeds on bytes, gives events as soon as their blank line is there."""

    def __init__(self) -> None:
        self._text = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._rest = ""
        self._data: list[str] = []
        self._event: str | None = None
        self._id: str | None = None
        self._retry: int | None = None

    def feed(self, piece: bytes) -> list[Event]:
        self._rest += self._text.decode(piece)
        return self._take(final=False)

    def end(self) -> list[Event]:
        """An event without its blank line never came."""
        self._rest += self._text.decode(b"", final=True)
        return self._take(final=True)

    def _take(self, *, final: bool) -> list[Event]:
        found: list[Event] = []
        while match := _LINE.search(self._rest):
            if match[0] == "\r" and match.end() == len(self._rest) and not final:
                break  # its \n may come with the next piece
            line, self._rest = self._rest[: match.start()], self._rest[match.end() :]
            if line:
                self._line(line)
            else:
                found += self._dispatch()
        return found

    def _line(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self._retry = int(value)

    def _dispatch(self) -> list[Event]:
        event, data, retry = self._event, self._data, self._retry
        self._event, self._data, self._retry = None, [], None
        if event is None and not data and retry is None:
            return []
        return [Event("\n".join(data), event or None, self._id, retry)]


def decode(pieces: Iterable[bytes]) -> list[Event]:
    """All of a stream."""
    decoder = Decoder()
    return [event for piece in pieces for event in decoder.feed(piece)] + decoder.end()
