"""PNGs of every filter are read; others are refused in words."""

from __future__ import annotations

import struct
import zlib

import pytest

from tools.chromium.picture import Picture

PIXELS = [[(10 * x, 20 * y, (x * y * 7) % 256) for x in range(5)] for y in range(5)]


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(filters: list[int], channels: int = 3, depth: int = 8, interlaced: int = 0) -> bytes:
    """The pixels, row by row with a filter each."""
    before = [0] * 5 * channels
    data = b""
    for number, line in zip(filters, PIXELS, strict=True):
        row = [value for pixel in line for value in (*pixel, *[255] * (channels - 3))]
        data += bytes([number])
        for place, value in enumerate(row):
            left = row[place - channels] if place >= channels else 0
            corner = before[place - channels] if place >= channels else 0
            above = before[place]
            guess = left + above - corner
            nearest = min((left, above, corner), key=lambda each: abs(guess - each))
            data += bytes([(value - [0, left, above, (left + above) // 2, nearest][number]) % 256])
        before = row
    head = struct.pack(">IIBBBBB", 5, 5, depth, 2 if channels == 3 else 6, 0, 0, interlaced)
    packed = zlib.compress(data)
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", packed[:9]), chunk(b"IDAT", packed[9:]), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("channels", [3, 4])
def test_every_filter(channels: int) -> None:
    picture = Picture.read(png([0, 1, 2, 3, 4], channels))
    assert (picture.width, picture.height) == (5, 5)
    assert [[picture.at(x, y) for x in range(5)] for y in range(5)] == PIXELS


def test_colours_of_a_box() -> None:
    picture = Picture.read(png([0] * 5))
    assert picture.colours(0, 0, 2, 1) == {(0, 0, 0): 1, (10, 0, 0): 1}
    assert sum(picture.colours(3, 3, 50, 50).values()) == 4


def test_what_is_not_read() -> None:
    with pytest.raises(ValueError, match="no PNG"):
        Picture.read(b"GIF89a")
    with pytest.raises(ValueError, match="16 bits"):
        Picture.read(png([0] * 5, depth=16))
    with pytest.raises(ValueError, match="interlaced 1"):
        Picture.read(png([0] * 5, interlaced=1))
