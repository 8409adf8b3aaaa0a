"""`./bazelw run //perf/runs:shards`: wall time of skewed suites by how their cases are dealt to shards.

Each round has another suite, drawn anew; all ways have the same ones. Cases sleep, so that shards are no rivals for the
CPU, and shards begin together: what is measured is the slowest one, start-up left out. Durations come from the test.xml
of the run that dealt in turn, through the figures that `samewire shards` would write.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from perf.bench.benchmark import Benchmark, Row, duration, goal
from perf.bench.rounds import Timing, ratio, run
from tools.runs.shards.plan import render, stable

SHARDS = 4
CASES = 60
SECONDS = 16.0  # of all cases together
SKEW = 1.4  # sigma of the lognormal distribution: a few cases take most of the time, as in real suites
WAYS = ("turn", "hash", "durations")


def cases(suite: int) -> dict[str, float]:
    """Seconds of each case of one suite; the same at every run."""
    dice = random.Random(suite)
    raw = [dice.lognormvariate(0, SKEW) for _ in range(CASES)]
    return {f"test_{number:02}": SECONDS * each / sum(raw) for number, each in enumerate(raw)}


def source(seconds: Mapping[str, float]) -> str:
    """The suite: a module whose cases sleep."""
    tests = "\n".join(f"def {name}():\n    time.sleep({each:.4f})\n" for name, each in seconds.items())
    return f"import time\n\n{tests}"


class Suites:
    """One suite a round, in a folder; a call is one whole run of all shards at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._durations = folder / "durations.json"
        self._suite = 0
        self.cases = dict.fromkeys(WAYS, SECONDS / SHARDS)

    def time(self, case: str, number: int) -> float:
        if case == WAYS[0]:
            self._suite += 1
            (self._folder / "skewed_test.py").write_text(source(cases(self._suite)), encoding="utf-8")
        seconds = sum(self._once(case) for _ in range(number)) / number
        if case == WAYS[0]:
            self._durations.write_text(render(stable(self._measured(), {})), encoding="utf-8")
        return seconds

    def _once(self, way: str) -> float:
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            shared = Path(folder)
            processes = [self._start(way, shard, shared) for shard in range(SHARDS)]
            while len(list(shared.glob("ready.*"))) < SHARDS:
                if any(process.poll() is not None for process in processes):
                    raise RuntimeError(f"{way}: a shard ended before it began")
                time.sleep(0.01)
            began = time.monotonic()
            (shared / "go").touch()
            if any(codes := [process.wait() for process in processes]):
                raise RuntimeError(f"{way}: pytest ended with {codes}")
            return max(float(path.read_text()) for path in shared.glob("ended.*")) - began

    def _measured(self) -> dict[str, float]:
        """Node id → seconds of the run before, as history has it."""
        found = [found for shard in range(SHARDS) for found in ET.parse(self._report(shard)).iter("testcase")]
        return {f"skewed_test.py::{case.get('name')}": float(case.get("time", "0")) for case in found}

    def _report(self, shard: int) -> Path:
        return self._folder / f"test.{shard}.xml"

    def _start(self, way: str, shard: int, shared: Path) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "DEALING": way,
            "DURATIONS": str(self._durations),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "SHARED": str(shared),
            "PYTHONPATH": os.pathsep.join(sys.path),
            "TEST_SHARD_INDEX": str(shard),
            "TEST_TOTAL_SHARDS": str(SHARDS),
        }
        plugin = ["-p", "perf.runs.dealing", "-p", "no:cacheprovider", "-q"]
        report = f"--junitxml={self._report(shard)}"
        words = [sys.executable, "-m", "pytest", *plugin, f"--rootdir={self._folder}", report, "skewed_test.py"]
        return subprocess.Popen(words, cwd=self._folder, env=environment, stdout=subprocess.DEVNULL)


def measure(_: Sequence[str], rounds: int) -> dict[str, Timing]:
    with tempfile.TemporaryDirectory() as folder:
        return run([Suites(Path(folder))], rounds)


def rows(timings: Mapping[str, Timing]) -> Iterator[Row]:
    """One a way to deal."""
    ours, turn = timings["durations"], timings["turn"]
    gain = ratio(ours, turn)
    best = Timing(tuple(max(*cases(number).values(), SECONDS / SHARDS) for number in range(1, len(ours.rounds) + 1)))
    yield "in turn (rules_py, pytest_bazel)", duration(turn.best), "", ""
    yield "`pytest_test`, by hash", duration(timings["hash"].best), str(ratio(timings["hash"], turn)), ""
    yield (
        "`pytest_test`, by durations of history",
        duration(ours.best),
        str(gain),
        goal(gain.median >= 1.2, "≥ 1.2 times as fast"),
    )
    yield "no way to deal can beat", duration(best.best), str(ratio(best, turn)), ""


BENCHMARK = Benchmark(
    name="shards",
    about=f"Runs skewed suites of {CASES} cases in {SHARDS} shards at once, dealt in three ways.",
    takes=(),
    measure=measure,
    columns=("dealt", "wall time", "times as fast as in turn", "goal"),
    rows=rows,
)

if __name__ == "__main__":
    BENCHMARK.main()
