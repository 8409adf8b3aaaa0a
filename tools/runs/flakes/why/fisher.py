"""Fisher's exact test: are there more reds on one side than chance brings about?

Source: R. A. Fisher, Statistical Methods for Research Workers, §21.02; sums of the hypergeometric distribution.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb


def more(reds: int, runs: int, other_reds: int, other_runs: int) -> float:
    """The chance of so many reds here or more, if both sides are red equally often (one-sided p-value).

    Args:
        reds: of `runs` on this side.
        runs: at least 0.
        other_reds: of `other_runs` on the other side.
        other_runs: at least 0.
    """
    total, all_reds = runs + other_runs, reds + other_reds
    ways = comb(total, all_reds)
    most = min(runs, all_reds)
    return sum(comb(runs, here) * comb(other_runs, all_reds - here) for here in range(reds, most + 1)) / ways


def holm(chances: Sequence[float]) -> list[float]:
    """p-values of several questions asked at once, corrected so that one false alarm among all stays as rare (Holm)."""
    corrected = [1.0] * len(chances)
    worst = 0.0
    for rank, place in enumerate(sorted(range(len(chances)), key=lambda place: chances[place])):
        worst = max(worst, min(1.0, (len(chances) - rank) * chances[place]))
        corrected[place] = worst
    return corrected
