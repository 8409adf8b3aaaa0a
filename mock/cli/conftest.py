"""The command as a process."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mock.client.process import command


def say(*words: str | Path) -> subprocess.CompletedProcess[str]:
    what = [*command(), *map(str, words)]
    return subprocess.run(what, capture_output=True, text=True, timeout=30, check=False)


@contextmanager
def serving(*words: str | Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The URL, and the process."""
    process = subprocess.Popen(
        [*command(), *map(str, words), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        assert line, process.communicate()[1]
        yield json.loads(line)["listening"][0], process
    finally:
        process.terminate()
        process.communicate(timeout=10)


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)
