"""The processes of one testee, in the bridge's pool: started when they are needed, replaced when they break."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from bridge.v1.pool_wire import PoolConfig
from samewire.parity.v1.testee_wire import Hello, Request

from parity.bridge.pool import Pool
from parity.bridge.worker import Worker
from parity.runner.testee import HELLO_WITHIN_S, Said, Testee, TesteeLauncher

_DAY_MS = 24 * 60 * 60 * 1000


class Lanes:
    """`async with Lanes(testee, 2) as lanes: async with lanes.worker() as worker: await worker.ask(…)`."""

    def __init__(self, testee: Testee, processes: int) -> None:
        self._testee = testee
        self._processes = processes
        self._wait_s = 2 * HELLO_WITHIN_S
        # Nobody else uses them and none keeps a session: nothing to check while they rest, nothing to sweep.
        config = PoolConfig(
            pool_size=processes,
            overflow=0,
            checkout_timeout=int(self._wait_s * 1000),
            health_check_interval=_DAY_MS,
            session_cleanup_interval=_DAY_MS,
        )
        self._pool: Pool[Request, Said] = Pool(TesteeLauncher(self._testee), config)

    @property
    def restarts(self) -> int:
        return max(self._pool.metrics.starts - self._processes, 0)

    async def hello(self) -> Hello:
        """What the testee says of itself. Raises Fault when it does not start."""
        async with self.worker():
            assert self._testee.hello is not None
            return self._testee.hello

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[Worker[Request, Said]]:
        """One of the processes, alone; one that broke meanwhile is not used again. Raises Fault when none starts."""
        worker = await self._pool.checkout(timeout=self._wait_s)
        try:
            yield worker
        finally:
            channel = worker.channel
            sound = not channel.outstanding and channel.broken is None and not channel.over.done()
            self._pool.checkin(worker, "ok" if sound else "close")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pool.close()
