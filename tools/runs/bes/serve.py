"""A build event service that stays: for a try by hand, and for tests that kill it.

./bazelw run //tools/runs/bes:serve -- FOLDER
./bazelw test //... --bes_backend=grpc://127.0.0.1:PORT
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.runs.bes.server import Server


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="//tools/runs/bes:serve",
        description="Takes build events and keeps them in FOLDER, one file for each invocation. Prints its address.",
        epilog="example: ./bazelw run //tools/runs/bes:serve -- /tmp/events --port 8980",
    )
    parser.add_argument("folder", type=Path, help="where the files go")
    parser.add_argument("--port", type=int, default=0, help="on loopback (any that is free)")
    given = parser.parse_args(argv)
    stop = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)
    try:
        server = Server(given.folder, given.port)
    except OSError as error:
        print(error.strerror, file=sys.stderr)
        return 3
    with server:
        print(server.address, flush=True)
        signal.sigwait(stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
