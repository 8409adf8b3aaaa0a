"""The DevTools protocol over a pair of pipes (`--remote-debugging-pipe`): JSON messages, each ended by a zero byte.

Pipes and not the WebSocket: no port, no handshake, and the browser ends when the pipe is closed.
"""

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Callable
from typing import Any

Event = Callable[[str, str, dict[str, Any]], None]


class DevToolsError(RuntimeError):
    """The browser refused a command, or is gone."""


class DevTools:
    """Commands and events of one browser. `writes` and `reads` are our ends of the pipes; closed with it."""

    def __init__(self, writes: int, reads: int, event: Event) -> None:
        self._writes = writes
        self._reads = reads
        self._event = event
        self._number = 0
        self._rest = b""

    def call(self, method: str, session: str = "", seconds: float = 30.0, **parameters: Any) -> dict[str, Any]:
        """The result of a command. Events that come before it are handed over.

        Raises DevToolsError when the browser refuses it or is gone, TimeoutError.
        """
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._write(json.dumps(message).encode() + b"\0")
        until = time.monotonic() + seconds
        while True:
            answer = self._read(until, method)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise DevToolsError(f"{method}: {answer['error'].get('message')}")
                result: dict[str, Any] = answer.get("result", {})
                return result
            self._told(answer)

    def listen(self, seconds: float) -> None:
        """Hands over what events come within a time, in seconds."""
        until = time.monotonic() + seconds
        while True:
            try:
                self._told(self._read(until, "events"))
            except TimeoutError:
                return

    def close(self) -> None:
        """Closes both pipes, which ends the browser."""
        os.close(self._writes)
        os.close(self._reads)

    def _told(self, message: dict[str, Any]) -> None:
        if "method" in message:
            self._event(message.get("sessionId", ""), message["method"], message.get("params", {}))

    def _write(self, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(self._writes, data) :]
            except BrokenPipeError:
                raise DevToolsError("the browser is gone") from None

    def _read(self, until: float, what: str) -> dict[str, Any]:
        while b"\0" not in self._rest:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._reads], [], [], left)[0]:
                raise TimeoutError(f"the browser did not answer in time: {what}")
            data = os.read(self._reads, 1 << 20)
            if not data:
                raise DevToolsError("the browser is gone")
            self._rest += data
        message, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found
