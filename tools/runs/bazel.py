"""Runs Bazel and hands on its build events while it works."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.runs.events import Event, read

POLL_SECONDS = 0.1


class Bazel:
    """One `bazel test`: `events()` runs it; then `exit_code` and `log` (all that Bazel printed) are set."""

    def __init__(self, workspace: Path, arguments: Sequence[str]) -> None:
        self._workspace = workspace
        self._arguments = list(arguments)
        self.exit_code: int | None = None
        self.log = ""

    def events(self) -> Iterator[Event | None]:
        """Events as they come, None whenever there was nothing new for a moment.

        Raises FileNotFoundError when the workspace has no `bazelw`. Leaving early ends Bazel.
        """
        with tempfile.TemporaryDirectory(prefix="samewire-") as scratch:
            path = Path(scratch) / "events.json"
            path.touch()
            log = Path(scratch) / "bazel.log"
            command = [
                str(self._workspace / "bazelw"),
                "test",
                f"--build_event_json_file={path}",
                "--color=no",
                "--curses=no",
                "--show_progress_rate_limit=0.5",
                *self._arguments,
            ]
            with log.open("wb") as output:
                process = subprocess.Popen(
                    command, cwd=self._workspace, stdin=subprocess.DEVNULL, stdout=output, stderr=output
                )
                try:
                    yield from self._follow(process, path)
                finally:
                    if process.poll() is None:
                        process.terminate()
                        process.wait()
            self.exit_code = process.returncode
            self.log = log.read_text(encoding="utf-8", errors="replace")

    def _follow(self, process: subprocess.Popen[bytes], path: Path) -> Iterator[Event | None]:
        with path.open(encoding="utf-8", errors="replace") as stream:
            half = ""
            while True:
                ended = process.poll() is not None
                lines = (half + stream.read()).split("\n")
                half = lines.pop()
                yield from read(iter(lines))
                if ended:
                    yield from read(iter([half]))
                    return
                yield None
                time.sleep(POLL_SECONDS)


def workspace() -> Path:
    """The folder of the workspace that `bazel run` was called in.

    Raises RuntimeError outside `bazel run`.
    """
    folder = os.environ.get("BUILD_WORKSPACE_DIRECTORY")
    if not folder:
        raise RuntimeError("no workspace: start this through ./samewire")
    return Path(folder)
