"""A PostgreSQL server for as long as a block runs: of its own folder, on loopback, known to nobody else."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

START_SECONDS = 60


class CouldNotStart(RuntimeError):
    """Why there is no server: one line."""


class NotHere(CouldNotStart):
    """This machine lets no PostgreSQL run: we are root, and may be nobody else."""


class Server:
    """Context manager. Without a password, since only this machine's loopback reaches it.

    PostgreSQL refuses to run as root. Where we are root (in a container, in Bazel's sandbox), it runs in a user
    namespace in which the same user is called nobody; that needs no rights and works inside linux-sandbox, too.

    Attributes:
        url: `postgresql://samewire@127.0.0.1:PORT/postgres`
    """

    def __init__(self, binaries: Path, folder: Path) -> None:
        """`binaries`: the folder with `postgres` and `initdb`. `folder`: for the data; made if it is not there."""
        self._binaries = binaries.absolute()
        self._folder = folder.absolute()
        self._log = self._folder / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Raises CouldNotStart with the server's own last words, NotHere where this machine is no place for it."""
        data = self._folder / "data"
        self._folder.mkdir(parents=True, exist_ok=True)
        if not (data / "PG_VERSION").exists():
            made = subprocess.run(
                [
                    *self._unrooted("initdb"),
                    *("-D", str(data), "-U", "samewire", "-A", "trust", "-E", "UTF8", "--locale=C"),
                    *("--no-sync", "--no-instructions"),
                ],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            if made.returncode:
                raise CouldNotStart(f"initdb: {_last(made.stderr)}")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",  # a sandbox's paths are longer than a socket's name may be
            "dynamic_shared_memory_type": "mmap",  # no /dev/shm needed
            "fsync": "off",
            "max_connections": "50",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*self._unrooted("postgres"), "-D", str(data), *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.url = f"postgresql://samewire@127.0.0.1:{port}/postgres"
        deadline = time.monotonic() + START_SECONDS
        ready = [str(self._binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        while subprocess.run(ready, stdin=subprocess.DEVNULL, check=False).returncode:
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise CouldNotStart(f"postgres: {_last(self._log.read_text(errors='replace'))}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends it, its clients' connections included. Nothing happens when it does not run."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def check(self) -> None:
        """Raises NotHere where this machine is no place for it."""
        self._unrooted("postgres")

    def _unrooted(self, program: str) -> list[str]:
        command = [str(self._binaries / program)]
        if os.geteuid():
            return command
        unshare = shutil.which("unshare")
        if unshare is None:
            raise NotHere("PostgreSQL does not run as root, and there is no `unshare` (util-linux) to be another user")
        nobody = pwd.getpwnam("nobody")  # initdb wants the user to have a name
        another = [unshare, "--user", f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}"]
        probe = [*another, "true"]
        tried = subprocess.run(probe, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if tried.returncode:
            raise NotHere(f"PostgreSQL does not run as root, and user namespaces are refused: {_last(tried.stderr)}")
        return [*another, *command]


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
