"""Benchmarks' JSON into tables, and before against now in a way that bears noise.

Two forms are read: `{case: [seconds a round, …]}` (perf/bench `--json`) and a list of flat objects, which is a table.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tools.runs.report.data import Benchmark, Measure

LEAST = 5  # rounds on each side; with fewer nothing is concluded
CONFIDENCE = 2.576  # standard deviations: 99 %
MATTERS = 0.03  # a change below this part is the machine's mood, however sure
WIDE = 0.10  # an interval that reaches further than this leaves room for a change that matters


class BenchmarkError(ValueError):
    """A file that is no benchmark's JSON; says which, where, and what was expected."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How now stands to before: `ratio` of their times with a 99 % interval. Unknown: too few rounds to say."""

    word: Literal["slower", "faster", "same", "unsure", "unknown"]
    ratio: float = 1.0
    low: float = 1.0
    high: float = 1.0


def compare(before: Sequence[float], now: Sequence[float]) -> Verdict:
    """Slower or faster when the whole interval lies beyond MATTERS, unsure when it reaches beyond WIDE, else the same.

    The ratio is the median of all pairs' ratios (Hodges and Lehmann's estimate on logarithms), the interval comes from
    the rank sum test (Mann and Whitney, normal approximation): no figure is taken for normally distributed, and some
    rounds that the machine disturbed do not decide.
    """
    if min(len(before), len(now)) < LEAST or min(*before, *now) <= 0:
        return Verdict("unknown")
    ratios = sorted(late / early for late in now for early in before)
    pairs = len(ratios)
    spread = CONFIDENCE * math.sqrt(pairs * (len(before) + len(now) + 1) / 12)
    edge = max(0, math.floor(pairs / 2 - spread))
    low, ratio, high = ratios[edge], statistics.median(ratios), ratios[pairs - 1 - edge]
    word: Literal["slower", "faster", "same", "unsure"] = "same"
    if low > 1 + MATTERS:
        word = "slower"
    elif high < 1 / (1 + MATTERS):
        word = "faster"
    elif low < 1 / (1 + WIDE) or high > 1 + WIDE:
        word = "unsure"
    return Verdict(word, ratio, low, high)


def read(path: Path, before: Path | None = None) -> Benchmark:
    """The benchmark of a file. Raises BenchmarkError, OSError."""
    now = _load(path)
    if isinstance(now, list):
        heads = list(dict.fromkeys(key for row in now for key in row))
        table = [heads, *([_cell(row.get(head)) for head in heads] for row in now)]
        return Benchmark(path.stem, table=table)
    old = _load(before) if before else {}
    if isinstance(old, list):
        raise BenchmarkError(f"{before}: a table; {path} holds rounds, and the two can't be compared")
    return Benchmark(path.stem, [Measure(name, rounds, old.get(name, ())) for name, rounds in now.items()])


def _load(path: Path) -> dict[str, list[float]] | list[Mapping[str, Any]]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BenchmarkError(f"{path}: not JSON: {error}") from None
    if isinstance(data, list):
        for index, row in enumerate(data):
            if not isinstance(row, dict):
                raise BenchmarkError(f"{path}: [{index}]: expected an object, a row of the table")
        return data
    if not isinstance(data, dict):
        raise BenchmarkError(f'{path}: expected {{"case": [seconds, …]}} or a list of objects')
    for name, rounds in data.items():
        if not isinstance(rounds, list) or not rounds or not all(map(_is_figure, rounds)):
            raise BenchmarkError(f"{path}: {name!r}: expected a list of figures, one a round")
    return data


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _cell(value: object) -> str:
    return "" if value is None else f"{value:,.4g}" if isinstance(value, float) else str(value)
