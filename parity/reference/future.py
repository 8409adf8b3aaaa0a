"""Results that are not there yet. Source: tinker.md section 3.4; seed 000 section 3.4."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

from samewire_wire import Model, WireError
from tinker.v1.future_wire import FutureRetrieveRequest

from parity.reference import headers as names
from parity.reference import poll
from parity.reference.api import Api
from parity.reference.clock import Clock
from parity.reference.dialect import NEW, Dialect
from parity.reference.errors import (
    ConnectionFailed,
    Expired,
    RequestFailed,
    StatusError,
    TimedOut,
    ValidationError,
    WaitTimeout,
)
from parity.reference.http import Answer
from parity.reference.promise import Promise
from parity.reference.queue_state import Observer

T = TypeVar("T")
U = TypeVar("U")
M = TypeVar("M", bound=Model)
POLL_TIMEOUT_S = 45.0
_ROUNDTRIP = "x-tinker-create-promise-roundtrip-time"


class Future(Generic[T]):
    """Is at work from its creation on; awaited any number of times, by anybody."""

    def __init__(self, work: Coroutine[Any, Any, T], clock: Clock) -> None:
        self._task = asyncio.create_task(work)
        self._task.add_done_callback(_seen)
        self._clock = clock

    def __await__(self) -> Generator[Any, None, T]:
        return self.result().__await__()

    async def result(self, timeout_s: float | None = None) -> T:
        """Raises WaitTimeout; the work goes on then, and can be awaited again."""
        try:
            async with self._clock.limit(timeout_s):
                return await asyncio.shield(self._task)
        except TimeoutError as error:
            if self._task.done() and not self._task.cancelled() and self._task.exception() is error:
                raise  # the work's own
            raise WaitTimeout(f"no result within {timeout_s:g} s; it can still be awaited") from error

    def then(self, change: Callable[[T], Awaitable[U]]) -> Future[U]:
        """Another one, of what `change` makes of the result."""

        async def follow() -> U:
            return await change(await self)

        return Future(follow(), self._clock)

    def done(self) -> bool:
        return self._task.done()

    def cancel(self) -> None:
        """For all who await it."""
        self._task.cancel()


def _seen(task: asyncio.Task[Any]) -> None:
    """An error that nobody awaits is nobody's concern."""
    if not task.cancelled():
        task.exception()


Told = Callable[[str, Exception], None]
"""What happened on the way to a result, and with which error."""


class Poller:
    """Asks for results until they are there. `told`: of each error, also of those that are only waited out."""

    def __init__(self, api: Api, clock: Clock, dialect: Dialect, told: Told = lambda *_: None) -> None:
        self._api = api
        self._clock = clock
        self._dialect = dialect
        self._told = told

    async def result(self, promise: Promise[M], observer: Observer = lambda _: None) -> M:
        """Raises RequestFailed, Expired, StatusError, ValidationError. Goes on for ever while there is none."""
        try:
            return await self._wait(promise, observer)
        except RequestFailed as error:
            self._told("application_error", error)
            raise
        except ValidationError as error:
            self._told("validation_error", error)
            raise
        finally:
            if self._dialect is NEW:
                observer("active")  # pauses are only told of while one waits

    async def _wait(self, promise: Promise[M], observer: Observer) -> M:
        whole = self._dialect is not NEW
        streak, failures, iteration = "", 0, 0
        while True:
            answer, error = await self._ask(promise, iteration, whole)
            iteration += 1
            if answer is not None and self._is_binary(promise, answer):
                return self._binary(promise, answer)
            status = _status(answer, error)
            kind = self._kind(status)
            failures = failures + 1 if kind == streak else 0
            streak = kind
            step = poll.decide(self._dialect, status=status, body=_body(answer, error), failures=failures)
            if step.observed and step.queue_state is not None:
                observer(step.queue_state)
            match step.then:
                case "done":
                    return self._json(promise, step.result)
                case "fetch":
                    whole = True
                case "poll" if step.delay_s > 0:
                    await self._clock.sleep(step.delay_s)
                case "resubmit":
                    raise Expired(f"request {promise.request_id} is forgotten (410)") from error
                case "fail" if isinstance(error, StatusError):
                    raise error
                case "fail":
                    raise self._failure(promise, step)

    async def _ask(
        self, promise: Promise[M], iteration: int, whole: bool
    ) -> tuple[Answer | None, StatusError | ConnectionFailed | None]:
        said: dict[str, str] = {
            names.ITERATION: str(iteration),
            names.REQUEST_TYPE: promise.kind.header,
            names.RAW: "raw",
        }
        if self._binds(promise):
            said["accept"] = names.PROTOBUF
        if iteration == 0 and promise.roundtrip_s is not None:
            said[_ROUNDTRIP] = f"{promise.roundtrip_s:.6f}"
        request = FutureRetrieveRequest(request_id=promise.request_id)
        if self._dialect is NEW:
            request = FutureRetrieveRequest(request_id=promise.request_id, allow_metadata_only=not whole)
        try:
            return (
                await self._api.send("RetrieveFuture", request, headers=said, timeout_s=POLL_TIMEOUT_S, max_retries=0),
                None,
            )
        except (StatusError, ConnectionFailed) as error:
            self._notice(error)
            return None, error

    def _notice(self, error: StatusError | ConnectionFailed) -> None:
        """That a result is not ready (408) is no error."""
        if isinstance(error, StatusError):
            if error.status != 408:
                self._told("api_status_error", error)
        else:
            self._told("timeout" if isinstance(error, TimedOut) else "connection_error", error)

    def _binds(self, promise: Promise[M]) -> bool:
        """Whether the result has to come in protobuf."""
        return self._dialect.binary and promise.kind.binary is not None

    def _is_binary(self, promise: Promise[M], answer: Answer) -> bool:
        return self._binds(promise) and names.PROTOBUF in answer.headers.get("content-type", "")

    def _binary(self, promise: Promise[M], answer: Answer) -> M:
        assert promise.kind.binary is not None
        try:
            return promise.kind.binary(answer.body)
        except ValueError as error:
            raise ValidationError(f"the result is not what it should be: {error}") from error

    def _json(self, promise: Promise[M], result: Any) -> M:
        if self._binds(promise):
            raise ValidationError(f"the result of {promise.kind.header} came as JSON, not as {names.PROTOBUF}")
        try:
            return promise.kind.result.from_wire(json.dumps(result), self._dialect.name)
        except WireError as error:
            raise ValidationError(f"the result is not what it should be: {error}") from error

    def _failure(self, promise: Promise[M], step: poll.Step) -> Exception:
        if step.kind == "request_failed":
            return RequestFailed(step.reason, promise.request_id, step.category or "unknown")
        return ValidationError(f"the answer is not what it should be: {step.reason}")

    def _kind(self, status: int | None) -> str:
        """Answers of one kind in a row make the waits longer."""
        if status is None or (status == 429 and self._dialect is NEW):
            return "lost"
        return str(status)


def _status(answer: Answer | None, error: StatusError | ConnectionFailed | None) -> int | None:
    if answer is not None:
        return answer.status
    return error.status if isinstance(error, StatusError) else None


def _body(answer: Answer | None, error: StatusError | ConnectionFailed | None) -> bytes:
    if answer is not None:
        return answer.body
    return error.body.encode() if isinstance(error, StatusError) else b""
