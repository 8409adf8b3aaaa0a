"""Follows the JSON file that `--build_event_json_file` fills, while it is filled."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tools.runs.events.event import Event, Notice
from tools.runs.events.json import parse

# With a remote cache over gRPC, Bazel names logs and reports by their place in that cache (bytestream://…), although
# they lie here. This makes it file:// again.
LOCAL = ("--experimental_build_event_upload_strategy=local",)
POLL = 0.1  # seconds between two looks
PIECE = 1 << 20  # bytes read at once
# Base64 of the largest event that Bazel sends anywhere is half of this. What is longer is no line of Bazel's.
MOST = 256 << 20


def flags(path: Path) -> list[str]:
    """What to give to Bazel, so that it writes its events there."""
    return [f"--build_event_json_file={path}", *LOCAL]


def tail(path: Path, ended: Callable[[], bool], poll: float = POLL) -> Iterator[Event | None]:
    """Events as they are written, None whenever there was nothing new for a moment.

    The file need not be there yet. When `ended` says so, what is left is read, and the stream ends. Broken lines are
    passed over; the first gives a Notice with file and line, as does a last line that was cut off.
    """
    number, quiet, half = 0, False, bytearray()
    stream = None
    try:
        while True:
            last = ended()
            if stream is None and path.exists():
                stream = path.open("rb")
            while stream is not None and (piece := stream.read(PIECE)):
                half += piece
                *lines, rest = half.split(b"\n") if b"\n" in piece else [half]
                half = bytearray(rest)
                for line in lines:
                    number += 1
                    event = None
                    try:
                        event = parse(bytes(line)) if line.strip() else None
                    except ValueError as error:
                        if not quiet:
                            yield Notice(f"{path}:{number}", f"{error}; broken lines are left out")
                        quiet = True
                    if event is not None:
                        yield event
                if len(half) > MOST:
                    yield Notice(f"{path}:{number + 1}", f"no line end within {MOST:,} bytes; the rest is left out")
                    return
            if last:
                break
            yield None
            time.sleep(poll)
    finally:
        if stream is not None:
            stream.close()
    if half.strip():
        try:
            event = parse(bytes(half))
        except ValueError:
            yield Notice(f"{path}:{number + 1}", f"ends within a build event: {len(half):,} bytes of it are there")
        else:
            if event is not None:
                yield event
