"""The mock servers that scenarios need: one process for each API, started when it is first asked for."""

from __future__ import annotations

import asyncio
from typing import Self

from mock.client.async_client import AsyncMockClient
from mock.client.process import MockProcess


class Mocks:
    """`async with Mocks() as mocks: server = await mocks.server("tinker")`. Raises MockNotStarted."""

    def __init__(self) -> None:
        self._servers: dict[str, asyncio.Task[MockProcess]] = {}

    async def server(self, api: str) -> AsyncMockClient:
        """Its default session; tests take `.fresh()` ones."""
        if api not in self._servers:
            self._servers[api] = asyncio.create_task(asyncio.to_thread(MockProcess, api))
        process = await asyncio.shield(self._servers[api])
        return AsyncMockClient(process.address)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for starting in self._servers.values():
            if not starting.cancelled() and starting.exception() is None:
                await asyncio.to_thread(starting.result().close)
