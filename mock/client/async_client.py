"""`AsyncMockClient`: every call of MockClient as a coroutine.

It runs the calls on a thread: there are few, they are short, and so it works under any event loop with the standard
library alone.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

from mock.client.client import DEFAULT, MockClient

P = ParamSpec("P")
T = TypeVar("T")


def _later(
    method: Callable[Concatenate[MockClient, P], T],
) -> Callable[Concatenate[AsyncMockClient, P], Coroutine[Any, Any, T]]:
    @functools.wraps(method)
    async def call(self: AsyncMockClient, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.to_thread(method, self.sync, *args, **kwargs)

    return call


class AsyncMockClient:
    """As MockClient, method by method. Stubs are said with `when`:

        mock = AsyncMockClient("http://127.0.0.1:8000").fresh()
        await mock.stub(when(path="/api/version").reply(json={"version": "0.9"}))
        await mock.verify(path="/api/version", within=2)

    `sync`: the same session as a MockClient.
    """

    def __init__(
        self,
        address: str,
        session: str = DEFAULT,
        *,
        token: str | None = None,
        timeout: float = 10.0,
        cafile: str | None = None,
    ) -> None:
        self.sync = MockClient(address, session, token=token, timeout=timeout, cafile=cafile)

    @classmethod
    def of(cls, mock: MockClient) -> AsyncMockClient:
        """For the session of a MockClient, e.g. of the fixture `mock_server`."""
        made = cls.__new__(cls)
        made.sync = mock
        return made

    @property
    def address(self) -> str:
        return self.sync.address

    @property
    def session(self) -> str:
        return self.sync.session

    @property
    def url(self) -> str:
        return self.sync.url

    @property
    def target(self) -> str:
        return self.sync.target

    @property
    def headers(self) -> dict[str, str]:
        return self.sync.headers

    def fresh(self, label: str = "test") -> AsyncMockClient:
        return self.of(self.sync.fresh(label))

    server = _later(MockClient.server)
    sessions = _later(MockClient.sessions)
    info = _later(MockClient.info)
    reset = _later(MockClient.reset)
    delete = _later(MockClient.delete)
    load = _later(MockClient.load)
    configure = _later(MockClient.configure)

    stub = _later(MockClient.stub)
    add_stubs = _later(MockClient.add_stubs)
    stubs = _later(MockClient.stubs)
    remove_stub = _later(MockClient.remove_stub)
    clear_stubs = _later(MockClient.clear_stubs)
    set_state = _later(MockClient.set_state)

    set_faults = _later(MockClient.set_faults)
    faults = _later(MockClient.faults)
    clear_faults = _later(MockClient.clear_faults)

    clock = _later(MockClient.clock)
    advance = _later(MockClient.advance)
    set_time = _later(MockClient.set_time)
    real_time = _later(MockClient.real_time)

    journal = _later(MockClient.journal)
    last = _later(MockClient.last)
    clear_journal = _later(MockClient.clear_journal)
    explain = _later(MockClient.explain)
    verify = _later(MockClient.verify)
    verdict = _later(MockClient.verdict)
    har = _later(MockClient.har)
    cases = _later(MockClient.cases)
    recorded_stubs = _later(MockClient.recorded_stubs)

    def __repr__(self) -> str:
        return repr(self.sync)
