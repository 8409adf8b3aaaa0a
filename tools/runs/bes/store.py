"""The folder of all logs, and whose they are.

`streams.jsonl` names the log of each stream, a line when it begins and one for each gap in its numbers. A line is
written before the first record that it speaks of; the last line of a stream counts.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.runs.bes.log import Log

INDEX = "streams.jsonl"
KEEP = 100  # logs
QUIET = 3600  # seconds without a new event after which nobody writes to a log any more
# What a UUID looks like, and a bit more; anything else that a client calls itself becomes a digest.
HARMLESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
OWN = re.compile(rf"{HARMLESS.pattern}(\.\d+)?\.bep")


@dataclass(frozen=True, slots=True)
class Key:
    """Which stream: of which build, of which attempt at it, and of which of its programs (TOOL, 3, is Bazel itself)."""

    build: str
    invocation: str
    component: int = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the index: record `record` of `file` has the number `sequence`, both from 1."""

    file: str
    build: str
    invocation: str
    component: int
    record: int = 1
    sequence: int = 1

    @property
    def key(self) -> Key:
        return Key(self.build, self.invocation, self.component)


class Store:
    """Finds and opens logs. Where the folder can't be used, logs are in memory.

    Several processes may use a folder at once, each for streams of its own. The `keep` newest logs stay; what is older
    is removed when a store is opened.
    """

    def __init__(self, folder: Path, keep: int = KEEP) -> None:
        self.folder = folder
        self.logs: dict[Key, Log] = {}
        self._lines: dict[Key, Line] = {}
        self._problem: OSError | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._read()
            self._prune(keep)
        except OSError as error:
            self._problem = error

    def log(self, key: Key) -> Log:
        """The log of a stream; goes on where an earlier process stopped. Never raises."""
        log = self.logs.get(key)
        if log is None:
            line = self._lines.get(key)
            try:
                if self._problem is not None:
                    raise self._problem
                line = line or self._add(Line(self._free(key), key.build, key.invocation, key.component))
            except OSError as error:
                log = Log(self.folder / _name(key), unusable=error)
            else:
                log = Log(self.folder / line.file, line.record, line.sequence)
            self.logs[key] = log
        return log

    def skip(self, key: Key, sequence: int) -> None:
        """The stream goes on at this number, beyond the one that should come next."""
        log = self.log(key)
        if not log.broken:
            try:
                self._add(Line(log.path.name, key.build, key.invocation, key.component, log.records + 1, sequence))
            except OSError as error:
                log.give_up(error)
        log.skip(sequence)

    def close(self) -> None:
        for log in self.logs.values():
            log.close()

    def _free(self, key: Key) -> str:
        """A name that no other stream has; the same invocation id in another build is another stream."""
        taken = {line.file for line in self._lines.values()}
        name, number = _name(key), 1
        while name in taken or os.path.lexists(self.folder / name):
            number += 1
            name = f"{_name(key).removesuffix('.bep')}.{number}.bep"
        return name

    def _read(self) -> None:
        with suppress(FileNotFoundError), (self.folder / INDEX).open(encoding="utf-8", errors="replace") as lines:
            for text in lines:
                # None: half a line of a process that was killed; nothing after it was acknowledged.
                if (line := _line(text)) is not None:
                    self._lines[line.key] = line

    def _add(self, line: Line) -> Line:
        data = _text(line)
        with self._index() as descriptor:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                data = b"\n" + data
            if os.write(descriptor, data) < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._lines[line.key] = line
        return line

    def _prune(self, keep: int) -> None:
        """Removes what is old: only what the index knows, and nothing that somebody may still be writing."""
        written: dict[str, float] = {}
        for line in self._lines.values():
            with suppress(FileNotFoundError):
                written[line.file] = (self.folder / line.file).stat().st_mtime
        newest = sorted(written, key=lambda file: written[file], reverse=True)
        old = {file for file in newest[keep:] if written[file] < time.time() - QUIET}
        if not old:
            return
        for file in old:
            (self.folder / file).unlink(missing_ok=True)
        with self._index():  # no line is added meanwhile
            self._read()
            self._lines = {key: line for key, line in self._lines.items() if line.file not in old}
            new = self.folder / f"{INDEX}.new"
            new.write_bytes(b"".join(map(_text, self._lines.values())))
            new.replace(self.folder / INDEX)

    @contextmanager
    def _index(self) -> Iterator[int]:
        """The index, open for writing at its end, and for nobody else."""
        path = self.folder / INDEX
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                if path.exists() and path.stat().st_ino == os.fstat(descriptor).st_ino:
                    yield descriptor
                    return
            finally:
                os.close(descriptor)


def _text(line: Line) -> bytes:
    return (json.dumps(asdict(line)) + "\n").encode()


def _line(text: str) -> Line | None:
    try:
        line = Line(**json.loads(text))
    except (RecursionError, TypeError, ValueError):
        return None
    texts = all(isinstance(value, str) for value in (line.file, line.build, line.invocation))
    least: tuple[tuple[object, int], ...] = ((line.record, 1), (line.sequence, 1), (line.component, 0))
    numbers = all(isinstance(value, int) and value >= lowest for value, lowest in least)
    return line if texts and numbers and OWN.fullmatch(line.file) else None


def _name(key: Key) -> str:
    if HARMLESS.fullmatch(key.invocation):
        return f"{key.invocation}.bep"
    return f"{hashlib.sha256(key.invocation.encode(errors='replace')).hexdigest()[:32]}.bep"
