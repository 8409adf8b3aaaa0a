"""A session with the service, which all clients of a ServiceClient share. Source: tinker.md sections 2.3, 3.2, 3.10."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from itertools import count
from typing import Any, TypeVar

import httpx
from samewire_wire import JsonValue, Model
from tinker.v1.config_wire import ClientConfigRequest, ClientConfigResponse, ClientDynamicConfigResponse
from tinker.v1.future_wire import UntypedAPIFuture
from tinker.v1.session_wire import (
    CreateSessionRequest,
    CreateSessionResponse,
    FinishSessionRequest,
    SessionFinish,
    SessionFinishReason,
    SessionHeartbeatRequest,
    SessionHeartbeatResponse,
)

from parity.reference import submit
from parity.reference.api import Api
from parity.reference.chunks import Limits
from parity.reference.clock import Clock, Random
from parity.reference.config import Config
from parity.reference.dialect import NEW, TINKEX
from parity.reference.errors import StatusError, TinkerError, user_error
from parity.reference.future import Future, Poller
from parity.reference.http import Http
from parity.reference.limiter import RateLimit, RateLimits
from parity.reference.promise import Kind, Promise
from parity.reference.reporter import Reporter

T = TypeVar("T")
M = TypeVar("M", bound=Model)
HEARTBEAT_EVERY_S = 10.0
HEARTBEAT_TIMEOUT_S = 10.0
_WARN_AFTER_S = 120.0
_GONE = 410
_LOG = logging.getLogger("tinker")
_FAILED = "InternalClientHolder.execute_with_retries.exception"


class Session:
    """Begun by whoever needs it first. `id` is known after `begin`."""

    def __init__(
        self,
        config: Config,
        clock: Clock,
        random: Random,
        limits: RateLimits,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.config = config
        self.dialect = config.dialect
        self.clock = clock
        self.random = random
        self.http = Http(config, clock, random, transport)
        self.api = Api(self.http, config)
        self.poller = Poller(
            self.api, clock, config.dialect, lambda what, error: self.tell(f"APIFuture.result_async.{what}", error)
        )
        own = RateLimit(clock, stepwise=config.dialect is not TINKEX)
        self.rate_limit = limits.of(config.tenant) if config.dialect is TINKEX else own
        self.chunk_limits = Limits.of(config.dialect)
        self.chunks_parallel = config.dialect.chunks_parallel
        self.models = count()
        """Numbers of models, from 0."""
        self.samplers = count()
        """Numbers of sampling sessions, from 0."""
        self._id: str | None = None
        self._configured = False
        self._begin = asyncio.Lock()
        self._heartbeat: asyncio.Task[None] | None = None
        self._reporter: Reporter | None = None

    @property
    def id(self) -> str:
        assert self._id is not None, "the session is not begun"
        return self._id

    @property
    def reporter(self) -> Reporter:
        assert self._reporter is not None, "the session is not begun"
        return self._reporter

    async def configure(self) -> None:
        """0.38 asks the service first how it should behave."""
        if self.dialect is not NEW or self._configured:
            return
        self._configured = True
        asked = ClientConfigRequest(sdk_version=self.dialect.sdk_version)
        told = await self.persist(lambda: self.api.ask("GetClientConfig", asked, ClientConfigResponse))
        self.chunk_limits = Limits(told.fwdbwd_max_chunk_len, told.fwdbwd_max_chunk_bytes_count)
        self.chunks_parallel = told.parallel_fwdbwd_chunks
        try:
            await self.api.ask(
                "GetClientDynamicConfig", asked, ClientDynamicConfigResponse, timeout_s=10.0, max_retries=0
            )
        except StatusError as error:
            if error.status != 404:
                raise

    async def begin(self) -> None:
        """Does nothing the second time."""
        async with self._begin:
            if self._id is not None:
                return
            await self.configure()
            request = CreateSessionRequest(
                tags=list(self.config.tags),
                user_metadata=dict(self.config.user_metadata),
                sdk_version=self.dialect.sdk_version,
            )
            answer = await self.api.ask("CreateSession", request, CreateSessionResponse)
            for level, said in (
                (logging.INFO, answer.info_message),
                (logging.WARNING, answer.warning_message),
                (logging.ERROR, answer.error_message),
            ):
                if isinstance(said, str):
                    _LOG.log(level, said)
            self._id = answer.session_id
            self._heartbeat = asyncio.create_task(self._beat())
            self._reporter = Reporter(self.api, self.dialect, self._id, enabled=self.config.telemetry)
            self._reporter.start()

    async def persist(self, act: Callable[[], Awaitable[T]]) -> T:
        """With the retries of a whole submit; each failure is told to telemetry."""
        return await submit.persist(act, self.dialect, self.clock, self._told)

    async def promise(
        self,
        method: str,
        request: Model,
        kind: Kind[M],
        *,
        body: bytes | None = None,
        content_type: str | None = None,
        max_retries: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> Promise[M]:
        """Sends a long call once, and gives what it promises. `body`: instead of the request's JSON."""
        began = self.clock.passed()
        said: dict[str, str | None] = dict(headers or {})
        if content_type is not None:
            said["content-type"] = content_type
        answer = await self.api.send(method, request, body=body, headers=said, max_retries=max_retries)
        return Promise.of(kind, self.api.read(UntypedAPIFuture, answer), self.clock.passed() - began)

    def future(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return Future(work, self.clock)

    async def aclose(self, *, tell: bool = True) -> None:
        """Stops the heartbeat; 0.38 says goodbye, if it should `tell`."""
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        if self._reporter is not None:
            await self._reporter.aclose()
        if tell and self.dialect is NEW and self._id is not None:
            await self._finish()
        await self.http.aclose()

    async def _finish(self) -> None:
        reason = SessionFinish(reason=SessionFinishReason(type="success"), detail=None)
        try:
            await self.api.send("FinishSession", FinishSessionRequest(session_id=self.id, finish=reason), max_retries=0)
        except TinkerError as error:
            _LOG.warning("the service was not told that the session is over: %s", error)

    async def _beat(self) -> None:
        """Tells the service that somebody is there, until it says that the session is gone."""
        request = SessionHeartbeatRequest(session_id=self.id)
        loop = asyncio.get_running_loop()
        good = loop.time()
        while True:
            await asyncio.sleep(HEARTBEAT_EVERY_S)
            try:
                await self.api.ask(
                    "HeartbeatSession",
                    request,
                    SessionHeartbeatResponse,
                    timeout_s=HEARTBEAT_TIMEOUT_S,
                    max_retries=0,
                )
                good = loop.time()
            except TinkerError as error:
                if self.dialect is NEW and isinstance(error, StatusError) and error.status == _GONE:
                    return
                if loop.time() - good > _WARN_AFTER_S:
                    _LOG.warning("no heartbeat for %d s: %s", loop.time() - good, error)
                    good = loop.time()

    def tell(self, name: str, error: Exception, **more: JsonValue) -> None:
        """Telemetry of an error that is dealt with; `more`: what is known besides."""
        if self._reporter is None:
            return
        data: dict[str, JsonValue] = {
            "exception": str(error),
            "exception_type": type(error).__name__,
            "exception_stack": "".join(traceback.format_exception(error)),
            "status_code": error.status if isinstance(error, StatusError) else None,
            "is_user_error": user_error(error) is not None,
            "current_time": self.clock.now(),
        }
        harmless = data["is_user_error"] or more.get("is_retryable") is True
        self._reporter.event(name, data | more, "WARNING" if harmless else "ERROR")

    def _told(self, error: Exception, attempt: int, again: bool) -> None:
        self.tell(_FAILED, error, is_retryable=again, attempt_count=attempt)
