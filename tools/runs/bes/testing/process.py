"""A server in a process of its own, that can be killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


def environment() -> dict[str, str]:
    """Where a new process finds the same modules."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


class Process:
    """`address`: where it is; `pid`. With `port` a new one takes the place of one that was killed."""

    def __init__(self, folder: Path, port: int = 0, before: Callable[[], None] | None = None) -> None:
        """`before`: called in the new process before the program starts."""
        command = [sys.executable, "-m", "tools.runs.bes.serve", str(folder), f"--port={port}"]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, preexec_fn=before, env=environment()
        )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()
        assert self.address.startswith("grpc://127.0.0.1:"), self.address
        self.port = int(self.address.rpartition(":")[2])
        self.pid = self._process.pid

    def kill(self) -> None:
        """As kill -9 does."""
        self._process.kill()
        self._end()

    def close(self) -> int:
        """Politely; its exit code."""
        self._process.terminate()
        return self._end()

    def _end(self) -> int:
        code = self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *error: object) -> None:
        if self._process.poll() is None:
            self.kill()
