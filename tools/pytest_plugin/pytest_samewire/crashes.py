"""Under pytest-xdist a test may take its worker with it. It is tried again like any other red test.

A worker notes which attempt begins, in a file that it keeps open in a folder of the controller's. When the worker is
gone, the controller looks there, and leaves word of the crash in the folder: the next worker goes on counting.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from pytest_samewire import outcome

_WORD = "crashed"


class Begun:
    """Attempts that were begun. Without a folder nothing is written: nobody would be left to read it."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._file: int | None = None

    def note(self, node: str, attempt: int, reruns: int) -> None:
        """Says, in a worker, what begins. This is done for every test that has reruns, so it has to be quick."""
        if self._folder is None:
            return
        if self._file is None:
            self._file = os.open(self._folder / f"worker-{os.getpid()}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.pwrite(self._file, json.dumps([attempt, reruns, node]).encode() + b"\n", 0)

    def crashed(self, node: str) -> int:
        """How many attempts at a test ended with its worker."""
        if self._folder is None or not os.path.exists(self._folder / _WORD):
            return 0
        try:
            return int(self._place(self._folder, node).read_text())
        except FileNotFoundError:
            return 0

    def crash(self, node: str) -> tuple[int, int]:
        """In the controller: leaves word; the attempt, and how many reruns the test has. Zeros where none had begun."""
        found = (0, 0)
        assert self._folder is not None
        for path in self._folder.glob("worker-*"):
            with contextlib.suppress(ValueError):
                attempt, reruns, begun = json.loads(path.read_bytes().partition(b"\n")[0])
                if begun == node:
                    found = max(found, (attempt, reruns))
        if found[0]:
            self._folder.joinpath(_WORD).mkdir(exist_ok=True)
            self._place(self._folder, node).write_text(str(found[0]))
        return found

    @staticmethod
    def _place(folder: Path, node: str) -> Path:
        import hashlib

        return folder / _WORD / hashlib.blake2b(node.encode(errors="surrogatepass"), digest_size=16).hexdigest()


class Crashes:
    """The plugin in pytest-xdist's controller."""

    def __init__(self, begun: Begun) -> None:
        self._begun = begun

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport, sched: Any) -> None:
        """Hands the test to another worker, where it may be tried again and the way of distribution can do that."""
        attempt, reruns = self._begun.crash(crashitem)
        if not attempt:
            return
        vars(report)["samewire"] = {"attempt": attempt}
        if attempt > reruns:
            return
        try:
            sched.mark_test_pending(crashitem)
        except NotImplementedError:
            dist = getattr(sched.config.option, "dist", "this")
            report.longrepr = f"{report.longrepr}; not tried again: --dist {dist} cannot hand out a test once more"
        else:
            outcome.become(report, outcome.RERUN)
