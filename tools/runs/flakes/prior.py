"""What is known of flakes before one case is looked at, fitted on the whole repository; and what a case's rows add.

Two stories explain red trials. A *regression* begins at a version with chance `start` a trial, is red at every trial
while it lasts, and is gone at the next with chance `end`. A *flake* is red by chance p at any trial of a good version.
Every case has the first story; a share of cases has the second too. docs/flakes.md has the formulas.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from operator import mul
from typing import NamedTuple

from tools.runs.flakes.beta import Beta, log_beta
from tools.runs.flakes.rows import Rows
from tools.runs.record import Standing

# p of a flake, evenly spaced on a log scale: the sums over them stand for integrals.
_NODES: list[float] = [10.0 ** (-4.0 + 0.172 * step) for step in range(24)]
# A flake may be mended: per trial, before anything is known.
_MENDED = 0.001
_ROUNDS = 12
_MOST_CELLS = 400
# Reds seldom pass by luck in a version that is truly broken: Meta's q.
BROKEN_RED = 0.98


class Weight(NamedTuple):
    """What is known of a case when its rows are known.

    Attributes:
        flaky: the chance that it is flaky at all.
        mended: the chance that it was and is no more.
        posterior: of p, the chance that a good version is red in one trial, if it is flaky.
        reds: how many of its reds are by flake, as expected; the row that still lasts not counted.
    """

    flaky: float
    mended: float
    posterior: Beta
    reds: float


@dataclass(frozen=True)
class Prior:
    """The repository.

    Attributes:
        share: of cases that are flaky.
        a, b: Beta distribution of p among these.
        start: chance, a trial, that a good version is followed by a broken one.
        end: chance, a trial, that a broken version is followed by a good one.
        cases: how many it was fitted on; 0 for the one that nothing is known of.
    """

    share: float = 0.02
    a: float = 0.5
    b: float = 20.0
    start: float = 0.002
    end: float = 0.3
    cases: int = 0

    def weigh(self, rows: Rows) -> Weight:
        """How likely a case with these rows is flaky, and how much. The row that still lasts is not looked at."""
        return self._weigh(rows._replace(open=0))

    @cached_property
    def _weigh(self) -> Callable[[Rows], Weight]:
        return lru_cache(maxsize=1 << 16)(self._weighed)

    def _weighed(self, rows: Rows) -> Weight:
        if not rows.reds and not rows.contradictions:
            posterior = Beta(self.a, self.b + rows.greens)
            unseen = math.exp(log_beta(self.a, self.b + rows.greens) - log_beta(self.a, self.b))
            return Weight(self.share * unseen / (self.share * unseen + 1.0 - self.share), 0.0, posterior, 0.0)
        steady, flaky = self._likelihoods(rows)
        top = max(flaky)
        weights = [math.exp(each - top) for each in flaky]
        total = sum(weights)
        against = math.log((1.0 - self.share) / self.share) + steady - top - math.log(total)
        sure = 1.0 if rows.contradictions else 1.0 / (1.0 + math.exp(min(700.0, against)))
        reds = self._flaked(rows, weights, total)
        posterior = Beta(self.a + reds, self.b + rows.greens)
        return Weight(sure, self._mended(rows, reds), posterior, reds)

    @cached_property
    def _tables(self) -> tuple[list[float], list[float], list[float], list[float]]:
        """By node: its weight; log chances of a green trial and of a lone red; how likely the latter is a flake."""
        dense = [math.exp(self.a * math.log(p) + (self.b - 1.0) * math.log1p(-p)) for p in _NODES]
        total = math.fsum(dense)
        return (
            [math.log(max(each / total, 1e-300)) for each in dense],
            [math.log1p(-p) + math.log1p(-self.start) for p in _NODES],
            [math.log(p + self.start * self.end) for p in _NODES],
            [p / (p + self.start * self.end) for p in _NODES],
        )

    def _likelihoods(self, rows: Rows) -> tuple[float, list[float]]:
        """Log likelihood as a steady case, and by node as a flaky one (with the node's own weight)."""
        length = rows.long_reds / rows.long if rows.long else 0.0
        broken = self._broken(length) + math.log(self.end) if rows.long else 0.0
        steady = rows.greens * math.log1p(-self.start) + rows.lone * math.log(self.start * self.end)
        steady += rows.long * broken
        weights, greens, lone, _ = self._tables
        flaky = [w + rows.greens * g + rows.lone * one for w, g, one in zip(weights, greens, lone, strict=True)]
        if rows.long:
            flaky = [
                each + rows.long * _log_sum(length * math.log(p), broken) for each, p in zip(flaky, _NODES, strict=True)
            ]
        return steady, flaky

    def _broken(self, length: float) -> float:
        """Log chance that a regression begins and lasts for `length` trials at least."""
        return math.log(self.start) + (length - 1.0) * math.log1p(-self.end)

    def _flaked(self, rows: Rows, weights: list[float], total: float) -> float:
        """How many reds are expected to be by flake, if the case is flaky."""
        lone: float = sum(map(mul, weights, self._tables[3])) / total
        long = 0.0
        if rows.long:
            length = rows.long_reds / rows.long
            broken = self._broken(length) + math.log(self.end)
            long = sum(
                w / (1.0 + math.exp(min(700.0, broken - length * math.log(p))))
                for w, p in zip(weights, _NODES, strict=True)
            )
            long /= total
        return max(lone * rows.lone + long * rows.long_reds, float(rows.contradictions))

    def _mended(self, rows: Rows, reds: float) -> float:
        """The chance that the greens since the newest red are because somebody mended it."""
        if not rows.since or reds < 0.5:
            return 0.0
        before = Beta(self.a + reds, self.b + rows.greens - rows.since)
        still = before.chance(0, rows.since)
        mended = _MENDED * (1.0 - (1.0 - before.mean) ** rows.since) / before.mean
        return mended / (mended + still)


def fit(standings: Iterable[Standing], tallies: Mapping[tuple[int, int], int] | None = None) -> Prior:
    """The prior that makes what happened in this repository most likely (empirical Bayes by EM), within bounds.

    Few cases move it little: it starts as if some cases and trials of the usual kind had been seen.

    Args:
        standings: every case; those that were ever red are enough where `tallies` tells of the others.
        tallies: (trials, reds) → how many cases; those with reds are passed over.
    """
    cells: Counter[Rows] = Counter()
    for (trials, reds), count in (tallies or {}).items():
        if trials and not reds:
            cells[Rows(_rounded(trials), since=_rounded(trials))] += count
    for standing in standings:
        if standing.reds:
            cells[Rows.of(standing)._replace(open=0, since=0)] += 1
        elif standing.trials:
            greens = _rounded(standing.trials)
            cells[Rows(greens, since=greens)] += 1
    kept = _thinned(cells)
    prior = replace(Prior(), cases=cells.total())
    for _ in range(_ROUNDS):
        prior = _better(prior, kept)
    return prior


def _better(prior: Prior, cells: dict[Rows, float]) -> Prior:
    """One round of expectation and maximisation."""
    usual = Prior()
    flaky, everybody = 20.0 * usual.share, 20.0
    starts, greens = 2000.0 * usual.start, 2000.0
    ends, broken = 10.0 * usual.end, 10.0
    flakes: list[tuple[float, float, int]] = []
    for rows, count in cells.items():
        weight = prior.weigh(rows)
        everybody += count
        flaky += count * weight.flaky
        greens += count * rows.greens
        if rows.reds:
            # Reds by flake are mostly rows of their own; what is left of rows and reds was broken.
            by_flake = weight.flaky * min(weight.reds, rows.lone + rows.long)
            left = max(0.0, rows.lone + rows.long - by_flake)
            starts += count * left
            ends += count * left
            broken += count * max(left, rows.reds - weight.flaky * weight.reds)
            flakes.append((count * weight.flaky, weight.reds, rows.greens))
    a, b = _spread(flakes)
    return replace(
        prior,
        share=_within(flaky / everybody, 0.001, 0.3),
        start=_within(starts / greens, 1e-6, 0.02),
        end=_within(ends / broken, 0.02, 0.9),
        a=a,
        b=b,
    )


def _spread(flakes: list[tuple[float, float, int]]) -> tuple[float, float]:
    """Beta(a, b) with the mean and the spread of the flakes' shares of red: (weight, reds, greens) each."""
    usual = Prior()
    total = 2.0 + math.fsum(w for w, _, _ in flakes)
    mean = usual.a / (usual.a + usual.b)
    shares = [(w, reds / (reds + greens), reds + greens) for w, reds, greens in flakes if reds + greens > 0]
    mean = _within((2.0 * mean + math.fsum(w * x for w, x, _ in shares)) / total, 0.002, 0.3)
    usual_variance = mean * (1.0 - mean) / (usual.a + usual.b + 1.0)
    noise = math.fsum(w * mean * (1.0 - mean) / n for w, _, n in shares)
    variance = (2.0 * usual_variance + math.fsum(w * (x - mean) ** 2 for w, x, _ in shares) - noise) / total
    strength = mean * (1.0 - mean) / variance - 1.0 if variance > 0.0 else math.inf
    a = _within(mean * strength, 0.3, 5.0)
    return a, a * (1.0 - mean) / mean


def _thinned(cells: Counter[Rows]) -> dict[Rows, float]:
    """At most some hundreds of cells with their counts: with more, every n-th stands for its neighbours."""
    calm = {rows: float(count) for rows, count in cells.items() if not rows.reds}
    red = sorted(rows for rows in cells if rows.reds)
    step = max(1, math.ceil(len(red) / _MOST_CELLS))
    for start in range(0, len(red), step):
        group = red[start : start + step]
        calm[group[len(group) // 2]] = float(sum(cells[rows] for rows in group))
    return calm


def _rounded(count: int) -> int:
    """To two digits."""
    unit = int(10 ** max(0, len(str(count)) - 2))
    return count // unit * unit


def _within(value: float, low: float, high: float) -> float:
    return min(high, max(low, value))


def _log_sum(one: float, other: float) -> float:
    high, low = max(one, other), min(one, other)
    return high + math.log1p(math.exp(low - high))
