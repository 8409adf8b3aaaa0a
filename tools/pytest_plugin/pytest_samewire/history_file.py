"""`.pytest_flaky_history.json`: the last results of every test, as seed 003 (task 29) keeps them.

    {"test_results": {"tests/a_test.py::test_x": ["passed", "failed", "passed"]}, "last_updated": "2026-11-21T10:30:00"}

Oldest result first, ten at most, the time in UTC. Runs that end at the same time wait for each other, and a reader sees
the whole old or the whole new file. What cannot be read is kept: a broken file is moved aside, one in a form from
another version is left alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_samewire.rule import RESULTS

NAME = ".pytest_flaky_history.json"
VERSION = 1  # absent in the file
_PATIENCE = 20.0  # seconds that a run waits for another one to finish writing


class HistoryFile:
    """The file at `path`. What goes wrong is no error of the tests: it is told in `warning`, one line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.warning: str | None = None

    def read(self) -> dict[str, list[str]]:
        """Node id → results, oldest first; empty where there is no file or none that is understood."""
        return self._results(self._load() or {})

    def record(self, results: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """Appends results to those in the file, and returns all that it then holds.

        Where the file cannot be written, the returned results hold the new ones all the same.
        """
        try:
            with _locked(self.path.parent):
                held = self._load()
                merged = self._merged(self._results(held or {}), results)
                if held is not None and results:
                    self._write(held | {"test_results": merged, "last_updated": _now()})
                return merged
        except OSError as error:
            self.warning = f"{self.path}: not written: {error.strerror or error}"
            return self._merged({}, results)

    def _load(self) -> dict[str, Any] | None:
        """What the file holds, {} without a file, None where it may not be written."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            if isinstance(error, OSError):
                self.warning = f"{self.path}: cannot be read: {error.strerror}: results are not recorded"
                return None
            return self._set_aside("is not UTF-8")
        try:
            held = json.loads(text)
        except (ValueError, RecursionError):
            return self._set_aside("is no JSON")
        if _understood(held):
            return dict(held)
        self.warning = (
            f"{self.path}: is in no form that this version knows, and left alone; results are not recorded: update "
            f"pytest-samewire, move the file away, or name another one with the ini option flaky_history"
        )
        return None

    def _set_aside(self, why: str) -> dict[str, Any] | None:
        """Moves a broken file to a name that no other has."""
        number = 0
        while True:
            copy = self.path.with_name(f"{self.path.name}.broken{f'-{number}' if number else ''}")
            try:
                os.link(self.path, copy)
                break
            except FileExistsError:
                number += 1
            except OSError as error:
                self.warning = f"{self.path}: {why}, and cannot be moved aside: {error.strerror}: nothing is recorded"
                return None
        self.path.unlink()
        self.warning = f"{self.path}: {why}: begun anew; the old one is {copy.name}"
        return {}

    @staticmethod
    def _results(held: Mapping[str, Any]) -> dict[str, list[str]]:
        return {node: list(results) for node, results in held.get("test_results", {}).items()}

    @staticmethod
    def _merged(old: dict[str, list[str]], new: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        for node, results in new.items():
            old[node] = [*old.get(node, ()), *results][-RESULTS:]
        return old

    def _write(self, held: Mapping[str, Any]) -> None:
        path = self.path.resolve()  # a link stays a link
        handle, part = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".part", dir=path.parent)
        try:
            with open(handle, "w", encoding="utf-8") as file:
                file.write(_text(held))
            os.chmod(part, path.stat().st_mode & 0o777 if path.exists() else 0o644)
            os.replace(part, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(part)
            raise


def _text(held: Mapping[str, Any]) -> str:
    """As json.dumps(held, indent=2) and a newline, in a fraction of the time: that runs in Python, this in C."""
    parts = []
    for key, value in held.items():
        if key == "test_results" and value:
            tests = (
                f"    {json.dumps(node)}: [\n      " + ",\n      ".join(map(json.dumps, results)) + "\n    ]"
                if results
                else f"    {json.dumps(node)}: []"
                for node, results in value.items()
            )
            text = "{\n" + ",\n".join(tests) + "\n  }"
        else:
            text = json.dumps(value, indent=2).replace("\n", "\n  ")
        parts.append(f"  {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _understood(held: Any) -> bool:
    if not isinstance(held, dict) or held.get("version", VERSION) != VERSION:
        return False
    tests = held.get("test_results", {})
    return isinstance(tests, dict) and all(
        isinstance(results, list) and all(isinstance(result, str) for result in results) for results in tests.values()
    )


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Holds the one lock of a folder; it leaves no file behind.

    Raises:
        TimeoutError: another process holds it for too long. OSError: there is no such folder.
    """
    try:
        import fcntl
    except ImportError:  # Windows: no locks on folders; writing stays whole, and the later of two runs wins
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise TimeoutError(None, f"another run holds it for {_PATIENCE:g} s") from None
                time.sleep(0.01)
        yield
    finally:
        os.close(handle)  # frees the lock too
