"""Runs Google's conformance_test_runner on a testee and reads what it says."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

_RESULT = re.compile(
    r"CONFORMANCE SUITE (?:PASSED|FAILED): (\d+) successes, (\d+) skipped, (\d+) expected failures, "
    r"(\d+) unexpected failures"
)
# Binary and JSON cases stand in the first suite, text format in the second.
EDITION = "2023"


class CannotRun(Exception):
    """The runner does not start on this machine; the text says why."""


@dataclass(frozen=True, slots=True)
class Result:
    """Counts of one suite; `failing`: the lines of the cases that failed unexpectedly; `output`: all that was said."""

    passed: int
    skipped: int
    expected: int
    unexpected: int
    exit_code: int
    output: str
    failing: tuple[str, ...]


def run(runner: Path, testee: Path, known_failing: Path, out: Path, *, only: tuple[str, ...] = ()) -> Result:
    """Runs the suite, recommended cases included. Raises CannotRun where the runner needs a newer C library."""
    out.mkdir(parents=True, exist_ok=True)
    command = [str(runner), "--maximum_edition", EDITION, "--enforce_recommended"]
    command += ["--failure_list", str(known_failing), "--output_dir", str(out)]
    for name in only:
        command += ["--test", name]
    try:
        done = subprocess.run([*command, str(testee)], capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        raise CannotRun(f"{runner.name} does not start: {error.strerror}") from None
    output = done.stdout + done.stderr
    if "GLIBC" in output and "not found" in output:
        raise CannotRun(f"{runner.name} needs a newer C library: {output.strip().splitlines()[0]}")
    match = _RESULT.search(output)
    if match is None:
        raise RuntimeError(f"{runner.name} gave no result (exit code {done.returncode}):\n{output[-4000:]}")
    passed, skipped, expected, unexpected = map(int, match.groups())
    failing = out / "failing_tests.txt"
    lines = tuple(failing.read_text().splitlines()) if failing.exists() else ()
    return Result(passed, skipped, expected, unexpected, done.returncode, output, lines)


def unreasoned(known_failing: str) -> list[str]:
    """Listed cases that give no reason."""
    lines = [line.strip() for line in known_failing.splitlines()]
    cases = [line for line in lines if line and not line.startswith("#")]
    return [case for case in cases if not case.partition("#")[2].strip()]
