"""Under pytest-xdist a test may take its worker with it. It is tried again like any other red test.

A worker writes down which attempt begins, in a folder that the controller made; the controller looks there when the
worker is gone, and the next worker goes on counting from there.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from pytest_samewire import outcome


class Begun:
    """Attempts that were begun. Without a folder nothing is written: nobody would be left to read it."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def note(self, node: str, attempt: int, reruns: int) -> None:
        if self._folder is not None:
            self._place(self._folder, node).write_text(f"{attempt} {reruns}")

    def read(self, node: str) -> tuple[int, int]:
        """The attempt that began last, from 1, and how many reruns there are; zeros where none began."""
        if self._folder is None:
            return 0, 0
        try:
            attempt, reruns = self._place(self._folder, node).read_text().split()
        except (FileNotFoundError, ValueError):
            return 0, 0
        return int(attempt), int(reruns)

    @staticmethod
    def _place(folder: Path, node: str) -> Path:
        return folder / hashlib.blake2b(node.encode(errors="surrogatepass"), digest_size=16).hexdigest()


class Crashes:
    """The plugin in pytest-xdist's controller."""

    def __init__(self, begun: Begun) -> None:
        self._begun = begun

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport, sched: Any) -> None:
        """Hands the test to another worker, where it may be tried again and the way of distribution can do that."""
        attempt, reruns = self._begun.read(crashitem)
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
