"""The service on loopback, in a thread of its own.

    with Server(folder) as server:
        bazel = Popen([..., *flags(server.address, invocation), ...])
        for event in server.events(invocation, lambda: bazel.poll() is not None):
            ...

What Bazel 7.7.1 does when the service is not there, dies or falls silent (tried on a build of 5 s):

| --bes_upload_mode          | not there, or dies                       | falls silent                  |
|----------------------------|------------------------------------------|-------------------------------|
| wait_for_upload_complete   | **exit 38** after 11 to 23 s more        | **exit 38** after 88 s more   |
| the same, --bes_timeout=2s | **exit 38** after 2 s more               | **exit 38** after 3 s more    |
| nowait_for_upload_complete | good; the next command waits 5 s at most | the same                      |
| fully_async                | good; the next command waits 5 s at most | good; no waiting, or the same |

So it is fully_async: what happens here fails no build. Bazel then ends before its last events have come; `events` waits
for them. A --bes_timeout shorter than 5 s makes the waiting of the next command shorter.

There is one backend only: these flags take the place of a --bes_backend that stands in a .bazelrc. Where there is one,
follow the file instead (tools/runs/events/tail.py).
"""

from __future__ import annotations

import asyncio
import errno
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import grpc.aio
import uvloop

from tools.runs.bes.log import Log
from tools.runs.bes.service import LARGEST, Service
from tools.runs.bes.store import KEEP, Store
from tools.runs.events import Event
from tools.runs.events.tail import LOCAL

POLL = 0.05  # seconds between two looks at what is new
LATE = 30  # seconds that Bazel may go on to send events after its end
MUTE = 0.5  # seconds after Bazel's end until a call that never came is no longer awaited
GRACE = 1.0  # seconds that a call may go on when the server ends
TOOL = 3  # the component that is Bazel itself
OPTIONS = [
    ("grpc.max_receive_message_length", LARGEST),
    # Two servers on one port would share its clients, and neither would have all events.
    ("grpc.so_reuseport", 0),
]


def flags(address: str, invocation: str = "") -> list[str]:
    """What to give to Bazel, so that it sends its events here and no trouble here is its own."""
    return [
        f"--bes_backend={address}",
        *LOCAL,
        "--bes_upload_mode=fully_async",
        f"--bes_timeout={LATE}s",
        # Six more calls, that say nothing new.
        "--nobes_lifecycle_events",
        # A page that an rc file names would not have this run.
        "--bes_results_url=",
        *([f"--invocation_id={invocation}"] if invocation else []),
    ]


class Server:
    """A build event service. Every event is in `folder/<invocation>.bep` before it is acknowledged."""

    def __init__(self, folder: Path | str, port: int = 0, keep: int = KEEP) -> None:
        """Starts it. With folder and port of a server that was killed, the clients of that one go on.

        Of earlier logs in the folder the `keep` newest stay. A folder that can't be used breaks nothing: events are in
        memory then. Raises OSError when the port is taken.
        """
        self.port = port
        self.address = ""
        self._store = Store(Path(folder), keep)
        self._problem: OSError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="build event service", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._problem is not None:
            raise self._problem
        self.address = f"grpc://127.0.0.1:{self.port}"

    def events(
        self, invocation: str | None = None, ended: Callable[[], bool] = lambda: False, poll: float = POLL
    ) -> Iterator[Event | None]:
        """The events of an invocation from its first on, as they come; None whenever there is nothing new for a moment.

        Ends after the last event. When `ended` says that Bazel is gone, that is awaited as long as Bazel is still
        sending, at most LATE seconds. Ends too when the server is closed. Without an id it is the invocation that came
        first. May be called again, by others too: everybody gets everything.
        """
        gone: float | None = None
        reader = None
        try:
            while True:
                if gone is None and (self._closed or ended()):
                    gone = time.monotonic()
                log = self._find(invocation)
                reader = reader or (log.read() if log is not None else None)
                last = self._over(log, gone)
                if events := next(reader) if reader is not None else []:
                    yield from events
                elif last:
                    return
                else:
                    yield None
                    time.sleep(poll)
        finally:
            if reader is not None:
                reader.close()

    def __iter__(self) -> Iterator[Event]:
        """The events of the invocation that comes first."""
        return (event for event in self.events() if event is not None)

    def path(self, invocation: str) -> Path | None:
        """Where the events of an invocation are stored; None when there are none, or not in a file."""
        log = self._find(invocation)
        return log.path if log is not None and not log.broken else None

    def close(self) -> None:
        """Lets calls that are under way end, for a moment."""
        if self._loop is not None and not self._closed:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def _closed(self) -> bool:
        return not self._thread.is_alive()

    def _over(self, log: Log | None, gone: float | None) -> bool:
        """Whether nothing more will come. `gone`: when Bazel ended."""
        if self._closed or (log is not None and log.finished):
            return True
        if gone is None:
            return False
        seconds = time.monotonic() - gone
        return seconds > (MUTE if log is None else LATE if log.calls else 0)

    def _find(self, invocation: str | None) -> Log | None:
        """The newest of the streams with this id; the first of all without one."""
        found = [
            log
            for key, log in list(self._store.logs.items())
            if key.component == TOOL and invocation in (None, key.invocation)
        ]
        return (found[0] if invocation is None else found[-1]) if found else None

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(self._serve())
        finally:
            self._store.close()
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = grpc.aio.server(options=OPTIONS)
        server.add_generic_rpc_handlers((Service(self._store).handlers(),))
        try:
            self.port = server.add_insecure_port(f"127.0.0.1:{self.port}")
        except RuntimeError:
            self._problem = OSError(errno.EADDRINUSE, f"build event service: port {self.port} is taken")
            return
        await server.start()
        self._ready.set()
        await self._stop.wait()
        await server.stop(GRACE)
