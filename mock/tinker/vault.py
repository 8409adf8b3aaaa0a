"""Saved state as bytes that can be lost, damaged and large: small ones in memory, filled up ones in a file.

A state of a gibibyte is never held: its filling comes out of a keyed stream block by block, is checked block by block
when it is read, and files are worked on in threads, so that the server goes on answering.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = 1 << 20


class Corrupted(ValueError):
    """What was read is not what was written."""


@dataclass(slots=True)
class Stored:
    """`size`: bytes of state and filling. `data`: None where `file` has them; `head`: length of the state."""

    size: int
    head: int
    digest: bytes
    data: bytes | None = None
    file: Path | None = None


class Vault:
    """Files stand in a folder of its own that `close` takes away."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._count = 0

    async def save(self, state: bytes, size: int = 0) -> Stored:
        """`size`: bytes at least. Raises OSError for a full disk."""
        if size <= len(state):
            return Stored(len(state), len(state), _digest([state]), data=state)
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="samewire-tinker-"))
        self._count += 1
        file = self._folder / f"{self._count}.state"
        try:
            digest = await asyncio.to_thread(_write, file, state, size)
        except BaseException:
            file.unlink(missing_ok=True)
            raise
        return Stored(size, len(state), digest, file=file)

    async def load(self, stored: Stored) -> bytes:
        """The state without filling, after all bytes were read and found right. Raises Corrupted."""
        if stored.file is None:
            data = stored.data or b""
            if _digest([data]) != stored.digest:
                raise Corrupted("its checksum is wrong")
            return data
        return await asyncio.to_thread(_read, stored.file, stored)

    def blocks(self, stored: Stored) -> Iterator[bytes]:
        """All bytes, unchecked. Raises OSError."""
        if stored.file is None:
            yield stored.data or b""
            return
        with stored.file.open("rb") as source:
            while block := source.read(BLOCK):
                yield block

    def damage(self, stored: Stored) -> None:
        """Turns one bit in the middle."""
        place = stored.size // 2
        if stored.file is None:
            data = bytearray(stored.data or b"\0")
            data[place] ^= 1
            stored.data = bytes(data)
            return
        with stored.file.open("r+b") as target:
            target.seek(place)
            (value,) = target.read(1)
            target.seek(place)
            target.write(bytes([value ^ 1]))

    def drop(self, stored: Stored) -> None:
        if stored.file is not None:
            stored.file.unlink(missing_ok=True)

    def close(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def filling(key: bytes, count: int) -> Iterator[memoryview]:
    """`count` bytes in blocks: windows, at places that the key gives, of random bytes that the key gives."""
    key = key[:64]
    base = memoryview(hashlib.shake_128(key).digest(2 * BLOCK))
    for number, start in enumerate(range(0, count, BLOCK)):
        place = hashlib.blake2b(number.to_bytes(8, "little"), key=key, digest_size=8).digest()
        at = int.from_bytes(place, "little") % BLOCK
        yield base[at : at + min(BLOCK, count - start)]


def _write(file: Path, state: bytes, size: int) -> bytes:
    digest = hashlib.blake2b(state)
    with file.open("wb", buffering=0) as target:
        target.write(state)
        for block in filling(digest.digest(), size - len(state)):
            digest.update(block)
            target.write(block)
    return digest.digest()


def _read(file: Path, stored: Stored) -> bytes:
    digest, state, seen = hashlib.blake2b(), bytearray(), 0
    try:
        with file.open("rb", buffering=0) as source:
            while block := source.read(BLOCK):
                digest.update(block)
                if len(state) < stored.head:
                    state += block[: stored.head - len(state)]
                seen += len(block)
    except OSError as error:
        raise Corrupted(f"its bytes can't be read: {error.strerror}") from None
    if seen != stored.size:
        raise Corrupted(f"it has {seen} bytes instead of {stored.size}")
    if digest.digest() != stored.digest:
        raise Corrupted("its checksum is wrong")
    return bytes(state)


def _digest(parts: list[bytes]) -> bytes:
    return hashlib.blake2b(b"".join(parts)).digest()
