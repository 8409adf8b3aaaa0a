"""The rows of red trials in a case's history: what tells a flake (many short ones) from a regression (one long one)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from tools.runs.record import RECENT, CaseId, Standing, Trial


class Rows(NamedTuple):
    """A case's trials, summed up. A row is one or more red trials one after the other; a green one ends it.

    Attributes:
        greens: green trials.
        lone: rows of one red trial with a green one on each side.
        long: the other rows that have ended; `long_reds` the trials in them.
        open: trials of the row that still lasts; 0 where the newest trial is green.
        since: green trials since the newest red one; all of them where none was red.
        contradictions: how often it both passed and failed on the same inputs.
    """

    greens: int
    lone: int = 0
    long: int = 0
    long_reds: int = 0
    open: int = 0
    since: int = 0
    contradictions: int = 0

    @property
    def reds(self) -> int:
        return self.lone + self.long_reds + self.open

    @classmethod
    def of(cls, standing: Standing) -> Rows:
        """The rows of a standing. Reds that neither `streaks` nor `recent` tell of count as one long row."""
        greens = max(0, standing.trials - standing.reds)
        if not standing.reds:
            return cls(greens, since=greens)
        recent = standing.recent
        contradictions = standing.contradictions or retried(recent)
        if not standing.streaks:
            seen = stand(standing.case, recent)
            older = standing.reds - seen.reds
            rows = cls.of(seen) if seen.reds else cls(greens, since=len(recent))
            return rows._replace(
                greens=greens,
                long=rows.long + bool(older),
                long_reds=rows.long_reds + older,
                contradictions=contradictions,
            )
        last = 0
        if not standing.greens:
            last = max(1, _reds_at_end(recent))
            if standing.streaks == 1:
                last = standing.reds
        return cls(
            greens=greens,
            lone=standing.lone,
            long=max(0, standing.streaks - standing.lone - bool(last)),
            long_reds=max(0, standing.reds - standing.lone - last),
            open=last,
            since=min(standing.greens, greens),
            contradictions=contradictions,
        )


def stand(case: CaseId, trials: Iterable[Trial]) -> Standing:
    """What history's Standing of these trials is; they come in the order in which they ran."""
    trials = list(trials)
    rows = [(red, len(list(row))) for red, row in groupby(trials, key=lambda trial: trial.red)]
    inner = range(1, len(rows) - 1)
    outcomes: dict[str, set[bool]] = {}
    contradiction, keys = "", 0
    for trial in trials:
        if trial.key:
            seen = outcomes.setdefault(trial.key, set())
            if trial.red not in seen and seen:
                contradiction, keys = trial.key, keys + 1
            seen.add(trial.red)
    return Standing(
        case=case,
        trials=len(trials),
        reds=sum(trial.red for trial in trials),
        contradictions=keys,
        contradiction=contradiction,
        first_seen=trials[0].started if trials else 0.0,
        last_seen=trials[-1].started if trials else 0.0,
        last="failed" if trials and trials[-1].red else "passed",
        seconds=sum(trial.seconds for trial in trials) / len(trials) if trials else 0.0,
        recent=tuple(trials[-RECENT:]),
        streaks=sum(red for red, _ in rows),
        lone=sum(rows[place] == (True, 1) for place in inner),
        greens=rows[-1][1] if rows and not rows[-1][0] else 0,
    )


def retried(trials: Sequence[Trial]) -> int:
    """How many runs saw a red attempt and then a green one on the same inputs, named by a key or not.

    Attempts of one run share their inputs: Bazel runs them in one action. Two configurations in one run have keys.
    """
    found = {
        before.run
        for before, after in pairwise(trials)
        if before.red and not after.red and before.run == after.run and before.key == after.key and after.attempt > 1
    }
    return len(found)


def sandwiched(trials: Sequence[Trial]) -> int:
    """Red trials with a green one just before and just after: BuildBuddy's "likely flaky"."""
    return sum(
        red.red and not before.red and not after.red
        for before, red, after in zip(trials, trials[1:], trials[2:], strict=False)
    )


def _reds_at_end(trials: Sequence[Trial]) -> int:
    count = 0
    for trial in reversed(trials):
        if not trial.red:
            break
        count += 1
    return count
