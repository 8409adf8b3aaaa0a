"""A mock server as a child process."""

from __future__ import annotations

import importlib.util
import json
import os
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from mock.client.client import MockClient

# Path of the program; in a Bazel test `env = {"SAMEWIRE_MOCK": "$(rootpath //mock/cli:mock)"}`.
PROGRAM = "SAMEWIRE_MOCK"
READY_WITHIN = 60.0
STOP_WITHIN = 3.0


class MockNotStarted(RuntimeError):
    """With what the program said."""


def command(environ: Mapping[str, str] = os.environ) -> list[str]:
    """How the program is started: SAMEWIRE_MOCK, `samewire mock` on PATH, or the module `mock.cli`. Raises
    MockNotStarted.
    """
    said = environ.get(PROGRAM)
    if said:
        for folder in (
            Path.cwd(),
            Path(environ.get("RUNFILES_DIR", ".")),
            Path(environ.get("TEST_SRCDIR", ".")) / "_main",
        ):
            if (folder / said).is_file():
                return [str(folder / said)]
        raise MockNotStarted(f"{PROGRAM}={said}: there is no such file, neither here nor in the runfiles")
    found = shutil.which("samewire", path=environ.get("PATH"))
    if found:
        return [found, "mock"]
    if importlib.util.find_spec("mock.cli") is not None:
        return [sys.executable, "-m", "mock.cli"]
    raise MockNotStarted(f"no mock server here: set {PROGRAM} to its program, or put `samewire` on PATH")


def _environment(what: Sequence[str]) -> dict[str, str]:
    """Without PYTHONPATH, for a program that brings its own packages: of those that a test has, PyPI's `ollama` would
    stand before the models that the server is made of.
    """
    own = what[0] != sys.executable
    return {name: value for name, value in os.environ.items() if not (own and name == "PYTHONPATH")}


class MockProcess:
    """`with MockProcess("ollama") as server: mock = server.client().fresh()`.

    `words`: what `samewire mock` is given. Raises MockNotStarted.
    """

    def __init__(self, *words: str, ready_within: float = READY_WITHIN) -> None:
        self._words = words
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        what = [*command(), *words, "--json"]
        self._process = subprocess.Popen(
            what, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._said, env=_environment(what)
        )
        try:
            self.address: str = json.loads(self._first_line(what, ready_within))["listening"][0]
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def client(self) -> MockClient:
        """Of the default session, with the token and trusting the certificate that the words say."""
        certificate = self._after("--tls-write") or self._after("--cert")
        return MockClient(self.address, token=self._after("--token"), cafile=certificate)

    def _after(self, option: str) -> str | None:
        return self._words[self._words.index(option) + 1] if option in self._words else None

    def running(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """SIGTERM; SIGKILL for one that does not heed it. The program's exit code is not looked at."""
        if self.running():
            self._process.terminate()
            try:
                self._process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        self._said.close()

    def said(self) -> str:
        """Its stderr so far."""
        self._said.seek(0)
        return self._said.read().decode("utf-8", "replace").strip()

    def _first_line(self, what: Sequence[str], within: float) -> bytes:
        assert self._process.stdout is not None
        end = time.monotonic() + within
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(max(end - time.monotonic(), 0)):
                    raise MockNotStarted(f"{' '.join(what)}: not ready within {within:g} s\n{self.said()}")
                piece = os.read(self._process.stdout.fileno(), 65536)
                if not piece:
                    code = self._process.wait()
                    raise MockNotStarted(f"{' '.join(what)}: ended with exit code {code}\n{self.said()}")
                line += piece
        return line

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
