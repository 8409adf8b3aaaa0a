"""The log of one build event stream: record by record in a file, read while it grows.

A record is written before it is acknowledged; what the kernel has taken survives the end of this process (kill -9), not
that of the machine. Where nothing can be written, events go on in memory: a store that is broken breaks no build.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from tools.runs.events import Event, Notice, Progress, binary

PIECE = 4 << 20  # bytes of records that a reader takes at once
MEMORY = 64 << 20  # bytes of records kept of a stream whose file is broken


class Log:
    """One stream. One thread appends; any number of others may read.

    The sequence numbers of a file are those that follow `sequence`, the one of the record `record` (both from 1).

    Attributes:
        path: the file, of records as tools/runs/events/binary.py reads them; what is no event of Bazel's is empty.
        next: the sequence number that comes next.
        finished: the last event has come.
        calls: how many clients send to it now: one, two while one is coming back.
        broken: why the file takes no more, empty while it does.
        stored: bytes of whole records in the file.
        refused: the first sequence number of the last call that was sent away because of a gap.
    """

    def __init__(self, path: Path, record: int = 1, sequence: int = 1, unusable: OSError | None = None) -> None:
        self.path = path
        self.finished = False
        self.calls = 0
        self.broken = ""
        self.stored = 0
        self.refused = 0
        self.records = 0
        self._kept: list[Event] = []
        self._room = MEMORY
        self._full = False
        self._descriptor = -1
        try:
            if unusable is not None:
                raise unusable
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
            self._recover()
        except (OSError, binary.Broken) as error:
            self.give_up(error)
        self.next = sequence + self.records + 1 - record

    def append(self, data: bytes) -> None:
        """Takes the next event; after that it may be acknowledged. Never raises."""
        if not self.broken:
            self._write(binary.varint(len(data)) + data)
        if self.broken:
            self._keep(data)
        self.next += 1

    def skip(self, sequence: int) -> None:
        """Goes on at a later number: what is missing was acknowledged by somebody else, and nobody sends it again."""
        lost = f"{self.next:,} to {sequence - 1:,}"
        self._kept.append(Notice("", f"build events {lost} are lost: a service before this one had them"))
        self.next = sequence

    def finish(self) -> None:
        """The last event has come; this may be said again."""
        self.finished = True
        self.close()

    def give_up(self, error: Exception) -> None:
        """Writes no more; from now on events are kept in memory."""
        if not self.broken:
            self.broken = (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__
            self._kept.append(
                Notice(str(self.path), f"build events are no longer stored ({self.broken}); the run itself goes on")
            )

    def read(self) -> Generator[list[Event], None, None]:
        """All events from the first on, in lists: what is new, empty when nothing is. Has no end."""
        stream: BinaryIO | None = None
        offset, index, readable, quiet = 0, 0, True, False
        try:
            while True:
                # In this order: once the file is broken it no longer grows, and memory goes on after its end.
                kept, stored = len(self._kept), self.stored
                events: list[Event] = []
                until = min(stored, offset + PIECE)
                while readable and offset < until:
                    place = f"{self.path}: byte {offset}"
                    try:
                        stream = stream or self.path.open("rb")
                        data, size = binary.record(stream) or (b"", 0)
                        if not size:
                            raise binary.Cut("somebody made the file shorter")
                        offset += size
                        event = binary.parse(data)
                    except (OSError, binary.Broken) as error:
                        readable = False
                        event = Notice(place, f"what was stored can't be read: {error}")
                    except ValueError as error:
                        event = None if quiet else Notice(place, f"{error}; broken events are left out")
                        quiet = True
                    if event is not None:
                        events.append(event)
                if offset >= stored or not readable:
                    events += self._kept[index:kept]
                    index = kept
                yield events
        finally:
            if stream is not None:
                stream.close()

    def close(self) -> None:
        """Readers may go on."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _recover(self) -> None:
        """Finds the end of what an earlier process stored, and takes away half a record that it left."""
        with open(self._descriptor, "rb", closefd=False) as stream:
            try:
                while (found := binary.record(stream)) is not None:
                    self.stored += found[1]
                    self.records += 1
            except binary.Cut:
                os.ftruncate(self._descriptor, self.stored)

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._descriptor, left) :]
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._descriptor, self.stored)
            self.give_up(error)
        else:
            self.stored += len(data)
            self.records += 1

    def _keep(self, data: bytes) -> None:
        """Keeps what the end of a run is told from: no console text, nothing that nobody reads."""
        event: Event | None
        try:
            event = binary.parse(data)
        except ValueError:
            event = None
        if event is None or isinstance(event, Progress):
            return
        self._room -= len(data)
        if self._room >= 0:
            self._kept.append(event)
        elif not self._full:
            self._full = True
            self._kept.append(Notice("", f"more than {MEMORY:,} bytes of build events in memory: the rest is left out"))
