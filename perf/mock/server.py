"""A server under load: one process tree, on a core of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from perf.mock import load, payload, usage

# Port, seconds to wait, whether the server still runs → `time.monotonic()` of its first right answer.
Right = Callable[[int, float, Callable[[], bool]], float]


def _over_http(port: int, seconds: float, alive: Callable[[], bool]) -> float:
    return load.until_right(port, payload.repeated(), seconds, alive)


@dataclass(frozen=True)
class Server:
    """How to start one. `command` gets the port and a folder, for files that it needs, and gives the words."""

    name: str
    command: Callable[[int, Path], Sequence[str | Path]]
    environment: Mapping[str, str] = field(default_factory=dict)
    warm_s: float = 0.5
    note: str = ""
    right: Right = _over_http


class Running:
    """A started server. `first_s`: seconds from the start of the process to its first right answer."""

    def __init__(self, server: Server, folder: Path, core: int, wait_s: float = 60.0) -> None:
        self.server = server
        self.port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "log"
        command = [str(word) for word in server.command(self.port, folder)]
        # Affinity is inherited: no moment in which the server runs on the generator's core.
        ours = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {core})
        begin = time.monotonic()
        try:
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=folder,
                    env={**os.environ, **server.environment},
                    start_new_session=True,
                )
        finally:
            os.sched_setaffinity(0, ours)
        try:
            right = server.right(self.port, wait_s, lambda: self._process.poll() is None)
        except (TimeoutError, load.Lost) as error:
            self.stop()
            said = self._log.read_text(errors="replace").strip()[-600:]
            raise RuntimeError(f"{server.name}: {error}; it said: {said}") from None
        self.first_s = right - begin

    def usage(self) -> usage.Usage:
        return usage.tree(self._process.pid)

    def stop(self) -> None:
        """By force where it does not end within two seconds."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, sign)
                self._process.wait(2)
                return
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                self._process.wait()
                return


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
