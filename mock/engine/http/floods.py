"""How many frames a peer may send that cost it nothing: resets, pings, empty ones (CVE-2019-9511 ff., 2023-44487)."""

from __future__ import annotations

import time

from mock.engine.http.frames import Code, GoAway

_BURST = 2_000
_PER_SECOND = 500.0


class Allowance:
    """`_BURST` at once, then `_PER_SECOND`: more than any client needs, little enough to leave time for others."""

    __slots__ = ("_filled", "_left")

    def __init__(self) -> None:
        self._left = float(_BURST)
        self._filled = time.monotonic()

    def spend(self, what: str) -> None:
        """Raises GoAway(ENHANCE_YOUR_CALM)."""
        self._left -= 1
        if self._left > 0:
            return
        now = time.monotonic()
        self._left = min(float(_BURST), self._left + (now - self._filled) * _PER_SECOND)
        self._filled = now
        if self._left < 0:
            raise GoAway(Code.ENHANCE_YOUR_CALM, f"too many {what}")
