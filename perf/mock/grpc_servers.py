"""Our gRPC front beside a bare grpcio server, synchronous and asyncio: unary requests per second of the server's CPU.

As in servers.py: servers on core 0, the generator on core 1, in turn, round by round. The bare ones parse the request,
look at two fields and serialise a reply that is ready; ours does what a mock does: session, stub, journal.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from perf.bench import marks
from perf.bench.benchmark import goal
from perf.mock import chat, grpc_load, payload, scenarios, servers
from perf.mock.server import Running, Server
from perf.mock.servers import LOAD_CORE, OURS, SERVER_CORE, Go, started

NAME = "mock-grpc"
RPC = f"{chat.SERVICE}/Chat"
SYNC, AIO = "grpcio, 8 threads", "grpc.aio"
LEAST, WANTED = 0.85, 4.5  # times the synchronous server: what has to be, what is aimed at


@dataclass(frozen=True, slots=True)
class Point:
    """`streams` are open at once on each connection. `unique`: no two requests are alike."""

    connections: int
    streams: int
    unique: bool = False

    def __str__(self) -> str:
        return f"{self.connections} × {self.streams}" + (", every request another" if self.unique else "")


POINTS = (Point(1, 1), Point(16, 1), Point(16, 1, unique=True), Point(4, 16))
JUDGED = POINTS[1:]
Figures = dict[str, dict[Point, list[Go]]]


def message(name: str, value: dict[str, Any]) -> bytes:
    data: bytes = json_format.ParseDict(value, chat.message(name)()).SerializeToString()
    return data


def requests(unique: bool) -> grpc_load.Message:
    one = message("ChatRequest", payload.REQUEST)
    if not unique:
        return lambda _: one
    place = payload.REQUEST["request_id"].encode()
    before, _, after = one.rpartition(place)
    return lambda number: before + b"%016x" % (number + 1) + after


EXPECTED = len(message("ChatResponse", payload.REPLY))


def right(port: int, seconds: float, alive: Any) -> float:
    return grpc_load.until_right(port, f"/{RPC}", requests(unique=False), EXPECTED, seconds, alive)


def peers(program: Path) -> list[Server]:
    words = [payload.MODEL, payload.TIER, json.dumps(payload.REPLY)]
    return [
        Server(name, partial(_command, program, kind, words), right=right, note=note)
        for name, kind, note in ((SYNC, "sync", "bare"), (AIO, "aio", "bare"))
    ]


def _command(program: Path, kind: str, words: list[str], port: int, _: Path) -> list[str | Path]:
    return [program, kind, str(port), *words]


def go(running: Running, point: Point, seconds: float) -> Go:
    """Raises RuntimeError when an answer is not the right one."""
    before = running.usage().cpu
    done = grpc_load.run(
        running.port, f"/{RPC}", requests(point.unique), EXPECTED, point.connections, point.streams, seconds
    )
    cpu = running.usage().cpu - before
    if done.wrong:
        raise RuntimeError(f"{running.server.name}: {done.wrong} wrong answers: {done.first_wrong}")
    return Go(done.count / done.seconds, done.count / max(cpu, 0.01), done.quantile(0.5), done.quantile(0.99))


def measure(lineup: Sequence[Server], rounds: int, seconds: float) -> tuple[Figures, dict[str, tuple[float, int]]]:
    """Figures by the server's name; and of each the seconds to its first answer and its bytes of memory."""
    with tempfile.TemporaryDirectory() as folder, started(lineup, Path(folder)) as running:
        figures: Figures = {name: {point: [] for point in POINTS} for name in running}
        for each in running.values():
            go(each, Point(16, 1), each.server.warm_s)
        for number in range(rounds):
            print(f"\rround {number + 1} of {rounds}", end="", file=sys.stderr, flush=True)
            for point in POINTS:
                for name, each in running.items():
                    figures[name][point].append(go(each, point, seconds))
        print(file=sys.stderr)
        return figures, {name: (each.first_s, each.usage().memory) for name, each in running.items()}


def table(figures: Figures, costs: dict[str, tuple[float, int]], rounds: int, seconds: float) -> str:
    """Markdown."""
    lines: list[tuple[str, ...]] = [
        (
            "server", *(f"requests per CPU-second, {point}" for point in JUDGED), "1 × 1: p50 / p99 ms",
            "first answer ms", "RSS MB", *(f"ours is, {point}" for point in JUDGED), "goal",
        ),
    ]  # fmt: skip
    lines.append(("---",) * len(lines[0]))
    for name, gos in figures.items():
        p50, p99 = (statistics.median(getattr(go, key) * 1e3 for go in gos[POINTS[0]]) for key in ("p50", "p99"))
        first, memory = costs[name]
        times = [_times(figures, name, point) for point in JUDGED]
        lines.append(
            (
                name,
                *(_spread([go.per_cpu for go in gos[point]]) for point in JUDGED),
                f"{p50:.2f} / {p99:.2f}",
                f"{first * 1e3:.0f}",
                f"{memory / 1e6:.0f}",
                *("–" if each is None else f"{each:.1f}×" for each in times),
                _verdict([each for each in times if each is not None]) if name == SYNC else "–",
            )
        )
    head = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs; server on core {SERVER_CORE}, generator on "
        f"core {LOAD_CORE}; {rounds} rounds of {seconds:g} s in turn; connections × streams on each. Median and, in "
        'brackets, least and most; "ours is" sets our median beside the median of the peer at the same point.'
    )
    return "\n".join([head, "", *(f"| {' | '.join(line)} |" for line in lines)])


def _times(figures: Figures, name: str, point: Point) -> float | None:
    if name == OURS or OURS not in figures:
        return None
    ours, theirs = (statistics.median(go.per_cpu for go in figures[each][point]) for each in (OURS, name))
    return ours / theirs


def _verdict(times: Sequence[float]) -> str:
    if not times:
        return "–"
    must = goal(min(times) >= LEAST, f"≥ {LEAST:g}×")
    return f"{must}; {goal(min(times) >= WANTED, f'aimed at ≥ {WANTED:g}×')}"


def _spread(figures: Sequence[float]) -> str:
    return f"{statistics.median(figures):,.0f} ({min(figures):,.0f}–{max(figures):,.0f})"


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _arguments(argv)
    os.sched_setaffinity(0, {LOAD_CORE})
    ours = servers.ours(arguments.mock, arguments.definitions, arguments.annotations, scenarios.over_grpc(RPC))
    figures, costs = measure([replace(ours, right=right), *peers(arguments.peer)], arguments.rounds, arguments.seconds)
    text = table(figures, costs, arguments.rounds, arguments.seconds)
    print(text)
    if not {OURS, SYNC} <= set(figures):
        print("not all of them did start: nothing is written", file=sys.stderr)
        return 3
    if arguments.write:
        marks.place(arguments.write, NAME, text)
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="//perf/mock:grpc_servers",
        description="Our gRPC front beside bare grpcio servers.",
        epilog="example: ./bazelw run //perf/mock:grpc_servers -- --rounds 7 --write docs/benchmarks.md",
    )
    for name in ("mock", "definitions", "annotations", "peer"):
        parser.add_argument(
            f"--{name}", type=lambda text: Path(text).absolute(), required=True, help="given by the build"
        )
    parser.add_argument("--rounds", type=int, default=5, help="(%(default)s)")
    parser.add_argument("--seconds", type=float, default=1.5, help="of one server at one point (%(default)s)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table between the marks in FILE")
    arguments = parser.parse_args(argv)
    if arguments.rounds < 1 or arguments.seconds <= 0:
        parser.error("--rounds and --seconds: more than nothing")
    if len(os.sched_getaffinity(0)) <= max(SERVER_CORE, LOAD_CORE):
        parser.error("needs two cores: one for the server, one for the generator")
    if arguments.write:
        arguments.write = Path(os.environ.get("BUILD_WORKING_DIRECTORY", ".")) / arguments.write
        try:
            marks.check(arguments.write, NAME)
        except (OSError, ValueError) as error:
            parser.error(f"--write: {error}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
