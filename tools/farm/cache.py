"""A Bazel remote cache here: bazel-remote on the loopback, started and stopped.

    ./samewire farm cache start      prints what Bazel is told, e.g. --remote_cache=grpc://127.0.0.1:9092
    ./samewire farm cache status
    ./samewire farm cache stop

It listens on the loopback only and asks for no password; for a team's cache see docs/run-in-ci.md.
Exit code: 0 done, 1 not running (status), 2 misuse, 3 could not run.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tools.farm import process
from tools.farm.process import Process


@dataclass(frozen=True, slots=True)
class Cache:
    """A cache server in a folder: `blobs/` what it keeps, `process.json` who it is, `log`."""

    folder: Path

    @property
    def _state(self) -> Path:
        return self.folder / "process.json"

    @property
    def _ports(self) -> Path:
        return self.folder / "ports.json"

    @property
    def running(self) -> Process | None:
        return next((each for each in process.load(self._state) if each.alive), None)

    def _port(self, name: str) -> int:
        return int(json.loads(self._ports.read_text(encoding="utf-8"))[name])

    @property
    def grpc(self) -> str:
        """Address for Bazel's --remote_cache, REAPI."""
        return f"grpc://127.0.0.1:{self._port('grpc')}"

    @property
    def http(self) -> str:
        """The same for the plain HTTP protocol; also serves /status."""
        return f"http://127.0.0.1:{self._port('http')}"

    def start(self, program: Path, size: int = 10, port: int = 0) -> None:
        """Starts the server and waits until it answers; nothing to do where it runs already.

        Args:
            program: bazel-remote.
            size: upper bound of what it keeps, GiB; the least recently used goes first.
            port: of its gRPC service; 0 takes a free one.

        Raises:
            RuntimeError: it did not come up; with the end of its log.
        """
        if self.running:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        # Another program may take a free port before the server does: then the server ends, and another is tried.
        for last in (True,) if port else (False, False, True):
            ports = {"grpc": port or _free_port(), "http": _free_port()}
            self._ports.write_text(json.dumps(ports), encoding="utf-8")
            server = process.start(
                "bazel-remote",
                [
                    program.absolute(),
                    f"--dir={self.folder / 'blobs'}",
                    f"--max_size={size}",
                    f"--grpc_address=127.0.0.1:{ports['grpc']}",
                    f"--http_address=127.0.0.1:{ports['http']}",
                    "--access_log_level=none",
                ],
                self.folder / "log",
                env={"PATH": os.environ.get("PATH", ""), "HOME": str(self.folder)},
            )
            process.save(self._state, [server])
            try:
                process.wait(lambda: self.status() is not None, [server], 60, "the cache server answers")
                return
            except RuntimeError:
                server.stop()
                if last:
                    raise

    def stop(self) -> bool:
        """Stops the server; False where none ran."""
        server = self.running
        if server:
            server.stop()
        self._state.unlink(missing_ok=True)
        return server is not None

    def status(self) -> dict[str, int] | None:
        """What the server says of itself (`NumFiles`, `CurrSize` in bytes …); None where none answers."""
        try:
            with _direct.open(f"{self.http}/status", timeout=5) as answer:
                found = json.load(answer)
        except (OSError, ValueError):
            return None
        return {name: value for name, value in found.items() if isinstance(value, int)}


# The loopback is asked directly, whatever proxy the environment names.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def default_folder() -> Path:
    """Below the user's cache folder: the private root of ./bazelw sees it under the same name."""
    base = os.environ.get("XDG_CACHE_HOME")
    return Path(base or Path.home() / ".cache") / "samewire" / "cache-server"


def main(arguments: list[str] | None = None) -> int:
    doc = (__doc__ or "").splitlines()
    parser = argparse.ArgumentParser(
        prog="samewire farm cache", description=doc[0], epilog="\n".join(doc[1:]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("command", choices=["start", "status", "stop"])
    parser.add_argument("--folder", type=Path, default=default_folder(), help="where it keeps things (%(default)s)")
    parser.add_argument("--port", type=int, default=0, help="of the gRPC service; a free one by default")
    parser.add_argument("--size", type=int, default=10, metavar="GIB", help="most that it keeps (%(default)s)")
    parser.add_argument("--json", action="store_true", help="for scripts")
    args = parser.parse_args(arguments)
    if not 0 <= args.port < 65536 or args.size < 1:
        parser.error("--port is below 65536 and --size at least 1")
    cache = Cache(args.folder.absolute())
    try:
        if args.command == "start":
            cache.start(Path(os.environ["SAMEWIRE_BAZEL_REMOTE"]), args.size, args.port)
        if args.command == "stop":
            print("stopped" if cache.stop() else "was not running")
            return 0
        server = cache.running
        status = cache.status() if server else None
        if server is None or status is None:
            print(json.dumps({"running": False}) if args.json else "not running")
            return 1
        if args.json:
            print(json.dumps({"running": True, "pid": server.pid, "grpc": cache.grpc, "http": cache.http} | status))
        elif args.command == "start":
            print(f"--remote_cache={cache.grpc}")
        else:
            kept = status.get("CurrSize", 0) / 2**20
            print(f"{cache.grpc} {cache.http} process {server.pid}, {status.get('NumFiles', 0)} blobs, {kept:.0f} MiB")
        return 0
    except (RuntimeError, OSError) as error:
        print(f"samewire farm cache: {error}", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())
