"""Interleaved rounds over worker processes: every case once a round, so that noise of the machine hits all alike."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

GO_SECONDS = 0.05  # one go of one case in one round


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds per call, one figure a round."""

    rounds: tuple[float, ...]

    @property
    def best(self) -> float:
        return min(self.rounds)

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times faster `ours` was than `peer`, round by round: median and the middle half."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}–{self.high:.2f})"


def ratio(ours: Timing, peer: Timing) -> Ratio:
    """Above 1: ours is faster. Needs four rounds at least."""
    each = sorted(theirs / mine for mine, theirs in zip(ours.rounds, peer.rounds, strict=True))
    low, median, high = statistics.quantiles(each, n=4)
    return Ratio(median, low, high)


class Worker:
    """A worker process (perf/bench/worker.py)."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.cases: dict[str, float] = self._hear()["cases"]

    def time(self, case: str, number: int) -> float:
        """Seconds per call."""
        print(json.dumps({"case": case, "number": number}), file=self._pipe(self._process.stdin), flush=True)
        return float(self._hear()["seconds"])

    def _hear(self) -> dict[str, Any]:
        line = self._pipe(self._process.stdout).readline()
        if not line:
            self.close()
            raise RuntimeError(f"benchmark worker {self._process.args!r} ended with {self._process.returncode}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe

    def close(self) -> None:
        """Ends the worker."""
        for pipe in (self._process.stdin, self._process.stdout):
            self._pipe(pipe).close()
        self._process.wait()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def run(workers: Sequence[Worker], rounds: int) -> dict[str, Timing]:
    """Times every case of every worker in `rounds` rounds; progress goes to standard error."""
    plan = [
        (worker, case, max(1, round(GO_SECONDS / max(rough, 1e-7))))
        for worker in workers
        for case, rough in worker.cases.items()
    ]
    figures: dict[str, list[float]] = {case: [] for _, case, _ in plan}
    for number in range(rounds):
        print(f"\rround {number + 1} of {rounds}", end="", file=sys.stderr, flush=True)
        for worker, case, calls in plan:
            figures[case].append(worker.time(case, calls))
    print(file=sys.stderr)
    return {case: Timing(tuple(times)) for case, times in figures.items()}
