"""The worker process: requests on stdin, answers on stdout, in their order; stderr is for people.

As in the source (facts A1): the end of stdin, also inside a frame, a frame that is too long or empty, and a body that
is no JSON object end it with status 0 and no answer; an object that is no request gets none, and the loop goes on.
Unlike it, one line on stderr says why.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from bridge.v1.frame_wire import Request
from samewire_wire import WireError

from parity.bridge.framing import FrameError, Frames, frame
from parity.bridge.host.commands import Commands

PIECE = 1 << 16  # bytes that are read at once: what a pipe holds


class Unreadable(Exception):
    """A body that is no JSON object."""


def serve(commands: Commands, read: Callable[[int], bytes], write: Callable[[bytes], int]) -> str:
    """Until there is no more to read; the reason."""
    frames = Frames()
    try:
        while data := read(PIECE):
            for body in frames.feed(data):
                _answer(commands, body, write)
        frames.end()
    except (FrameError, Unreadable) as error:
        return str(error)
    except BrokenPipeError:
        return "nobody reads the answers any more"
    return "no more messages"


def _answer(commands: Commands, body: bytes, write: Callable[[bytes], int]) -> None:
    try:
        request = Request.from_wire(body, commands.dialect)
    except WireError as error:
        if error.path == "$" and not error.field:
            raise Unreadable(str(error)) from None
        print(f"not answered: {error}", file=sys.stderr, flush=True)
        return
    response = commands.answer(request)
    if not response.success:
        print(f"{request.command}: {response.error}", file=sys.stderr, flush=True)
    data = frame(response.to_wire(commands.dialect))
    while data:
        data = data[write(data) :]


def options(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Of the worker's command line. Raises SystemExit."""
    parser = argparse.ArgumentParser(
        description="A bridge worker: length-prefixed JSON requests on stdin, answers on stdout.",
        epilog="example: serve.py --mode pool-worker --worker-id worker_1",
    )
    parser.add_argument("--mode", choices=("standalone", "pool-worker"), default="standalone")
    parser.add_argument("--worker-id", help="what ping tells of itself")
    parser.add_argument("--dialect", choices=("bridge-v1", "bridge-v2", "bridge-seed"), default="bridge-v1")
    parser.add_argument("--without-dspy", action="store_true", help="as where DSPy is not installed: no programs")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    given = options(argv)
    commands = Commands(given.mode, given.worker_id, given.dialect, dspy=not given.without_dspy)
    # Nothing but frames may reach the pipe: a stray print goes to stderr.
    out = os.dup(1)
    os.dup2(2, 1)
    why = serve(commands, lambda size: os.read(0, size), lambda data: os.write(out, data))
    print(f"{why}, exiting", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
