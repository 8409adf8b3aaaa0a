"""A server process that outlives the command which started it, and is known again by the next one."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """One started server.

    `born` is the start time in clock ticks since boot (field 22 of /proc/PID/stat, proc_pid_stat(5)): a process id that
    was given to another program in the meantime is not taken for ours.
    """

    name: str
    pid: int
    born: int
    log: str

    @property
    def alive(self) -> bool:
        return self.born != 0 and _born(self.pid) == self.born

    def signal(self, number: int) -> None:
        """Sends a signal to it and to what it started, if it is still there."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def stop(self, grace: float = 10) -> None:
        """Asks it to end; kills it and what it started when it is still there after `grace` seconds."""
        self.signal(signal.SIGTERM)
        end = time.monotonic() + grace
        while self.alive and time.monotonic() < end:
            time.sleep(0.02)
        self.signal(signal.SIGKILL)
        while self.alive:
            time.sleep(0.02)

    def last_words(self, lines: int = 12) -> str:
        """The end of its log."""
        try:
            return "\n".join(Path(self.log).read_text(errors="replace").splitlines()[-lines:])
        except OSError as error:
            return str(error)


def start(
    name: str,
    command: Sequence[str | Path],
    log: Path,
    env: Mapping[str, str] | None = None,
    uid: int | None = None,
    prefix: Sequence[str] = (),
) -> Process:
    """Starts a server in a session of its own, its output in `log`.

    Args:
        name: as people know it.
        command: program and arguments.
        log: file that its output is appended to.
        env: its whole environment; ours when None.
        uid: user (and group) that it runs as; ours when None.
        prefix: words before the command, e.g. those that enter a network namespace.

    Raises:
        OSError: it cannot be started.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*prefix, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            start_new_session=True,
            user=uid,
            group=uid,
            extra_groups=None if uid is None else [],
        )
    process.returncode = 0  # it outlives us on purpose: no warning when this object goes; `alive` reaps it
    return Process(name, process.pid, _born(process.pid), str(log))


def wait(ready: Callable[[], bool], processes: Sequence[Process], seconds: float, what: str) -> None:
    """Waits until `ready`.

    Raises:
        RuntimeError: one of `processes` ended first, or `seconds` are over; with the end of the log.
    """
    end = time.monotonic() + seconds
    while not ready():
        for process in processes:
            if not process.alive:
                words = process.last_words()
                raise RuntimeError(f"{process.name} ended before {what}; the end of {process.log}:\n{words}")
        if time.monotonic() > end:
            words = "\n".join(process.last_words(4) for process in processes)
            raise RuntimeError(f"{what}: not after {seconds:.0f} s; the logs end with:\n{words}")
        time.sleep(0.05)


def save(path: Path, processes: Sequence[Process]) -> None:
    """Writes who runs, at once or not at all."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps([asdict(process) for process in processes], indent=1), encoding="utf-8")
    fresh.replace(path)


def load(path: Path) -> list[Process]:
    """Who was said to run, alive or not; nobody when there is no such file.

    Raises:
        RuntimeError: the file is damaged.
    """
    try:
        return [Process(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise RuntimeError(f"{path}: {error}; stop the servers by hand and remove the file") from None


def _born(pid: int) -> int:
    """Start time of a process that runs; 0 for one that is no more, or that waits to be reaped."""
    try:
        # The name, in parentheses, may hold anything.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # our own child: reaped, it is seen to have ended
    return 0 if fields[0] in "ZX" else int(fields[19])
