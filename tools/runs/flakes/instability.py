"""Figures of how restless a case is, as others rank by them: flip rate and entropy.

Source: Kowalczyk et al., Modeling and ranking flaky tests at Apple, ICSE-SEIP 2020.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from tools.runs.record import Trial

HALF_LIFE = 14 * 86_400.0  # seconds


def flip_rate(trials: Sequence[Trial]) -> float:
    """Changes between red and green, by the number of neighbours; 0 for fewer than two trials."""
    flips = sum(one.red != other.red for one, other in itertools.pairwise(trials))
    return flips / (len(trials) - 1) if len(trials) > 1 else 0.0


def entropy(trials: Sequence[Trial], half_life: float = HALF_LIFE) -> float:
    """Bits of doubt about a trial's outcome when its version is known: 0 steady, 1 a coin.

    H = -p log2 p - (1-p) log2 (1-p) per version, averaged over versions by their trials and their age: a version counts
    half as much for every `half_life` seconds before the newest trial. Trials without a version are one a run.
    """
    if not trials:
        return 0.0
    versions: dict[str, list[Trial]] = {}
    for trial in trials:
        versions.setdefault(trial.version or f"run {trial.run}", []).append(trial)
    newest = max(trial.started for trial in trials)
    total = weights = 0.0
    for members in versions.values():
        age = newest - max(trial.started for trial in members)
        weight = len(members) * 0.5 ** (age / half_life)
        total += weight * _bits(sum(trial.red for trial in members) / len(members))
        weights += weight
    return total / weights


def _bits(p: float) -> float:
    return 0.0 if p in (0.0, 1.0) else -p * math.log2(p) - (1.0 - p) * math.log2(1.0 - p)
