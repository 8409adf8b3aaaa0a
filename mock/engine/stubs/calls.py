"""Only some calls: counting them, and whether a number is one of those that are meant."""

from __future__ import annotations

from samewire.mock.v1.match_wire import CallRange

from mock.engine.stubs.error import StubError


class Calls:
    """Counts from 1. `every` counts from the first that is in bounds: from 2, every 3: calls 4, 7, 10 …

    Raises StubError at `where` for a range that no call is in.
    """

    __slots__ = ("_every", "_from", "_to", "count")

    def __init__(self, calls: CallRange, where: str) -> None:
        self.count = 0
        self._from = calls.from_ or 1
        self._to = calls.to
        self._every = calls.every or 1
        if self._to is not None and self._to < self._from:
            raise StubError(where, f"ends at {self._to}, before it begins at {self._from}")

    def take(self) -> bool:
        """Counts one call; whether it is meant."""
        self.count += 1
        return self.meant(self.count)

    def meant(self, number: int) -> bool:
        if number < self._from or (self._to is not None and number > self._to):
            return False
        return (number - self._from + 1) % self._every == 0

    def __str__(self) -> str:
        bounds = f"from {self._from}" + ("" if self._to is None else f" to {self._to}")
        return bounds + (f", every {self._every}" if self._every > 1 else "")
