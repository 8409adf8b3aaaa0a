"""What a reply does besides saying something: waiting, and going wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from samewire.mock.v1.fault_wire import Fault
    from samewire.mock.v1.latency_wire import Latency

    from mock.engine.api import Apis
    from mock.engine.faults.strike import Strike
    from mock.engine.stubs.template import Session


class Pause:
    """`delay`: before the first byte; `between`: between the messages of a stream. On the session's clock."""

    __slots__ = ("_before", "_between", "waits")

    def __init__(self, delay: Latency | None, between: Latency | None, where: str) -> None:
        self._before = _sampler(delay, f"{where}.delay")
        self._between = _sampler(between, f"{where}.between")
        self.waits = self._before is not None

    def before(self, session: Session) -> Awaitable[None] | None:
        return None if self._before is None else session.clock.sleep(self._before(session.random))

    async def between(self, pieces: Sequence[bytes], session: Session) -> AsyncIterator[bytes]:
        for index, piece in enumerate(pieces):
            if index and self._between is not None:
                await session.clock.sleep(self._between(session.random))
            yield piece


def _sampler(latency: Latency | None, where: str) -> Callable[[Random], float] | None:
    if latency is None:
        return None
    from mock.engine.faults.latency import sampler

    return sampler(latency, where)


class Spoiler:
    """A fault that belongs to one answer. Raises StubError for one that can't be meant."""

    __slots__ = ("_striker",)

    def __init__(self, fault: Fault, apis: Apis, where: str) -> None:
        from mock.engine.faults.strike import Striker

        self._striker = Striker(fault, apis, where)

    def strike(self, session: Session) -> Strike:
        return self._striker.strike("stub", session.clock, Random(session.random.getrandbits(64)))
