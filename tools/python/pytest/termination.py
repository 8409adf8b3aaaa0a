"""SIGTERM: what Bazel sends first when a target's time is over. Seconds later it kills."""

import faulthandler
import os
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def on_sigterm(finish: Callable[[], None]) -> Generator[None, None, None]:
    """While the block runs, SIGTERM prints the stack of every thread, calls `finish`, and ends the process with 143.

    The stacks go to the standard error of this moment, past pytest's capture, and are written in C: they come out even
    where Python is stuck in a call that never returns and `finish` cannot run.
    """

    def end(number: int, frame: FrameType | None) -> None:
        try:
            finish()
        finally:
            os._exit(128 + number)

    log = os.dup(2)
    before = signal.signal(signal.SIGTERM, end)
    faulthandler.register(signal.SIGTERM, file=log, all_threads=True, chain=True)
    try:
        yield
    finally:
        faulthandler.unregister(signal.SIGTERM)
        signal.signal(signal.SIGTERM, before)
        os.close(log)
