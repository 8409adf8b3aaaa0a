"""Runs Bazel and hands on its build events while it works."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from tools.runs.events import Event, Finished
from tools.runs.events.tail import flags as file_flags
from tools.runs.events.tail import tail

if TYPE_CHECKING:
    from tools.runs.bes.server import Server

# A second wish to stop is passed on as well; with the third one Bazel is killed.
PATIENCE = 3
LAST_BYTES = 1_000
POLL = 0.02  # seconds


class Bazel:
    """One `bazel test`: `events()` runs it; then `exit_code` and `log` (all that Bazel printed) are set.

    Events come from the JSON file that Bazel fills, or, where `store` names a folder, over gRPC from a build event
    service in this process, which keeps them there. Where its stream did not come whole, the file is read at the end;
    where it cannot start, or an option names another service, it is the file from the beginning.

    Attributes:
        exit_code: Bazel's; minus the signal's number when one killed it; None before it ended.
        interrupted: somebody wanted it to stop: Ctrl-C, SIGTERM or a closed terminal.
    """

    def __init__(self, workspace: Path, arguments: Sequence[str], store: Path | None = None) -> None:
        self._workspace = workspace
        self._arguments = list(arguments)
        self._store = store
        self._process: subprocess.Popen[bytes] | None = None
        self._wishes = 0
        self._output = Path()
        self.exit_code: int | None = None
        self.log = ""

    @property
    def interrupted(self) -> bool:
        return self._wishes > 0

    def interrupt(self) -> None:
        """Asks Bazel to stop: it ends its tests, tells its last events, and exits with 8. Asked often, it is killed."""
        self._wishes += 1
        if self._process is not None and self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGINT if self._wishes < PATIENCE else signal.SIGKILL)

    @property
    def said(self) -> str:
        """The last line that Bazel printed so far: before its first event that is all there is to know."""
        try:
            with self._output.open("rb") as stream:
                stream.seek(max(0, os.fstat(stream.fileno()).st_size - LAST_BYTES))
                lines = stream.read().decode(errors="replace").split("\n")
        except OSError:
            return ""
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def events(self) -> Iterator[Event | None]:
        """Events as they come, None whenever there was nothing new for a moment.

        While it runs, Ctrl-C and SIGTERM stop Bazel and not this process: the events then end by themselves.
        Raises FileNotFoundError when the workspace has no `bazelw`. Leaving early ends Bazel.
        """
        with self._signals(), tempfile.TemporaryDirectory(prefix="samewire-") as scratch, self._service() as service:
            path = Path(scratch) / "events.json"
            path.touch()
            log = self._output = Path(scratch) / "bazel.log"
            command = [
                str(self._workspace / "bazelw"),
                "test",
                *file_flags(path),
                "--color=no",
                "--curses=no",
                "--show_progress_rate_limit=0.5",
                *(service.flags if service else ()),
                *self._arguments,
            ]
            if self.interrupted:
                return
            with log.open("wb") as output:
                # In a group of its own: the terminal's Ctrl-C comes here, and goes to Bazel once.
                self._process = process = subprocess.Popen(
                    command,
                    cwd=self._workspace,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    process_group=0,
                )
                try:
                    yield from self._follow(process, path, service)
                    while process.poll() is None:  # The last event is not the end of the program.
                        yield None
                        time.sleep(POLL)
                finally:
                    if process.poll() is None:
                        process.terminate()
                        process.wait()
            self.exit_code = process.returncode
            self.log = log.read_text(encoding="utf-8", errors="replace")

    def _follow(self, process: subprocess.Popen[bytes], path: Path, service: _Service | None) -> Iterator[Event | None]:
        def ended() -> bool:
            return process.poll() is not None

        whole = False
        if service is not None:
            for event in service.server.events(service.invocation, ended):
                whole = whole or isinstance(event, Finished)
                yield event
        if not whole:
            yield from tail(path, ended)

    @contextmanager
    def _service(self) -> Iterator[_Service | None]:
        """The build event service; None where the file must do."""
        if self._store is None or names_service(self._workspace, self._arguments):
            yield None
            return
        try:
            from tools.runs.bes.server import Server, flags

            server = Server(self._store)
        except (ImportError, OSError):
            yield None
            return
        with server:
            invocation = str(uuid.uuid4())
            yield _Service(server, invocation, flags(server.address, invocation))

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def stop(number: int, frame: FrameType | None) -> None:
            self.interrupt()

        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        try:
            before = [signal.signal(number, stop) for number in numbers]
        except ValueError:  # Not in the main thread: whoever owns it decides.
            yield
            return
        try:
            yield
        finally:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)


@dataclass(frozen=True, slots=True)
class _Service:
    server: Server
    invocation: str
    flags: Sequence[str]


def names_service(workspace: Path, arguments: Sequence[str]) -> bool:
    """Whether Bazel is told of a build event service already: there can be only one."""
    texts = list(arguments)
    for path in (workspace / ".bazelrc", workspace / "user.bazelrc", Path.home() / ".bazelrc"):
        with suppress(OSError):
            texts += path.read_text(encoding="utf-8", errors="replace").splitlines()
    return any("--bes_backend" in text and not text.lstrip().startswith("#") for text in texts)


def workspace() -> Path:
    """The folder of the workspace that `bazel run` was called in.

    Raises RuntimeError outside `bazel run`.
    """
    folder = os.environ.get("BUILD_WORKSPACE_DIRECTORY")
    if not folder:
        raise RuntimeError("no workspace: start this through ./samewire")
    return Path(folder)
