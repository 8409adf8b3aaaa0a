"""Mock servers beside each other: requests per second of the server's CPU, latency, start and memory.

Every server runs on core 0, the generator on core 1; all are started once and then take turns, round by round, so that
what else the machine does hits all alike. Requests per CPU-second don't count time that others took from the server.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from perf.bench import marks
from perf.bench.benchmark import goal
from perf.mock import lineup, load, payload, scenarios
from perf.mock.server import Running, Server

NAME = "mock-servers"
OURS = "Samewire"
SERVER_CORE, LOAD_CORE = 0, 1
LEAST_PER_CPU = 45_000
P50_MS, P99_MS = 0.10, 0.30
# How many times the peer's best our median has to be.
GOALS = {
    "WireMock": 4.0,
    "WireMock, no journal": 2.0,
    "mountebank": 9.0,
    "Prism": 10.0,
    "pytest-httpserver": 10.0,
    "Mockoon": 40.0,
    "FastAPI on uvicorn": 4.0,
    "fastify": 1.3,
}


@dataclass(frozen=True, slots=True)
class Point:
    """What is asked. `unique`: every request has a body and a trace header of its own."""

    connections: int
    unique: bool = False


POINTS = (Point(1), Point(16), Point(64), Point(64, unique=True))


@dataclass(frozen=True, slots=True)
class Go:
    """One server at one point in one round. Times in seconds."""

    per_second: float
    per_cpu: float
    p50: float
    p99: float


@dataclass(slots=True)
class Figures:
    """Of one server. `gos`: by point, one a round; none where its answers are not right. `memory`: bytes."""

    first_s: float
    gos: dict[Point, list[Go]]
    memory: int = 0
    note: str = ""

    def per_cpu(self, point: Point) -> list[float]:
        return [go.per_cpu for go in self.gos.get(point, [])]

    @property
    def best(self) -> float:
        """The most per CPU-second, of any round, with requests that repeat themselves."""
        return max(each for point in POINTS if not point.unique for each in self.per_cpu(point))


def ours(
    mock: Path, definitions: Path, annotations: Path, scenario: Mapping[str, object] | None = None, name: str = OURS
) -> Server:
    """Our own server on the definitions of the benchmark. `annotations`: wire/v1/wire.proto, which they import."""

    def command(port: int, folder: Path) -> list[str | Path]:
        file = folder / "scenario.json"
        file.write_text(json.dumps(scenario or scenarios.scenario()), encoding="utf-8")
        # Links of the runfiles resolved: protoc wants a file and its folder under one name.
        chat, root = definitions.resolve(), annotations.resolve().parents[2]
        return [mock, "serve", chat, "-I", chat.parent, "-I", root, "--scenario", file, "--port", str(port)]

    return Server(name, command, note="journal on")


def ours_of(api: str, mock: Path, scenario: Mapping[str, object], name: str) -> Server:
    """Our own server of an API that it brings."""

    def command(port: int, folder: Path) -> list[str | Path]:
        file = folder / "scenario.json"
        file.write_text(json.dumps(scenario), encoding="utf-8")
        return [mock, api, "--scenario", file, "--port", str(port)]

    return Server(name, command)


def go(running: Running, point: Point, seconds: float) -> Go | None:
    """None when the server gave another answer than the right one."""
    requests = payload.unique() if point.unique else payload.repeated()
    before = running.usage().cpu
    done = load.run(running.port, requests, point.connections, seconds)
    cpu = running.usage().cpu - before
    if done.wrong:
        return None
    return Go(done.count / done.seconds, done.count / max(cpu, 0.01), done.quantile(0.5), done.quantile(0.99))


@contextmanager
def started(servers: Iterable[Server], folder: Path) -> Iterator[dict[str, Running]]:
    """All of them, one after the other; one that does not start is named on standard error and left out."""
    running: dict[str, Running] = {}
    try:
        for number, server in enumerate(servers):
            try:
                running[server.name] = Running(server, folder / str(number), SERVER_CORE)
            except (RuntimeError, OSError) as error:
                print(f"left out: {error}", file=sys.stderr)
        yield running
    finally:
        for each in running.values():
            each.stop()


def measure(servers: Sequence[Server], rounds: int, seconds: float) -> dict[str, Figures]:
    """Figures by the server's name."""
    with tempfile.TemporaryDirectory() as folder, started(servers, Path(folder)) as running:
        figures = {name: Figures(each.first_s, {}, note=each.server.note) for name, each in running.items()}
        for each in running.values():
            load.run(each.port, payload.repeated(), 16, each.server.warm_s)
        for number in range(rounds):
            print(f"\rround {number + 1} of {rounds}", end="", file=sys.stderr, flush=True)
            for point in POINTS:
                for name, each in running.items():
                    done = go(each, point, seconds)
                    if done is not None:
                        figures[name].gos.setdefault(point, []).append(done)
        print(file=sys.stderr)
        for name, each in running.items():
            figures[name].memory = each.usage().memory
        return figures


def table(figures: dict[str, Figures], rounds: int, seconds: float) -> str:
    """Markdown."""
    lines: list[tuple[str, ...]] = [
        (
            "server", "requests per CPU-second, 16 connections", "64", "64, every request another",
            "1 connection: p50 / p99 ms", "first answer ms", "RSS MB", "ours is", "goal",
        ),
    ]  # fmt: skip
    lines.append(("---",) * len(lines[0]))
    own = figures.get(OURS)
    for name, each in figures.items():
        one = each.gos.get(Point(1), [])
        p50, p99 = (statistics.median(getattr(go, key) * 1e3 for go in one) for key in ("p50", "p99"))
        lines.append(
            (
                name + (f" ({each.note})" if each.note else ""),
                *(_spread(each.per_cpu(point)) for point in POINTS[1:]),
                f"{p50:.2f} / {p99:.2f}",
                f"{each.first_s * 1e3:.0f}",
                f"{each.memory / 1e6:.0f}",
                *_verdict(name, each, own),
            )
        )
    head = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs; server on core {SERVER_CORE}, generator on "
        f"core {LOAD_CORE}; {rounds} rounds of {seconds:g} s in turn. Median and, in brackets, least and most; "
        '"ours is" sets our median at 64 connections beside the peer\'s best of all.'
    )
    return "\n".join([head, "", *(f"| {' | '.join(line)} |" for line in lines)])


def _spread(figures: Sequence[float]) -> str:
    if not figures:
        return "–"
    return f"{statistics.median(figures):,.0f} ({min(figures):,.0f}–{max(figures):,.0f})"


def _verdict(name: str, each: Figures, own: Figures | None) -> tuple[str, str]:
    if own is None:
        return "–", "–"
    median = statistics.median(own.per_cpu(Point(64)))
    if name == OURS:
        least = min(median, statistics.median(own.per_cpu(Point(64, unique=True))))
        return "–", goal(least >= LEAST_PER_CPU, f"≥ {LEAST_PER_CPU:,}")
    times = median / each.best
    wanted = GOALS.get(name)
    return f"{times:.1f}×", goal(times >= wanted, f"≥ {wanted:g}×") if wanted else "–"


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _arguments(argv)
    os.sched_setaffinity(0, {LOAD_CORE})
    servers = [ours(arguments.mock, arguments.definitions, arguments.annotations)]
    servers += lineup.python(arguments.asgi, arguments.httpserver)
    modules = arguments.modules.parent / "node_modules"
    if modules.is_dir():
        servers += lineup.node(arguments.node / "bin/node", modules, arguments.fastify)
        if java := lineup.found_java():
            [wiremock] = modules.glob("wiremock/build/wiremock-standalone-*.jar")
            servers += lineup.java(java, wiremock, arguments.jars[0] if arguments.jars else None)
    if arguments.only:
        servers = [each for each in servers if any(word.lower() in each.name.lower() for word in arguments.only)]
    figures = measure(servers, arguments.rounds, arguments.seconds)
    text = table(figures, arguments.rounds, arguments.seconds)
    print(text)
    if not arguments.only and OURS not in figures:
        print("ours did not start: nothing is written", file=sys.stderr)
        return 3
    if arguments.write:
        marks.place(arguments.write, NAME, text)
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="//perf/mock:servers",
        description="Mock servers beside each other.",
        epilog="example: ./bazelw run //perf/mock:servers -- --rounds 5 --write docs/benchmarks.md",
    )
    for name in ("mock", "definitions", "annotations", "asgi", "httpserver", "node", "modules", "fastify"):
        parser.add_argument(
            f"--{name}", type=lambda text: Path(text).absolute(), required=True, help="given by the build"
        )
    parser.add_argument(
        "--jars", type=lambda text: Path(text).absolute(), nargs="*", default=[], help="given by the build"
    )
    parser.add_argument("--rounds", type=int, default=4, help="(%(default)s)")
    parser.add_argument("--seconds", type=float, default=1.5, help="of one server at one point (%(default)s)")
    parser.add_argument("--only", nargs="*", metavar="WORD", help="servers whose names hold one of these")
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


def _absolute(text: str) -> Path:
    return Path(text).absolute()


if __name__ == "__main__":
    sys.exit(main())
