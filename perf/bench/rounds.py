"""Interleaved rounds over worker processes: every case once a round, so that noise of the machine hits all alike."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, Protocol

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
class Spread:
    """Figures of all rounds: median and the middle half."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return self.format("{:.2f}")

    def format(self, figure: str) -> str:
        """`figure` says how each is written, as str.format does."""
        return f"{figure} ({figure}–{figure})".format(self.median, self.low, self.high)


def spread(figures: Iterable[float]) -> Spread:
    """Needs four at least."""
    low, median, high = statistics.quantiles(figures, n=4)
    return Spread(median, low, high)


def ratio(ours: Timing, peer: Timing) -> Spread:
    """How many times faster `ours` was than `peer`, round by round."""
    return spread(theirs / mine for mine, theirs in zip(ours.rounds, peer.rounds, strict=True))


def excess(ours: Timing, peer: Timing) -> Spread:
    """How many seconds longer `ours` took than `peer`, round by round."""
    return spread(mine - theirs for mine, theirs in zip(ours.rounds, peer.rounds, strict=True))


class Timer(Protocol):
    """What holds cases and times them; `cases`: name → seconds for one call, roughly."""

    @property
    def cases(self) -> Mapping[str, float]: ...

    def time(self, case: str, number: int) -> float:
        """Seconds per call, over `number` calls."""
        ...


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


def run(timers: Sequence[Timer], rounds: int) -> dict[str, Timing]:
    """Times every case of every timer in `rounds` rounds; progress goes to standard error."""
    plan = [
        (timer, case, max(1, round(GO_SECONDS / max(rough, 1e-7))))
        for timer in timers
        for case, rough in timer.cases.items()
    ]
    figures: dict[str, list[float]] = {case: [] for _, case, _ in plan}
    for number in range(rounds):
        print(f"\rround {number + 1} of {rounds}", end="", file=sys.stderr, flush=True)
        for timer, case, calls in plan:
            figures[case].append(timer.time(case, calls))
    print(file=sys.stderr)
    return {case: Timing(tuple(times)) for case, times in figures.items()}
