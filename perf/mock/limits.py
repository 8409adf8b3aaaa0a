"""What our own mock server bears: many stubs, misses with their explanation, a long life, open streams, the start.

As in servers.py the server runs on one core and the generator on the other.
"""

from __future__ import annotations

import argparse
import os
import resource
import socket
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from perf.bench import marks
from perf.bench.benchmark import goal
from perf.mock import load, payload, scenarios
from perf.mock.server import Running, Server
from perf.mock.servers import LOAD_CORE, SERVER_CORE, ours, ours_of

NAME = "mock-limits"
STUBS = 10_000
START_STUBS = 1_000
STREAMS = 10_000
# A miss: no stub is for its path and `user.tier`, and no route of the definitions either, or that would answer.
MISS_PATH = "/v1/nowhere"
MISS = payload.REQUEST | {"user": {"id": "user-0017", "tier": "silver"}}
MISS_STATUS = 404


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    figure: str
    met: bool
    wanted: str


Make = Callable[[dict[str, object], str], Server]


class Limits:
    """The measurements. `make`: a server of our definitions with a scenario, `tinker` one of an API that it brings;
    `scale`: share of the full numbers, for a quick look; `requests`: of the long life."""

    def __init__(self, make: Make, tinker: Make, folder: Path, scale: float, requests: int) -> None:
        self._make = make
        self._tinker = tinker
        self._requests = requests
        self._folder = folder
        self._scale = scale
        self._started = 0

    def _start(self, scenario: dict[str, object], name: str, make: Make | None = None) -> Running:
        self._started += 1
        return Running((make or self._make)(scenario, name), self._folder / str(self._started), SERVER_CORE)

    def many_stubs(self, rounds: int = 5) -> list[Row]:
        """The rate with many stubs beside that with one, and that of misses, with all requests different."""
        one, many = self._start(scenarios.scenario(1), "one"), self._start(scenarios.scenario(STUBS), "many")
        try:
            shares, misses = [], []
            for _ in range(rounds):
                few = per_cpu(one, payload.unique())
                shares.append(per_cpu(many, payload.unique()) / few)
                misses.append(per_cpu(many, payload.unique(MISS_PATH, MISS), MISS_STATUS))
        finally:
            one.stop()
            many.stop()
        share, miss = statistics.median(shares), statistics.median(misses)
        text = f"{share:.0%} ({min(shares):.0%}–{max(shares):.0%})"
        return [
            Row(f"rate with {STUBS:,} stubs, of that with one", text, share >= 0.9, "≥ 90 %"),
            Row(
                f"misses with explanation over {STUBS:,} stubs, per CPU-second",
                f"{miss:,.0f} ({min(misses):,.0f}–{max(misses):,.0f})",
                miss >= 5000,
                "≥ 5,000",
            ),
        ]

    def start(self, times: int = 5) -> list[Row]:
        """From the start of the process to the first answer, and the CPU time until then."""
        rows = []
        for what, make in (("tinker", self._tinker), ("serve FILE.proto", self._make)):
            firsts, spent = [], []
            for _ in range(times):
                running = self._start(scenarios.scenario(START_STUBS), "start", make)
                firsts.append(running.first_s * 1e3)
                spent.append(running.usage().cpu * 1e3)
                running.stop()
            text = f"{statistics.median(firsts):.0f} ms ({min(firsts):.0f}–{max(firsts):.0f}), {min(spent):.0f} of CPU"
            met = statistics.median(firsts) <= 150
            where = f"`mock {what}`: process start to first answer, {START_STUBS:,} stubs"
            rows.append(Row(where, text, met, "≤ 150 ms"))
        return rows

    def long_life(self) -> list[Row]:
        """Memory while many requests come, each another."""
        running = self._start(scenarios.scenario(1), "life")
        try:
            quarter = max(1, int(self._requests * self._scale / 4))
            sizes = [running.usage().memory]
            for _ in range(4):
                done = load.run(running.port, payload.unique(), 16, 600, limit=quarter)
                assert not done.wrong, done.first_wrong
                sizes.append(running.usage().memory)
        finally:
            running.stop()
        text = ", ".join(f"{size / 1e6:.0f}" for size in sizes)
        grown = sizes[-1] - sizes[-2]
        what = f"RSS in MB at the start and after every {quarter:,} of {quarter * 4:,} requests"
        met = sizes[-1] <= 64e6 and grown < 5e6
        return [Row(what, text, met, "≤ 64, flat to 5")]

    def streams(self) -> list[Row]:
        """Memory with many streams open, one message sent on each."""
        count = max(1, int(STREAMS * self._scale))
        running = self._start(scenarios.scenario(1, stream=2), "streams")
        sockets: list[socket.socket] = []
        request = payload.repeated("/v1/watch")(0)
        try:
            before = running.usage().memory
            for _ in range(count):
                one = socket.create_connection(("127.0.0.1", running.port), timeout=10)
                one.sendall(request)
                sockets.append(one)
            for one in sockets:
                if not one.recv(4096).startswith(b"HTTP/1.1 200"):
                    raise RuntimeError("a stream did not open")
            used = running.usage().memory
            text = f"{used / 1e6:.0f} MB, {(used - before) / count / 1e3:.1f} kB a stream"
        finally:
            for one in sockets:
                one.close()
            running.stop()
        return [Row(f"RSS with {count:,} open NDJSON streams", text, used < 1 << 30, "< 1 GiB")]


def per_cpu(running: Running, requests: payload.Requests, status: int = 200, seconds: float = 1.0) -> float:
    """Requests per second of the server's CPU, 64 connections. RuntimeError for a wrong answer."""
    before = running.usage().cpu
    done = load.run(running.port, requests, 64, seconds, status)
    if done.wrong:
        raise RuntimeError(f"{running.server.name}: {done.first_wrong}")
    return done.count / max(running.usage().cpu - before, 0.01)


def table(rows: Sequence[Row]) -> str:
    """Markdown."""
    lines = ["| what | figure | goal |", "| --- | --- | --- |"]
    lines += [f"| {row.what} | {row.figure} | {goal(row.met, row.wanted)} |" for row in rows]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _arguments(argv)
    os.sched_setaffinity(0, {LOAD_CORE})
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        given = (arguments.mock.absolute(), arguments.definitions, arguments.annotations)
        limits = Limits(
            lambda scenario, name: ours(*given, scenario, name),
            lambda scenario, name: ours_of("tinker", given[0], scenario, name),
            Path(folder),
            arguments.scale,
            arguments.requests,
        )
        for measure in (limits.start, limits.many_stubs, limits.streams, limits.long_life):
            try:
                found = measure()
            except (RuntimeError, OSError) as error:
                found = [
                    Row(
                        measure.__name__.replace("_", " "),
                        f"not measured: {str(error).splitlines()[0]}",
                        False,
                        "measured",
                    )
                ]
            rows += found
            print(*table(found).split("\n")[2:], sep="\n", file=sys.stderr)
    text = table(rows)
    print(text)
    if arguments.write:
        marks.place(arguments.write, NAME, text)
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="//perf/mock:limits",
        description="What our own mock server bears.",
        epilog="example: ./bazelw run //perf/mock:limits -- --scale 0.1",
    )
    for name in ("mock", "definitions", "annotations"):
        parser.add_argument(
            f"--{name}", type=lambda text: Path(text).absolute(), required=True, help="given by the build"
        )
    parser.add_argument("--scale", type=float, default=1.0, help="share of the requests and streams (%(default)s)")
    parser.add_argument("--requests", type=int, default=1_000_000, help="how many memory is watched over (%(default)s)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table between the marks in FILE")
    arguments = parser.parse_args(argv)
    if arguments.write:
        arguments.write = Path(os.environ.get("BUILD_WORKING_DIRECTORY", ".")) / arguments.write
        try:
            marks.check(arguments.write, NAME)
        except (OSError, ValueError) as error:
            parser.error(f"--write: {error}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
