"""What all benchmarks share: their command line, and a Markdown table of what came out.

Nothing here is a test: figures are looked at, not asserted. A row says what its goal is and whether it was met.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from perf.bench import marks
from perf.bench.rounds import Timing

Row = tuple[str, ...]
LEAST_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Benchmark:
    """`./bazelw run //perf/bench:NAME`.

    `takes`: what the build hands to it on the command line, by name. `measure` gets those paths and the number of
    rounds; `rows` makes the table of its timings, with `columns` as its head.
    """

    name: str
    about: str
    takes: tuple[str, ...]
    measure: Callable[[Sequence[str], int], Mapping[str, Timing]]
    columns: Row
    rows: Callable[[Mapping[str, Timing]], Iterable[Row]]

    def main(self, argv: Sequence[str] | None = None) -> None:
        arguments = self._arguments(argv)
        timings = self.measure([getattr(arguments, name) for name in self.takes], arguments.rounds)
        if arguments.json:
            print(json.dumps({case: timing.rounds for case, timing in timings.items()}, indent=2))
        else:
            print(self.table(timings, arguments.rounds))
        if arguments.write:
            marks.place(arguments.write, self.name, self.table(timings, arguments.rounds))

    def table(self, timings: Mapping[str, Timing], rounds: int) -> str:
        """Markdown: where and how it was measured, and the rows."""
        lines = [self.columns, ("---",) * len(self.columns), *self.rows(timings)]
        return "\n".join(
            [
                f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} "
                f"{platform.machine()}, {os.cpu_count()} CPUs, {rounds} rounds. Times are the best round's; "
                "beside them stand the median over the rounds and, in brackets, the middle half.",
                "",
                *(f"| {' | '.join(line)} |" for line in lines),
            ]
        )

    def _arguments(self, argv: Sequence[str] | None) -> argparse.Namespace:
        parser = argparse.ArgumentParser(
            prog=f"//perf/bench:{self.name}",
            description=self.about,
            epilog=f"example: ./bazelw run //perf/bench:{self.name} -- --rounds 41 --write docs/benchmarks.md",
        )
        for name in self.takes:
            parser.add_argument(name, help="given by the build")
        parser.add_argument("--rounds", type=int, default=21, help=f"rounds, at least {LEAST_ROUNDS} (%(default)s)")
        parser.add_argument("--json", action="store_true", help="print all timings, in seconds")
        parser.add_argument("--write", type=Path, metavar="FILE", help="put the table between the marks in FILE")
        arguments = parser.parse_args(argv)
        if arguments.rounds < LEAST_ROUNDS:
            parser.error(f"--rounds: at least {LEAST_ROUNDS}, or there is no spread")
        if arguments.write:
            # Where the user stands, not the runfiles, where `bazel run` starts programs.
            arguments.write = Path(os.environ.get("BUILD_WORKING_DIRECTORY", ".")) / arguments.write
            try:
                marks.check(arguments.write, self.name)
            except (OSError, ValueError) as error:
                parser.error(f"--write: {error}")
        return arguments


def goal(met: bool, words: str) -> str:
    """A cell: what was aimed at, and plainly when it was missed."""
    return words if met else f"{words}: **missed**"


def duration(seconds: float) -> str:
    """A cell in the unit that fits."""
    if seconds >= 0.1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.2f} µs"
