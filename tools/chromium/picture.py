"""A screenshot's pixels, so that a test can look at the picture and not only at the document.

Reads what Chromium writes: PNG of 8 bits a channel, RGB or RGBA, not interlaced (ISO/IEC 15948).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {2: 3, 6: 4}  # colour type → bytes a pixel

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels by row, three bytes each; the opacity is left out."""

    width: int
    height: int
    rows: tuple[bytes, ...]

    @classmethod
    def read(cls, data: bytes) -> Picture:
        """Raises ValueError for what is no such PNG."""
        if not data.startswith(_SIGNATURE):
            raise ValueError("no PNG")
        width = height = kind = 0
        packed = b""
        at = len(_SIGNATURE)
        while at < len(data):
            length, name = struct.unpack_from(">I4s", data, at)
            body = data[at + 8 : at + 8 + length]
            if name == b"IHDR":
                width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", body)
                if depth != 8 or kind not in _CHANNELS or interlaced:
                    raise ValueError(
                        f"PNG of {depth} bits, colour type {kind}, interlaced {interlaced} is not read here"
                    )
            elif name == b"IDAT":
                packed += body
            at += 12 + length
        channels = _CHANNELS[kind]
        return cls(width, height, tuple(_rows(zlib.decompress(packed), width * channels, height, channels)))

    def at(self, x: float, y: float) -> Colour:
        """Red, green and blue of a pixel. Raises IndexError outside of the picture."""
        red, green, blue = self.rows[int(y)][3 * int(x) : 3 * int(x) + 3]
        return red, green, blue

    def colours(self, x: float, y: float, width: float, height: float) -> dict[Colour, int]:
        """How many pixels of a box have each colour."""
        counts: dict[Colour, int] = {}
        for row in self.rows[int(y) : int(y + height)]:
            for place in range(3 * int(x), min(3 * int(x + width), len(row)), 3):
                colour = (row[place], row[place + 1], row[place + 2])
                counts[colour] = counts.get(colour, 0) + 1
        return counts


def _rows(data: bytes, stride: int, height: int, channels: int) -> list[bytes]:
    """Takes the filters away: each row was written as the difference to its neighbours."""
    before = bytearray(stride)
    rows = []
    for index in range(height):
        start = index * (stride + 1)
        row = bytearray(data[start + 1 : start + 1 + stride])
        _FILTERS[data[start]](row, before, channels)
        before = row
        if channels == 4:
            narrow = bytearray(stride // 4 * 3)
            narrow[0::3], narrow[1::3], narrow[2::3] = row[0::4], row[1::4], row[2::4]
            rows.append(bytes(narrow))
        else:
            rows.append(bytes(row))
    return rows


def _none(row: bytearray, before: bytearray, channels: int) -> None:
    pass


def _left(row: bytearray, before: bytearray, channels: int) -> None:
    for place in range(channels, len(row)):
        row[place] = (row[place] + row[place - channels]) & 255


def _up(row: bytearray, before: bytearray, channels: int) -> None:
    for place, above in enumerate(before):
        row[place] = (row[place] + above) & 255


def _average(row: bytearray, before: bytearray, channels: int) -> None:
    for place, above in enumerate(before):
        left = row[place - channels] if place >= channels else 0
        row[place] = (row[place] + (left + above) // 2) & 255


def _nearest(row: bytearray, before: bytearray, channels: int) -> None:
    """Paeth's: of left, above and above left the one nearest to left + above - above left."""
    for place, above in enumerate(before):
        left, corner = (row[place - channels], before[place - channels]) if place >= channels else (0, 0)
        guess = left + above - corner
        _, _, best = min((abs(guess - left), 0, left), (abs(guess - above), 1, above), (abs(guess - corner), 2, corner))
        row[place] = (row[place] + best) & 255


_FILTERS = (_none, _left, _up, _average, _nearest)
