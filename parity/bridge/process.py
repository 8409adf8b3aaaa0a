"""A child process that speaks frames: stdin and stdout carry them, stderr is free text."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from typing import cast

from parity.bridge.clock import Alarm, Clock
from parity.bridge.fault import Fault
from parity.bridge.framing import FrameError, Frames, frame
from parity.bridge.launcher import Command
from parity.bridge.tail import Tail


class Process(asyncio.SubprocessProtocol):
    """Leads a process group of its own, which ends with it: nothing that it started outlives it.

    `hear` gets each body from stdout, and `ended`, once and last, the Fault that tells how it came to an end.
    """

    def __init__(
        self, command: Command, clock: Clock, hear: Callable[[bytes], object], ended: Callable[[Fault], object]
    ) -> None:
        self.stderr = Tail(command.stderr)
        self.pid = 0
        self.status: int | None = None  # exit status, negative for a signal; None while it runs
        self.writable = asyncio.Event()  # cleared while it does not read what it is sent
        self._command = command
        self._clock = clock
        self._hear = hear
        self._ended = ended
        self._frames = Frames(command.limit)
        self._fault: Fault | None = None
        self._loop = asyncio.get_running_loop()
        self._over = self._loop.create_future()
        self._out: list[bytes] = []
        self._stopping = False
        self._alarms: list[Alarm] = []
        self._stdin: asyncio.WriteTransport | None = None
        self._transport: asyncio.SubprocessTransport | None = None
        self.writable.set()

    async def start(self) -> None:
        """Raises Fault(worker_init_failed) when there is nothing to start."""
        argv = self._command.argv
        try:
            await self._loop.subprocess_exec(
                lambda: self,
                *argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=self._command.env,
                cwd=self._command.cwd,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:  # ValueError: a NUL in an argument
            raise Fault("worker_init_failed", f"cannot start {' '.join(argv)}: {error}", argv=list(argv)) from None

    def send(self, body: bytes) -> None:
        """Frames that are sent in one turn of the event loop go out together. Raises FrameError on a bad length."""
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(frame(body))

    async def stop(self) -> int | None:
        """Closes its stdin; SIGTERM after the grace, SIGKILL after another. Its exit status."""
        self._flush()
        if self._stdin is not None:
            self._stdin.close()
        if not self._stopping and not self._over.done():
            self._stopping = True
            grace = self._command.grace
            self._alarms += [
                self._clock.later(grace, self.signal, signal.SIGTERM),
                self._clock.later(2 * grace, self.signal, signal.SIGKILL),
            ]
        return await self.wait()

    def kill(self) -> None:
        self.signal(signal.SIGKILL)

    def signal(self, number: int) -> None:
        """To the whole group."""
        if self.pid and not self._over.done():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    async def wait(self) -> int | None:
        """Until it has ended and all that it wrote was read."""
        await asyncio.shield(self._over)
        return self.status

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.SubprocessTransport, transport)
        self.pid = self._transport.get_pid()
        self._stdin = cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0))

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 2:
            self.stderr.add(data)
            return
        try:
            for body in self._frames.feed(data):
                self._hear(body)
            if self._frames.error is None:
                return
            error = self._frames.error
        except FrameError as caught:
            error = caught
        if self._fault is None:
            self._fault = Fault("decode_error", f"Unreadable output: {error}")
            self.kill()

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if fd == 0:
            self.writable.set()  # nobody needs to wait for it any more
        if fd == 1 and self._fault is None:
            try:
                self._frames.end()
            except FrameError as error:
                self._fault = Fault("decode_error", f"Unreadable output: {error}")
        # Without its pipes it is of no use. As a rule it is just about to end by itself, so it gets a moment.
        if fd in (0, 1) and self.status is None and not self._stopping:
            self._alarms.append(self._clock.later(self._command.grace, self.kill))

    def process_exited(self) -> None:
        assert self._transport is not None
        self.signal(signal.SIGKILL)  # those that it left behind, who may hold its pipes
        self.status = self._transport.get_returncode()
        # One that left the group too keeps the pipes open, but not us.
        self._alarms.append(self._clock.later(self._command.grace, self._transport.close))

    def connection_lost(self, exc: Exception | None) -> None:
        for alarm in self._alarms:
            alarm.cancel()
        if self._transport is not None:
            self._transport.close()
        self.writable.set()
        fault = self._fault or Fault("port_exited", f"Process exited with {ending(self.status)}", status=self.status)
        if not self._over.done():
            self._over.set_result(None)
            self._ended(fault)

    def _flush(self) -> None:
        if self._out:
            data, self._out = b"".join(self._out), []
            if self._stdin is not None and not self._stdin.is_closing():
                self._stdin.write(data)


def ending(status: int | None) -> str:
    """An exit status in words."""
    if status is None or status >= 0:
        return f"status {status}"
    try:
        return f"signal {signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"
