"""What the SDK takes for time and chance: its pauses are noted and not made, its random numbers are given.

Patched from outside, by module: the SDK's code is as it came.
"""

from __future__ import annotations

import asyncio
import importlib
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from parity.testees.tinker_sdk.answer import sdk

# Pauses of the SDK that are no retry, backoff or queue: these are made.
_NOT_NOTED = {"_session_heartbeat", "_client_dynamic_config_refresh_loop", "_check_progress", "_wait_until_drained"}
_TELEMETRY = "tinker-telemetry"
_wait = asyncio.sleep


class Clock:
    """Real time, and beyond that what was not slept. One of it, in all modules of the SDK: `install()`."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.random = 0.0
        self.now: float | None = None
        """Unix seconds at which time stands; None: it goes on."""
        self._ahead = 0.0
        self._real = False

    def install(self) -> None:
        """Once, before any client is made."""
        sleepers: list[Any] = [asyncio, importlib.import_module("anyio")]
        for module in sleepers:
            module.sleep = self._sleep
        for name in _modules():
            module = sys.modules[name]
            for attribute, stands in (("time", _Time(self)), ("random", _Random(self))):
                if getattr(module, attribute, None) in (time, random):
                    setattr(module, attribute, stands)
                elif getattr(module, attribute, None) is random.random:
                    setattr(module, attribute, lambda: self.random)

    def start(self, number: float = 0.0, now: float | None = None, *, real: bool = False) -> None:
        """From here on nothing is slept unless `real`, and every draw is `number`."""
        self.slept, self.random, self.now, self._ahead, self._real = [], number, now, 0.0, real

    def move(self, seconds: float) -> None:
        self._ahead += seconds

    def at(self, real: Callable[[], float]) -> float:
        return (real() if self.now is None else self.now) + self._ahead

    def _sleep(self, delay: float, result: Any = None) -> Any:
        asking = sys._getframe(1)
        if not asking.f_globals["__name__"].startswith("tinker.") or asking.f_code.co_name in _NOT_NOTED:
            return _wait(delay, result)
        task = asyncio.current_task()
        if task is not None and task.get_name() == _TELEMETRY:
            return _wait(delay, result)
        self.slept.append(delay)
        if self._real:
            return _wait(delay, result)
        self._ahead += delay
        return _wait(0, result)


class _Time:
    """Stands for the module `time`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def time(self) -> float:
        return self._clock.at(time.time)

    def monotonic(self) -> float:
        return self._clock.at(time.monotonic)

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


class _Random:
    """Stands for the module `random`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def random(self) -> float:
        return self._clock.random

    def __getattr__(self, name: str) -> Any:
        return getattr(random, name)


def _modules() -> list[str]:
    """The SDK's own, all imported; those of its tests left out. By file, since its folder `lib` is no package."""
    root = Path(sdk("").__path__[0])
    files = [file.relative_to(root.parent).with_suffix("") for file in sorted(root.rglob("*.py"))]
    named = [".".join(file.parts) for file in files if not file.name.endswith(("_test", "__init__", "__main__"))]
    for name in named:
        importlib.import_module(name)
    return named


CLOCK = Clock()
