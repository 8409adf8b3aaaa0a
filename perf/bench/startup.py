"""`./bazelw run //perf/bench:startup`: what a one-test `pytest_test` takes longer than plain unittest.

Both are started by their own launchers, with the variables that Bazel sets for a test.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from perf.bench.benchmark import Benchmark, Row, duration, goal
from perf.bench.rounds import Timing, excess, run

GOAL = 0.25  # seconds


class Launches:
    """Runs of test programs; a call is one run. `commands`: name → words of the command line."""

    def __init__(self, commands: Mapping[str, Sequence[str]], scratch: Path) -> None:
        self._commands = commands
        self._environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "RUNFILES_DIR": str(Path.cwd().parent),
            "TEST_SRCDIR": str(Path.cwd().parent),
            "TEST_TARGET": "//perf/bench/one:one_test",
            "TEST_TMPDIR": str(scratch),
            "TEST_UNDECLARED_OUTPUTS_DIR": str(scratch),
            "TEST_WORKSPACE": Path.cwd().name,
            "XML_OUTPUT_FILE": str(scratch / "test.xml"),
        }
        for name in commands:
            self.time(name, 1)
        self.cases = {name: self.time(name, 1) for name in commands}

    def time(self, case: str, number: int) -> float:
        start = time.perf_counter()
        for _ in range(number):
            done = subprocess.run(self._commands[case], env=self._environment, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(f"{case} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return (time.perf_counter() - start) / number


def measure(programs: Sequence[str], rounds: int) -> dict[str, Timing]:
    pytest, plain, source = programs
    with tempfile.TemporaryDirectory() as scratch:
        return run([Launches({"pytest_test": [pytest, source], "unittest": [plain]}, Path(scratch))], rounds)


def rows(timings: Mapping[str, Timing]) -> Iterator[Row]:
    """One row."""
    ours, peer = timings["pytest_test"], timings["unittest"]
    found = excess(Timing(tuple(1e3 * each for each in ours.rounds)), Timing(tuple(1e3 * each for each in peer.rounds)))
    wanted = goal(found.median <= GOAL * 1e3, f"≤ {GOAL * 1e3:g} ms")
    yield duration(peer.best), duration(ours.best), found.format("{:.0f} ms"), wanted


BENCHMARK = Benchmark(
    name="startup",
    about="Runs one test as a pytest_test and as a plain unittest, both as Bazel starts them.",
    takes=("pytest", "plain", "source"),
    measure=measure,
    columns=("plain unittest", "`pytest_test`", "`pytest_test` takes longer by", "goal"),
    rows=rows,
)

if __name__ == "__main__":
    BENCHMARK.main()
