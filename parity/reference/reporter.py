"""Sends telemetry. Whatever happens to it, nobody else notices. Source: tinker.md section 3.7."""

from __future__ import annotations

import asyncio
import logging
import platform
import uuid
from contextlib import suppress

from samewire_wire import JsonValue
from tinker.v1.telemetry_wire import Severity, TelemetryEvent, TelemetryResponse, TelemetrySendRequest

from parity.reference.api import Api
from parity.reference.dialect import NEW, Dialect
from parity.reference.errors import TinkerError
from parity.reference.event import Events
from parity.reference.telemetry import FLUSH_EVERY_S, TIMEOUT_S, EventQueue

_LOG = logging.getLogger("tinker")


class Reporter:
    """Of one session. A batch that cannot be sent is lost, and said in the log."""

    def __init__(self, api: Api, dialect: Dialect, session_id: str, *, enabled: bool) -> None:
        self._api = api
        self._dialect = dialect
        self._session_id = session_id
        self._enabled = enabled
        self._process = str(uuid.uuid4())
        self._events = Events()
        self._queue = EventQueue()
        self._due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins with SESSION_START, and flushes every FLUSH_EVERY_S seconds."""
        if self._enabled and self._task is None:
            self._put(self._events.started())
            self._task = asyncio.create_task(self._run())

    def event(self, name: str, data: dict[str, JsonValue], severity: Severity = "INFO") -> bool:
        """False where it is not sent: telemetry is off, or the queue is full."""
        return self._enabled and self._put(self._events.generic(name, data, severity))

    def exception(self, error: BaseException, severity: Severity = "ERROR") -> bool:
        """Is sent soon."""
        if not self._enabled:
            return False
        self._due.set()
        return self._put(self._events.exception(error, severity))

    async def fatal(self, error: BaseException) -> None:
        """The last that the session says: the error and SESSION_END, sent now."""
        if self.exception(error, "CRITICAL"):
            self._put(self._events.ended())
            await self.flush()

    async def flush(self) -> None:
        """Sends what waits. Never raises."""
        while batch := self._queue.batch():
            await self._send(batch)

    async def aclose(self) -> None:
        """0.4.1 leaves the rest unsent."""
        if self._task is None:
            return
        self._task.cancel()
        self._task = None
        if self._dialect is NEW:
            await self.flush()

    def _put(self, event: TelemetryEvent) -> bool:
        return self._queue.put(event)

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), FLUSH_EVERY_S)
            self._due.clear()
            await self.flush()

    async def _send(self, batch: list[TelemetryEvent]) -> None:
        request = TelemetrySendRequest(
            events=batch,
            platform=platform.system(),
            sdk_version=self._dialect.sdk_version,
            session_id=self._session_id,
        )
        if self._dialect is NEW:
            request.process_uuid = self._process
        try:
            await self._api.ask("SendTelemetry", request, TelemetryResponse, timeout_s=TIMEOUT_S)
        except (TinkerError, ValueError) as error:
            _LOG.warning("%d telemetry events are lost: %s", len(batch), error)
