"""Which testees there are: those that were built, and programs by path."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from parity.runner.testee import Testee

PREFIX = "cmd:"


class NoTestee(LookupError):
    """A name that no testee has; `str()` says which there are."""


def built(file: Path, runfiles: Path) -> list[Testee]:
    """Those of a file that the rule `testees` wrote; programs are paths below the runfiles."""
    environ = {**os.environ, "RUNFILES_DIR": str(runfiles.parent)}
    # What our own Python sees is not for theirs.
    for name in ("PYTHONPATH", "PYTHONHOME"):
        environ.pop(name, None)
    return [
        Testee(each["name"], (str(runfiles / each["program"]),), environ)
        for each in orjson.loads(file.read_bytes())["testees"]
    ]


def choose(words: Sequence[str], known: Mapping[str, Testee]) -> list[Testee]:
    """By name, or "cmd:PROGRAM WORD …" for one from elsewhere; all where nothing is said. Raises NoTestee."""
    if not words:
        return list(known.values())
    chosen: dict[str, Testee] = {}
    for word in words:
        testee = _program(word.removeprefix(PREFIX)) if word.startswith(PREFIX) else known.get(word)
        if testee is None:
            there = ", ".join(known) or "none"
            raise NoTestee(f"no testee {word!r}; there are {there}, and cmd:PATH for any program")
        chosen[testee.name] = testee
    return list(chosen.values())


def _program(line: str) -> Testee:
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise NoTestee(f"{PREFIX}{line}: {error}") from None
    if not words:
        raise NoTestee(f"{PREFIX} wants a program")
    return Testee(Path(words[0]).stem, tuple(words), named=False)
