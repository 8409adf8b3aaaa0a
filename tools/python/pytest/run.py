"""Runs the tests of one Bazel target under pytest. `pytest_test` in //tools:defs.bzl writes the command line.

Exit code: 0 green, 1 red cases, 2 misuse (no tests, a filter that matches nothing), 3 pytest itself failed.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tools.python.pytest import junit, retry
from tools.python.pytest.case import Case
from tools.python.pytest.invocation import Invocation
from tools.python.pytest.recorder import Recorder
from tools.python.pytest.seed import Seed
from tools.python.pytest.selection import Selection
from tools.python.pytest.termination import on_sigterm

GREEN, RED, MISUSE, BROKEN = 0, 1, 2, 3
_HYPOTHESIS = "_hypothesis_pytestplugin"


def main(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Runs the files in `argv` as Bazel's test protocol in `environ` asks.

    Args:
        argv: the program's own path, then its arguments.
        environ: what Bazel set.
    """
    ours, theirs = list(argv[1:]), []
    if "--" in ours:
        theirs = ours[ours.index("--") + 1 :]
        ours = ours[: ours.index("--")]
    options = _parser().parse_args(ours)
    options.pytest_arguments = theirs
    try:
        run = Run(list(argv), options, Invocation.read(environ))
    except (OSError, ValueError) as error:
        print(f"pytest_test: {error}", file=sys.stderr)
        return MISUSE
    return run.execute()


@dataclass
class Run:
    """One process's run of one target."""

    argv: list[str]
    options: argparse.Namespace
    invocation: Invocation
    selection: Selection = field(init=False)
    recorder: Recorder = field(init=False)
    tmp: Path = field(init=False)

    def __post_init__(self) -> None:
        invocation, options = self.invocation, self.options
        if invocation.shard_status:
            # Before anything can fail: without this file Bazel says that the runner does not know shards.
            invocation.shard_status.touch()
        self.tmp = invocation.tmp or Path(tempfile.mkdtemp(prefix="pytest_test."))
        durations = json.loads(options.durations.read_text(encoding="utf-8")) if options.durations else None
        nodes = json.loads(options.nodes.read_text(encoding="utf-8")) if options.nodes else None
        self.selection = Selection(invocation, durations=durations, nodes=nodes)
        self.recorder = Recorder(
            label=invocation.label,
            seed=invocation.seed,
            attempt=options.attempt,
            shard=invocation.shard.index if invocation.shard else 0,
        )
        if invocation.outputs:
            self.recorder.write_lines(invocation.outputs / "cases.jsonl")
        if options.record:
            self.recorder.write_full(options.record)

    def execute(self) -> int:
        """Runs, reports, and returns the exit code."""
        premature = self.invocation.premature_exit
        if premature:
            premature.touch()
        with on_sigterm(self._terminated):
            plugins = [self.selection, self.recorder, Seed(self.invocation.seed, self.tmp)]
            code = self._verdict(pytest.main(self._arguments(), plugins=plugins))
            cases = self._retried(self.recorder.cases)
            self._write(cases)
        if code == RED and not any(case.red for case in cases):
            code = RED if self.options.flaky_cases == "fail" else GREEN
        self._say(cases)
        if premature:
            premature.unlink(missing_ok=True)
        return code

    def _arguments(self) -> list[str]:
        options, root = self.options, os.getcwd()
        arguments = [
            f"-c{Path(__file__).parent / 'pytest.ini'}",
            f"--rootdir={root}",
            f"--confcutdir={root}",
            f"--basetemp={self.tmp / 'pytest'}",
            "--import-mode=importlib",
            "--color=no",
            "-pno:cacheprovider",
            "-rfEsxX",
        ]
        arguments += [f"-p{plugin}" for plugin in options.plugin]
        arguments += [f"-W{warning}" for warning in options.warning]
        if _HYPOTHESIS in options.plugin:
            arguments.append(f"--hypothesis-seed={self.invocation.seed}")
        if self.invocation.fail_fast:
            arguments.append("--exitfirst")
        if self.selection.expression:
            arguments.append(f"-k{self.selection.expression}")
        return [*arguments, *options.pytest_arguments, *(str(file) for file in options.files)]

    def _verdict(self, code: int) -> int:
        """Our exit code for pytest's; a red one is never without a red case in the report."""
        red = any(case.red for case in self.recorder.cases)
        skipped_whole = any("::" not in case.node for case in self.recorder.cases)
        if self.selection.problem and not red and not (skipped_whole and not self.selection.collected):
            print(f"pytest_test: {self.selection.problem}", file=sys.stderr)
            self.recorder.add(self.recorder.case(self.invocation.label, "error", self.selection.problem))
            return MISUSE
        if code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            return GREEN
        if not red:
            why = f"pytest stopped with exit code {int(code)} before a case was red; the log above says why"
            self.recorder.add(self.recorder.case(self.invocation.label, "error", why))
        if code in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED):
            return RED
        return MISUSE if code == pytest.ExitCode.USAGE_ERROR else BROKEN

    def _retried(self, cases: Sequence[Case]) -> list[Case]:
        """Every case's last attempt. None after --exitfirst: the cases that never ran would look green."""
        last = list(cases)
        once = self.invocation.fail_fast or self.options.attempt > 1
        attempts = max(self.options.case_attempts, self.invocation.case_attempts)
        for attempt in range(2, 1 if once else attempts + 1):
            red = [case.node for case in last if case.red]
            if not red or not all("::" in node for node in red):
                break
            print(f"\npytest_test: attempt {attempt} at {len(red)} red cases, in a fresh process", flush=True)
            later = retry.again(self.argv, red, attempt, self.tmp / f"attempt-{attempt}")
            later = [replace(case, shard=self.recorder.shard) for case in later]
            for case in later:
                self.recorder.add(case)
            last = retry.merged(last, later)
        return last

    def _terminated(self) -> None:
        self.recorder.stop_running("Bazel ended the target (SIGTERM: usually its time is over)")
        self._write(self.recorder.cases, partial="true")

    def _write(self, cases: Sequence[Case], **properties: str) -> None:
        if not self.invocation.xml:
            return
        shard = self.invocation.shard
        properties |= {"seed": str(self.invocation.seed), "python": platform.python_version()}
        properties |= {"shard": f"{shard.index} of {shard.total}"} if shard else {}
        junit.write(self.invocation.xml, self.invocation.label, cases, properties)

    def _say(self, cases: Sequence[Case]) -> None:
        for case in cases:
            if case.flaky:
                print(f"FLAKY {case.node}: red before, passed at attempt {case.attempt}")
        red = next((case for case in cases if case.red and "::" in case.node), None)
        if red and self.options.attempt == 1:
            print(f"\nOne again: bazel test {self.invocation.label} --test_filter='{red.node}'")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pytest_test",
        description="Runs the tests of one Bazel target under pytest.",
        usage="pytest_test [OPTION ...] FILE ... [-- PYTEST_ARGUMENT ...]",
        epilog="example: bazel test //pkg:a_test --test_filter='a_test.py::test_x[1]' --test_arg=-vv",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="test files, from the runfiles root")
    parser.add_argument("--plugin", action="append", default=[], metavar="MODULE", help="a pytest plugin's module")
    parser.add_argument("--warning", action="append", default=[], metavar="RULE", help="a filter as python -W takes it")
    parser.add_argument("--durations", type=Path, metavar="JSON", help="seconds per node id, for balanced shards")
    parser.add_argument("--case-attempts", type=int, default=1, metavar="N", help="how often a red case may be tried")
    parser.add_argument(
        "--flaky-cases", choices=["pass", "fail"], default="pass", help="what red, then passed, comes to"
    )
    parser.add_argument("--attempt", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--nodes", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--record", type=Path, help=argparse.SUPPRESS)
    return parser
