"""`./bazelw run //perf/runs:overhead`: what `samewire check` costs beside a plain `bazel test` of the same targets.

Wall time from the shell's side, start-up of the command and its closing work included: history, verdict, report. Every
round runs each way once, one after the other, on a warm server with everything built. "Executed" runs all tests anew;
"cached" runs none, so what is seen there is the whole fixed price. TARGETS in the environment names other targets.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from perf.bench.benchmark import Benchmark, Row, duration, goal
from perf.bench.rounds import Timing, excess, ratio, run

# Some forty targets: long enough for a share to mean something, short enough for some rounds.
TARGETS = "//tools/runs/flakes/... //tools/runs/history/... //tools/python/pytest/..."
ANEW = ("--nocache_test_results",)
MOST = 1.03


class Ways:
    """Bazel alone, and the check with events over gRPC and from the file; a call is one whole run."""

    def __init__(self, workspace: Path, targets: Sequence[str], scratch: Path) -> None:
        self._workspace = workspace
        self._environment = {**os.environ, "SAMEWIRE_HISTORY": str(scratch / "history.sqlite")}
        page = f"--html={scratch / 'report.html'}"
        plain, check = ["./bazelw", "test", "--keep_going"], ["./samewire", "check", page]
        self._commands = {
            "bazel, executed": [*plain, *ANEW, *targets],
            "check, executed": [*check, *ANEW, *targets],
            "check --no-bes, executed": [*check, "--no-bes", *ANEW, *targets],
            "bazel, cached": [*plain, *targets],
            "check, cached": [*check, *targets],
        }
        self.cases = dict.fromkeys(self._commands, 60.0)
        for command in self._commands.values():  # Builds what is not built, and leaves nothing that is done once.
            self._call(command)

    def time(self, case: str, number: int) -> float:
        start = time.perf_counter()
        for _ in range(number):
            self._call(self._commands[case])
        return (time.perf_counter() - start) / number

    def _call(self, command: Sequence[str]) -> None:
        done = subprocess.run(
            command,
            cwd=self._workspace,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]}")


def measure(_: Sequence[str], rounds: int) -> dict[str, Timing]:
    workspace = Path(os.environ["BUILD_WORKSPACE_DIRECTORY"])
    targets = os.environ.get("TARGETS", TARGETS).split()
    with tempfile.TemporaryDirectory() as folder:
        return run([Ways(workspace, targets, Path(folder))], rounds)


def rows(timings: Mapping[str, Timing]) -> Iterator[Row]:
    """The share that counts, then the same without gRPC, then the fixed price."""
    plain = timings["bazel, executed"]
    yield "`bazel test`, all executed", duration(plain.best), duration(plain.median), "", "", ""
    for name, aim in (("check, executed", True), ("check --no-bes, executed", False)):
        timing = timings[name]
        times = ratio(plain, timing)  # How many times faster Bazel alone is.
        more = excess(timing, plain).format("{:.2f} s")
        words = goal(times.median <= MOST, "≤ 1.03") if aim else ""
        yield f"`samewire {name}`", duration(timing.best), duration(timing.median), times.format("{:.3f}"), more, words
    plain, timing = timings["bazel, cached"], timings["check, cached"]
    yield "`bazel test`, all from cache", duration(plain.best), duration(plain.median), "", "", ""
    more = excess(timing, plain).format("{:.2f} s")
    yield "`samewire check`, all from cache", duration(timing.best), duration(timing.median), "", more, ""


BENCHMARK = Benchmark(
    name="overhead",
    about="Runs `bazel test` and `samewire check` on the same warm targets in turn.",
    takes=(),
    measure=measure,
    columns=("way", "best", "median", "times as long", "longer by", "goal"),
    rows=rows,
)

if __name__ == "__main__":
    BENCHMARK.main()
