"""The call `scenario`: the SDK's public clients at work, step by step, as docs/cases.md has them."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Coroutine, Iterator
from typing import Any

from parity.testees.tinker_sdk.answer import Unsupported, sdk
from parity.testees.tinker_sdk.clock import CLOCK
from parity.testees.tinker_sdk.steps import Steps
from parity.testees.tinker_sdk.transport import environ

PATIENCE_S = 9.0
"""Of one scenario; less than a case has, so that what hangs is told as such."""
_errors = sdk("_exceptions")
_pydantic = sdk("_base_client").pydantic
_holder = sdk("lib.internal_client_holder")
_sampling = sdk("lib.public_interfaces.sampling_client")


_UNREADABLE = ("Error retrieving result", "Proto deserialization failed", "Server returned a JSON payload")


class Stuck(Exception):
    """A step that does not end."""


class Scenarios:
    """One after the other. The steps are begun on a loop of their own, as a user's would be."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._holders: list[Any] = []
        self._watch_holders()

    def _watch_holders(self) -> None:
        """Whoever makes one, it is closed at the end of its scenario, and not by a destructor, who would wait."""
        kind = _holder.InternalClientHolder
        made = kind.__init__

        def init(holder: Any, *args: Any, **kwargs: Any) -> None:
            self._holders.append(holder)
            made(holder, *args, **kwargs)

        kind.__init__ = init
        kind.__del__ = lambda holder: None

    def __call__(self, given: Any) -> Any:
        until = time.monotonic() + PATIENCE_S
        CLOCK.start(given["random"], real=bool(given["config"].get("real_time")))
        steps = Steps(given["base_url"], given["config"])
        with environ(steps.environ()):
            try:
                told = [self._wait(self._outcome(steps, step), until) for step in given["steps"]]
                return {"steps": told, "slept_s": CLOCK.slept}
            finally:
                self._close(steps)

    def _wait(self, step: Coroutine[Any, Any, Any], until: float) -> Any:
        future = asyncio.run_coroutine_threadsafe(step, self._loop)
        try:
            return future.result(max(until - time.monotonic(), 0.01))
        except TimeoutError:
            if future.done():
                raise
            future.cancel()
            raise Stuck("a step does not end") from None

    async def _outcome(self, steps: Steps, step: dict[str, Any]) -> Any:
        """Raises Unsupported, and what is no outcome."""
        match step["do"]:
            case "together":
                return await asyncio.gather(*(self._outcome(steps, each) for each in step.get("steps", [])))
            case "in_turn":
                return [await self._outcome(steps, each) for each in step.get("steps", [])]
        try:
            return {"ok": await steps.do(step["do"], step.get("with") or {})}
        except Unsupported:
            raise
        except Exception as error:
            return {"error": told(error)}

    def _close(self, steps: Steps) -> None:
        holders, self._holders = self._holders, []
        asyncio.run_coroutine_threadsafe(steps.close(), self._loop).result(PATIENCE_S)
        loop = _holder._internal_client_holder_thread_singleton.get_loop()
        asyncio.run_coroutine_threadsafe(_cleared(holders), loop).result(PATIENCE_S)
        _sampling._get_retry_handler.cache_clear()
        if hasattr(_holder, "sessionless_holder_cache"):
            _holder.sessionless_holder_cache._holders.clear()


async def _cleared(holders: list[Any]) -> None:
    """What the SDK leaves open: the tasks of its loop, and its connections."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for holder in holders:
        for pool in getattr(holder, "_client_pools", {}).values():
            for client in pool._clients:
                await client.close()


def told(error: Exception) -> dict[str, Any]:
    """An exception of the SDK as an outcome's error. One that says nothing of the SDK is raised again."""
    for each in _chain(error):
        match each:
            case _errors.RequestFailedError():
                return {"kind": "request_failed", "category": each.category.value}
            case _errors.APIStatusError():
                return {"kind": "status", "status": each.status_code}
            case _errors.APIResponseValidationError() | _pydantic.ValidationError() | json.JSONDecodeError():
                return {"kind": "validation"}
            case _errors.APITimeoutError() | TimeoutError():
                return {"kind": "timeout"}
            case _errors.APIConnectionError():
                return {"kind": "connection"}
    match error:
        case ValueError() if str(error).startswith(_UNREADABLE):
            return {"kind": "validation"}
        case AssertionError():
            return {"kind": "validation"}
        case AttributeError() if isinstance(error.obj, (type(None), dict, list, str, int, float)):
            # What the SDK says of an answer that lacks what it needs: no object of its own, which would be our fault.
            return {"kind": "validation"}
        case ValueError() | TypeError() | KeyError() | _errors.TinkerError():
            return {"kind": "usage"}
    raise error


def _chain(error: BaseException) -> Iterator[BaseException]:
    each: BaseException | None = error
    while each is not None:
        yield each
        each = each.__cause__
