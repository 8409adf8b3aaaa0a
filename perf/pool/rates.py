"""The session pool in figures: requests through one worker, checkouts of idle workers, waiting in line.

Nothing here is a test: figures are looked at, not asserted. Each row says what its goal is and whether it was met.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from bridge.v1.frame_wire import Response
from bridge.v1.pool_wire import PoolConfig
from samewire.parity.v1.case_wire import Expectation
from samewire.parity.v1.result_wire import CaseResult
from samewire_wire import JsonValue

from parity.bridge.host.launcher import Ask, PythonWorkers
from parity.bridge.launcher import A, Q
from parity.bridge.pool import Pool
from parity.bridge.testing.launcher import Children
from parity.runner.corpus import Question
from parity.runner.run import Plan, run
from parity.runner.testee import Testee
from perf.bench import marks
from perf.bench.benchmark import goal

NAME = "pool"
WINDOW = 256  # requests under way at once
WAITERS = 64
WORKERS = 4
PING = Ask("ping")
ECHO = Path(__file__).parents[2] / "parity/runner/testing/echo.py"

# By the clock on the wall, which others on the machine slow down, and by what the pool's own process works.
CLOCKS = {"by the wall": time.perf_counter, "by CPU time of the pool's process": time.process_time}

Workers = Pool[Ask, Response]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: the figures of all rounds, best or worst as `better` says, and what is wanted."""

    what: str
    rounds: tuple[float, ...]
    unit: str
    wanted: float | None
    more_is_better: bool = True

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    def cells(self) -> tuple[str, str, str]:
        text = f"{self.median:,.{0 if self.more_is_better else 2}f} {self.unit}"
        low, high = min(self.rounds), max(self.rounds)
        spread = f" ({low:,.0f}–{high:,.0f})" if self.more_is_better else f" ({low:,.2f}–{high:,.2f})"
        if self.wanted is None:
            return self.what, text + spread, ""
        met = self.median >= self.wanted if self.more_is_better else self.median <= self.wanted
        words = f"{'≥' if self.more_is_better else '≤'} {self.wanted:,.0f} {self.unit}"
        return self.what, text + spread, goal(met, words)


async def dispatch(pool: Pool[Q, A], request: Q, clock: Callable[[], float], requests: int) -> float:
    """Requests a second of `clock` through one worker, with WINDOW of them under way."""
    async with pool.lease() as worker:
        under_way: deque[asyncio.Future[A]] = deque()
        start = clock()
        for _ in range(requests):
            if len(under_way) == WINDOW:
                await under_way.popleft()
            under_way.append(worker.ask(request, 60.0))
        for answer in under_way:
            await answer
        return requests / (clock() - start)


async def trivial_cases(env: Mapping[str, str], clock: Callable[[], float], cases: int) -> float:
    """Cases a second of `clock` through the whole runner, judged, with one Python testee; from its first answer on."""
    told: list[float] = []

    def tell(result: CaseResult) -> None:
        if result.verdict != "pass":
            raise RuntimeError(f"{result.case}: {result.verdict} {result.detail}")
        told.append(clock())

    questions = [_echo(number) for number in range(cases)]
    await run(Plan(questions, [Testee("echo", (sys.executable, str(ECHO), f"window={WINDOW}"), env)]), tell)
    return (len(told) - 1) / (told[-1] - told[0])


def _echo(number: int) -> Question:
    word: dict[str, JsonValue] = {"n": number}
    return Question(
        name=f"echo/{number}",
        dialect="a",
        call="echo",
        input=word,
        scenario=None,
        expect=Expectation(result=word),
        source=("perf/pool",),
        why="",
        deadline_ms=60_000,
    )


async def lock_step(pool: Workers, requests: int) -> float:
    """Requests a second, each with a checkout of its own and after the one before it."""
    start = time.perf_counter()
    for _ in range(requests):
        await pool.execute(None, PING)
    return requests / (time.perf_counter() - start)


async def checkouts(pool: Workers, count: int, session: str | None = None) -> float:
    """Checkouts (and checkins) a second while workers are idle."""
    start = time.perf_counter()
    for _ in range(count):
        pool.checkin(await pool.checkout(session))
    return count / (time.perf_counter() - start)


async def waiting(pool: Workers, count: int) -> float:
    """Milliseconds in line, 99th percentile, with WAITERS that come again as soon as they were served."""
    times: list[float] = []

    async def one() -> None:
        for _ in range(count // WAITERS):
            start = time.perf_counter()
            worker = await pool.checkout()
            times.append(time.perf_counter() - start)
            await asyncio.sleep(0)  # the others run, and stand in line
            pool.checkin(worker)

    await asyncio.gather(*(one() for _ in range(WAITERS)))
    return statistics.quantiles(times, n=100)[98] * 1000


async def measure(launcher: PythonWorkers, env: Mapping[str, str], requests: int, rounds: int) -> list[Figure]:
    """All rows; workers are started before, and warmed by a round that does not count."""

    async def several(what: Callable[[Workers, int], Awaitable[float]], pool: Workers) -> tuple[float, ...]:
        return await rounds_of(lambda count: what(pool, count))

    async def rounds_of(what: Callable[[int], Awaitable[float]]) -> tuple[float, ...]:
        await what(max(requests // 10, 2 * WAITERS))
        return tuple([await what(requests) for _ in range(rounds)])

    def pool(size: int) -> Workers:
        return Pool(launcher, PoolConfig(pool_size=size, overflow=0))

    figures = []
    for how, clock in CLOCKS.items():
        rates = await rounds_of(partial(trivial_cases, env, clock))
        figures.append(Figure(f"trivial cases through the runner, one Python testee, {how}", rates, "/s", 20_000))
    async with Pool(Children(), PoolConfig(pool_size=1, overflow=0)) as bare:
        for how, clock in CLOCKS.items():
            rates = await rounds_of(partial(dispatch, bare, "word", clock))
            figures.append(
                Figure(f"{WINDOW} requests under way, framing and dispatch alone, {how}", rates, "/s", 20_000)
            )
    async with pool(1) as one:
        for how, clock in CLOCKS.items():
            rates = await rounds_of(partial(dispatch, one, PING, clock))
            figures.append(Figure(f"{WINDOW} pings under way, with the bridge's models, {how}", rates, "/s", 20_000))
        figures.append(Figure("ping after ping, a checkout each", await several(lock_step, one), "/s", None))
    async with pool(WORKERS) as some:
        await some.warm()
        figures += [
            Figure("checkouts of idle workers", await several(checkouts, some), "/s", 10_000),
            Figure(
                "the same for a session that has its worker",
                await several(lambda pool, count: checkouts(pool, count, "s1"), some),
                "/s",
                10_000,
            ),
            Figure(
                f"in line, {WAITERS} waiters for {WORKERS} workers, 99th percentile",
                await several(waiting, some),
                "ms",
                5,
                more_is_better=False,
            ),
        ]
    return figures


def table(figures: Sequence[Figure]) -> str:
    """Markdown."""
    rows = [("what", "figure", "goal"), ("---",) * 3, *(figure.cells() for figure in figures)]
    where = f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}"
    head = f"{where}, {os.cpu_count()} CPUs, {len(figures[0].rounds)} rounds: median, least and most."
    return "\n".join([head, "", *(f"| {' | '.join(row)} |" for row in rows)])


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="//perf/pool:rates",
        description="How fast the session pool is.",
        epilog="example: ./bazelw run //perf/pool:rates -- --rounds 11",
    )
    parser.add_argument("--requests", type=int, default=20_000, help="of each kind in a round (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print all figures")
    parser.add_argument("--write", type=Path, metavar="FILE", help=f"put the table between the marks {NAME} in FILE")
    given = parser.parse_args(argv)
    if given.requests < 2 * WAITERS or given.rounds < 1:
        parser.error(f"at least {2 * WAITERS} requests and one round")
    if given.write:
        given.write = Path(os.environ.get("BUILD_WORKING_DIRECTORY", ".")) / given.write
        try:
            marks.check(given.write, NAME)
        except (OSError, ValueError) as error:
            parser.error(f"--write: {error}")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    launcher = PythonWorkers(settings={"env": env, "start_timeout": 30.0})
    figures = asyncio.run(measure(launcher, env, given.requests, given.rounds))
    print(json.dumps([asdict(figure) for figure in figures], indent=2) if given.json else table(figures))
    if given.write:
        marks.place(given.write, NAME, table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
