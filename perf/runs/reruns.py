"""`./bazelw run //perf/runs:reruns`: what our pytest plugin costs, beside pytest-rerunfailures, flaky and pytest-xdist.

All run the same files, each session in a process of its own. What is measured is CPU time, of workers too: the wall
shows what else the machine does. Reruns are on in all sessions but pytest's own; in the suite for them, every test is
red at its first attempt and passes at its second.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from perf.bench.benchmark import Benchmark, Row, duration, goal
from perf.bench.rounds import Spread, Timing, ratio, run, spread

TESTS = 1000  # in a suite of steady tests, over FILES files
AGAIN = 250  # in the suite of tests that are tried again
FILES = 5

STEADY = "import pytest\n@pytest.mark.parametrize('n', range({count}))\ndef test_x(n): pass\n"
FLAKY = """\
import pytest
tried = set()
@pytest.mark.parametrize('n', range({count}))
def test_x(n):
    if n not in tried:
        tried.add(n)
        assert n < 0
"""

XDIST = ("-p", "xdist.plugin", "-n2")
# What turns reruns on, and everything else that these plugins do by themselves.
PLUGINS: dict[str, tuple[str, ...]] = {
    "pytest": (),
    "ours": ("-p", "pytest_samewire.plugin", "--reruns=1"),
    "pytest-rerunfailures": ("-p", "pytest_rerunfailures", "--reruns=1"),
    "flaky": ("-p", "flaky.flaky_pytest_plugin", "--force-flaky", "--max-runs=2", "--no-flaky-report"),
}
RIVALS = ("pytest-rerunfailures", "flaky")


class Sessions:
    """Sessions of pytest; a call is one. Cases are called "steady ours", "again flaky", "xdist pytest"."""

    def __init__(self, scratch: Path, tests: int = TESTS, again: int = AGAIN, bytecode: str = "") -> None:
        self._scratch = scratch
        self._environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "PYTHONPYCACHEPREFIX": bytecode,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        for name, source, count in (("steady", STEADY, tests), ("few", STEADY, again), ("again", FLAKY, again)):
            (scratch / name).mkdir()
            (scratch / name / "pytest.ini").write_text("[pytest]\n")
            for number in range(FILES):
                (scratch / name / f"test_{number}.py").write_text(source.format(count=count // FILES))
        self._commands = {f"steady {name}": ("steady", words) for name, words in PLUGINS.items()}
        for suite in ("few", "again"):
            self._commands |= {f"{suite} {name}": (suite, words) for name, words in PLUGINS.items() if name != "pytest"}
        # flaky has no part in pytest-xdist's controller worth measuring.
        self._commands |= {f"xdist {name}": ("steady", (*XDIST, *PLUGINS[name])) for name in list(PLUGINS)[:3]}
        self.cases = dict.fromkeys(self._commands, 1.0)

    def time(self, case: str, number: int) -> float:
        """Seconds of CPU time, of the session and its workers."""
        folder, words = self._commands[case]
        command = [sys.executable, "-m", "pytest", "-q", "--tb=no", "-p", "no:cacheprovider", *words]
        spent = 0.0
        for _ in range(number):
            with tempfile.TemporaryFile(dir=self._scratch) as told:
                process = subprocess.Popen(
                    command, cwd=self._scratch / folder, env=self._environment, stdout=told, stderr=subprocess.STDOUT
                )
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                if process.returncode:
                    told.seek(0)
                    raise RuntimeError(f"{case} ended with {process.returncode}:\n{told.read().decode()[-2000:]}")
            spent += usage.ru_utime + usage.ru_stime
        return spent / number


def measure(_: Sequence[str], rounds: int) -> dict[str, Timing]:
    with tempfile.TemporaryDirectory() as scratch:
        sessions = Sessions(Path(scratch), bytecode=str(Path(scratch, "bytecode")))
        for name in sessions.cases:
            sessions.time(name, 1)  # compiles
        return run([sessions], rounds)


def per_test(timings: Mapping[str, Timing], suite: str, name: str, tests: int = TESTS) -> Spread:
    """Microseconds that a plugin adds to one test that passes."""
    pairs = zip(timings[f"{suite} {name}"].rounds, timings[f"{suite} pytest"].rounds, strict=True)
    return spread((theirs - bare) / tests * 1e6 for theirs, bare in pairs)


def per_rerun(timings: Mapping[str, Timing], name: str, again: int = AGAIN) -> Spread:
    """Microseconds of a failure and the attempt after it: what the suite takes above one of as many steady tests."""
    pairs = zip(timings[f"again {name}"].rounds, timings[f"few {name}"].rounds, strict=True)
    return spread((failing - steady) / again * 1e6 for failing, steady in pairs)


def rows(timings: Mapping[str, Timing]) -> Iterable[Row]:
    """One for each plugin and suite; `than ours` above 1 is a plugin that takes longer than ours."""
    for suite, what in (("steady", f"{TESTS:,} tests that pass"), ("xdist", "the same on two workers of pytest-xdist")):
        for name in PLUGINS:
            if f"{suite} {name}" not in timings:
                continue
            timing = timings[f"{suite} {name}"]
            added = "–" if name == "pytest" else per_test(timings, suite, name).format("{:.0f} µs")
            against, wanted = _against(timings, suite, name)
            yield what, name, duration(timing.best), added, against, wanted
    for name in PLUGINS:
        if name != "pytest":
            timing = timings[f"again {name}"]
            against, wanted = _against(timings, "again", name)
            added = per_rerun(timings, name).format("{:.0f} µs")
            yield f"{AGAIN} tests, each tried again once", name, duration(timing.best), added, against, wanted


def _against(timings: Mapping[str, Timing], suite: str, name: str) -> tuple[str, str]:
    if name == "ours":
        return "–", ""
    found = ratio(timings[f"{suite} ours"], timings[f"{suite} {name}"])
    return f"{found}×", goal(found.median >= 1, "≥ 1×") if name in RIVALS else ""


BENCHMARK = Benchmark(
    name="reruns",
    about="Sessions of pytest with our plugin, pytest-rerunfailures and flaky, alone and with pytest-xdist.",
    takes=(),
    measure=measure,
    columns=("suite", "plugin", "CPU time", "a test, or a rerun, costs", "than ours", "goal"),
    rows=rows,
)

if __name__ == "__main__":
    BENCHMARK.main()
