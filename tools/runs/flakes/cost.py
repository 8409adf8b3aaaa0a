"""What flakes cost, and how many trials it takes to see one."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from tools.runs.flakes.judgement import Judgement
from tools.runs.record import CaseId, Standing

# What a person loses by a red that is not theirs: look, start again, come back. A guess: give your own.
MINUTES_LOST = 10.0
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What one case costs as it is. `reds`: by flake and week; `minutes`: lost by week, people's and the machine's."""

    case: CaseId
    reds: float
    minutes: float


def cost(standing: Standing, judgement: Judgement, minutes_lost: float = MINUTES_LOST) -> Cost:
    """Probability × runs × minutes lost: what to mend first."""
    days = max(1.0, (standing.last_seen - standing.first_seen) / _DAY)
    weekly = standing.trials / days * 7.0
    reds = judgement.flaky * judgement.probability * weekly
    return Cost(standing.case, reds, reds * (minutes_lost + standing.seconds / 60.0))


def ranked(costs: Iterable[Cost]) -> list[Cost]:
    """The dearest first."""
    return sorted(costs, key=lambda each: (-each.minutes, each.case))


def red_by_flake(rates: Iterable[float], tries: int = 1) -> float:
    """The chance that a run of all is red by some flake: 1 - Π(1 - p^tries).

    Args:
        rates: each case's chance to be red in one trial of a good version.
        tries: how often a red case is tried before it counts.
    """
    return -math.expm1(math.fsum(math.log1p(-min(rate**tries, 1.0 - 1e-12)) for rate in rates))


def trials_to_see(rate: float, sure: float = 0.95) -> int:
    """How many trials until a flake of this rate was red once, with certainty `sure`: ln(1-sure) / ln(1-rate).

    Raises ValueError unless 0 < rate < 1 and 0 < sure < 1.
    """
    if not (0.0 < rate < 1.0 and 0.0 < sure < 1.0):
        raise ValueError(f"rate and sure lie between 0 and 1, not {rate} and {sure}")
    return math.ceil(math.log1p(-sure) / math.log1p(-rate))


def most_unseen(trials: int, sure: float = 0.95) -> float:
    """The largest rate that may still hide after so many green trials: some 3 / trials for 95 %."""
    return -math.expm1(math.log1p(-sure) / trials) if trials else 1.0
