"""`./bazelw run //perf/runs:history`: ten million case results in one file: written, asked for flakes, and read.

The file is made once, through `History.record`, run by run, as `samewire check` does it; FOLDER keeps it, `-` does not.
Goals are held against CPU time: nothing here waits for anything but the CPU, and the machine may be shared.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter, process_time, time
from uuid import uuid4

from perf.bench.benchmark import Benchmark, Row, goal
from perf.bench.rounds import Timing, run, spread
from tools.runs import history
from tools.runs.flakes import judge
from tools.runs.flakes.survey import survey
from tools.runs.history import reader
from tools.runs.history.store import History
from tools.runs.record import CaseId, CaseResult, Run

CASES, RUNS = 20_000, 500
FLAKY, REGRESSED = 0.02, 0.1  # shares of cases


class World:
    """A repository, by a fixed seed: cases are steady, flaky or broken for a while; each commit has three runs."""

    def __init__(self, cases: int = CASES, runs: int = RUNS) -> None:
        rng = random.Random(7)
        self.runs = runs
        self._cases = [
            CaseId.of(f"//p{n // 50}:t_test", f"p{n // 50}.t_test", f"test_{n}[{n % 7}]") for n in range(cases)
        ]
        self._nodes = [f"p{n // 50}/t_test.py::test_{n}[{n % 7}]" for n in range(cases)]
        self._flaky = {n: rng.lognormvariate(-3.5, 1.0) for n in range(cases) if rng.random() < FLAKY}
        self._broken = {n: rng.randrange(runs) for n in range(cases) if rng.random() < REGRESSED}
        self._rng = rng
        self._end = time()

    def run(self, number: int) -> tuple[Run, Iterator[CaseResult]]:
        started = self._end - 1800.0 * (self.runs - number)
        commit = f"{number // 3:040x}"
        return Run(f"run-{number}", started, started + 60, "bazel", "test //...", commit, "main", False), self._results(
            number, started
        )

    def _results(self, number: int, started: float) -> Iterator[CaseResult]:
        chance = self._rng.random
        for n, (case, node) in enumerate(zip(self._cases, self._nodes, strict=True)):
            red = 0 <= number - self._broken.get(n, number + 1) < 5 or chance() < self._flaky.get(n, 0.0)
            yield CaseResult(
                case,
                "failed" if red else "passed",
                seconds=chance(),
                started=started,
                message=f"assert {n} == {n + 1}" if red else "",
                signature=f"{n % 100:016x}" if red else "",
                node=node,
                worker="linux-sandbox",
            )


def fill(past: History, world: World) -> float:
    """Seconds it took; runs that are there already are not made again."""
    known = len(past.runs(world.runs))
    start = perf_counter()
    for number in range(known, world.runs):
        past.record(*world.run(number))
        if number % 50 == 49:
            print(f"{number + 1} of {world.runs} runs, {perf_counter() - start:.0f} s", file=sys.stderr)
    return perf_counter() - start


class Store:
    """In this process. `wall` and `cpu` of one call each, the latter of the call just before."""

    def __init__(self, past: History, world: World) -> None:
        self._past, self._world = past, world
        self._ways: Mapping[str, Callable[[], object]] = {
            "flaky": lambda: survey(past),
            "flaky: every standing": lambda: [judge(each, self._prior) for each in past.standings()],
            "record": self._record,
            "trials": lambda: past.trials(CaseId.of("//p3:t_test", "p3.t_test", "test_150[3]"), 500),
        }
        self._prior = survey(past).prior
        self._cpu: dict[str, float] = {}
        self.cases = {case: 1.0 for way in self._ways for case in (way, f"{way} cpu")}

    def time(self, case: str, number: int) -> float:
        if case in self._cpu:
            return self._cpu.pop(case)
        if case == "record":
            self._prepare()
        start, cpu = perf_counter(), process_time()
        self._ways[case]()
        self._cpu[f"{case} cpu"] = process_time() - cpu
        return perf_counter() - start

    def _prepare(self) -> None:
        made, results = self._world.run(self._world.runs)
        name = uuid4().hex  # a file that is kept has those of earlier measurements
        self._fresh = Run(name, made.started, made.ended, commit=name, dirty=False), list(results)

    def _record(self) -> None:
        self._past.record(*self._fresh)


class Reader:
    """Processes, from start to exit."""

    def __init__(self, where: str) -> None:
        # Not Bazel's Python: the reader is started with the one that the machine has.
        python = next((path for path in ("/usr/bin/python3", sys.executable) if os.path.exists(path)), sys.executable)
        start = str(Path(reader.__file__).with_name("start.py"))
        root = str(Path(reader.__file__).parents[3])
        bare = [python, "-I", "-S"]
        self._environment = {"SAMEWIRE_HISTORY": where}
        ours = [*bare, "-X", f"pycache_prefix={Path(where).with_name('bytecode')}", start, root]
        self._commands = {
            "last": [*ours, "last"],
            "history": [*ours, "history"],
            "history CASE": [*ours, "history", "test_150["],
            "reader: nothing": [*bare, "-c", "pass"],
            "reader: import sqlite3": [*bare, "-c", "import sqlite3"],
        }
        self._cpu: dict[str, float] = {}
        self.cases = {case: 0.05 for way in self._commands for case in (way, f"{way} cpu")}

    def time(self, case: str, number: int) -> float:
        if case in self._cpu:
            return self._cpu.pop(case)
        cpu, start = used(), perf_counter()
        subprocess.run(self._commands[case], stdout=subprocess.DEVNULL, env=self._environment, check=False)
        seconds = perf_counter() - start
        self._cpu[f"{case} cpu"] = used() - cpu
        return seconds


def used() -> float:
    """CPU seconds of processes that ended."""
    usage = getrusage(RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(paths: Sequence[str], rounds: int) -> Mapping[str, Timing]:
    with ExitStack() as stack:
        [folder] = [path for path in paths if path != "-"] or [stack.enter_context(tempfile.TemporaryDirectory())]
        where = str(Path(folder) / "history.sqlite")
        past = stack.enter_context(history.open(where))
        world = World()
        fill(past, world)
        made = world.runs * CASES
        timings = dict(run([Store(past, world), Reader(where)], rounds))
        size = sum(path.stat().st_size for path in Path(folder).glob("history.sqlite*"))
        return timings | {"size": Timing((size / made,) * rounds)}


def rows(timings: Mapping[str, Timing]) -> Iterable[Row]:
    for what, case, unit, goals in (
        ("`flaky`: prior, every case judged that was ever red", "flaky", 1.0, 1.0),
        ("every one of 20,000 standings with its trials, judged", "flaky: every standing", 1.0, None),
        ("the 500 trials of one case", "trials", 1.0, None),
        ("a run of 20,000 results recorded", "record", 1.0, None),
        ("`samewire last`, process start to exit", "last", 1e3, 50.0),
        ("`samewire history`", "history", 1e3, 50.0),
        ("`samewire history CASE`", "history CASE", 1e3, 50.0),
        ("beside it: `python3 -I -S -c pass`", "reader: nothing", 1e3, None),
        ("beside it: `import sqlite3`", "reader: import sqlite3", 1e3, None),
    ):
        wall, cpu = ([each * unit for each in timings[name].rounds] for name in (case, f"{case} cpu"))
        name, form = ("s", "{:.3f}") if unit == 1.0 else ("ms", "{:.0f}")
        met = "" if goals is None else goal(spread(cpu).median <= goals, f"≤ {goals:.0f} {name}")
        yield what, f"{form.format(min(wall))} {name}", spread(wall).format(form), spread(cpu).format(form), met
    size = timings["size"].best
    yield "the file, per result", f"{size:.0f} bytes", "", "", ""


BENCHMARK = Benchmark(
    name="history",
    about="Ten million case results in one SQLite file: written, asked for flakes, read.",
    takes=("folder",),
    measure=measure,
    columns=("what", "wall, best", "wall", "CPU time", "goal, of CPU time"),
    rows=rows,
)


if __name__ == "__main__":
    BENCHMARK.main()
