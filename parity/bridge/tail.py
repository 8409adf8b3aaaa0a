"""The last of what a process wrote to its stderr."""

from __future__ import annotations


class Tail:
    """Keeps the last `limit` bytes, and counts all; a flood costs no more memory than that."""

    def __init__(self, limit: int = 64 * 1024) -> None:
        self._limit = limit
        self._kept = bytearray()
        self.total = 0  # bytes that ever came; also a place to read from later, see since()

    def add(self, data: bytes) -> None:
        self.total += len(data)
        self._kept += data
        if len(self._kept) > 2 * self._limit:  # not at every piece: cutting moves what is kept
            del self._kept[: -self._limit]

    def since(self, mark: int = 0) -> str:
        """What came after `total` was `mark`, as far as it is still there; says how much is not."""
        kept = self._kept[-self._limit :]
        begin = self.total - len(kept)
        lost = max(begin - mark, 0)
        text = bytes(kept[max(mark - begin, 0) :]).decode(errors="replace")
        return f"[{lost:,} bytes before this are gone]\n{text}" if lost else text
