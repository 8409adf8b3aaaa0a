"""All cases of a repository, judged and priced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from tools.runs.flakes.cost import MINUTES_LOST, Cost, cost, red_by_flake
from tools.runs.flakes.judgement import Judgement, State, judge
from tools.runs.flakes.prior import Prior, fit
from tools.runs.record import Standing


class History(Protocol):
    """What is asked of the history (tools.runs.history.History)."""

    def standings(self, *, reds_only: bool = False) -> Iterator[Standing]: ...
    def tallies(self) -> Mapping[tuple[int, int], int]: ...


@dataclass(frozen=True, slots=True)
class Judged:
    """One case that was red at some time."""

    standing: Standing
    judgement: Judgement
    cost: Cost


@dataclass(frozen=True, slots=True)
class Survey:
    """The repository.

    Attributes:
        judged: every case that was ever red, the dearest flakes first.
        calm: cases that never were.
        red_by_flake: the chance that a run of every case once is red by flake.
    """

    prior: Prior
    judged: tuple[Judged, ...]
    calm: int
    red_by_flake: float

    @property
    def flakes(self) -> list[Judged]:
        return [each for each in self.judged if each.judgement.accused]

    @property
    def states(self) -> Counter[State]:
        """How many of those that were ever red are in which state."""
        return Counter(each.judgement.state for each in self.judged)


def learn(history: History) -> tuple[list[Standing], Prior]:
    """The standings of all that was ever red, and the prior that the whole repository gives."""
    standings = list(history.standings(reds_only=True))
    return standings, fit(standings, history.tallies())


def survey(history: History, minutes_lost: float = MINUTES_LOST) -> Survey:
    """Judges every case that history knows.

    Args:
        history: where standings come from.
        minutes_lost: by a person, for each red that is not theirs.
    """
    standings, prior = learn(history)
    judged = []
    for standing in standings:
        judgement = judge(standing, prior)
        judged.append(Judged(standing, judgement, cost(standing, judgement, minutes_lost)))
    judged.sort(key=lambda each: (not each.judgement.accused, -each.cost.minutes, each.standing.case))
    rates = [each.judgement.flaky * each.judgement.probability for each in judged if each.judgement.accused]
    return Survey(
        prior=prior,
        judged=tuple(judged),
        calm=sum(count for (trials, reds), count in history.tallies().items() if trials and not reds),
        red_by_flake=red_by_flake(rates),
    )
