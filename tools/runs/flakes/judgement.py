"""The ladder: from what history says of one case to a state, a probability and the evidence in words.

1. Proven: it both passed and failed on the same inputs.
2. Suspect: rows of reds between greens that regressions hardly explain, or reds that the change cannot have caused.
3. A probability with an interval, from which quarantine begins and ends at different marks (`Judgement.held`).

A case that is red in all its newest trials, more often than a flake of its kind would be, has regressed: whatever it
was before, it is neither accused nor to be masked.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Literal

from tools.runs.flakes.beta import Beta
from tools.runs.flakes.prior import BROKEN_RED, Prior, Weight
from tools.runs.flakes.rows import Rows
from tools.runs.record import CaseId, Standing, Trial

State = Literal["steady", "suspect", "proven", "regressed", "unknown"]

SURE = 0.95
# Held (quarantined) when surely red more often than this at a good version; let go when surely less often than that.
HOLD, RELEASE = 0.005, 0.0025
# So few trials tell nothing, the seed's rule says too.
LEAST_TRIALS = 3
# Two rows of reds may be one fault that came twice, to many cases at once: too few to suspect anybody.
LEAST_ROWS = 3
# A case that was never green fails because it is broken, as new tests do.
NEVER_GREEN = 0.3
# What remains of the chance that a change broke a test that it cannot reach: tests read what no build file names.
UNREACHABLE = 0.02
# A failure that looks like earlier ones: how often among a flake's reds, and among those of a new regression.
KNOWN = {"flake": 0.9, "broken": 0.2}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to think of one case.

    Attributes:
        state: see the head of this file.
        flaky: the chance that it is flaky today.
        posterior: of the chance that a good version is red in one trial.
        evidence: one line, for people.
    """

    case: CaseId
    state: State
    flaky: float
    posterior: Beta
    evidence: str

    @property
    def probability(self) -> float:
        """That one trial of a good version is red; the mean, which `low` and `high` enclose with 95 %."""
        return self.posterior.mean

    @property
    def low(self) -> float:
        return self.posterior.quantile((1.0 - SURE) / 2.0)

    @property
    def high(self) -> float:
        return self.posterior.quantile((1.0 + SURE) / 2.0)

    @property
    def accused(self) -> bool:
        """Whether it is called flaky."""
        return self.state in ("proven", "suspect")

    def above(self, rate: float) -> float:
        """The chance that it is red more often than `rate` at good versions, today."""
        return self.flaky * self.posterior.above(rate)

    def held(self, before: bool = False) -> bool:
        """Whether quarantine is advised: begins at one mark and ends at a lower one, so that it doesn't flutter.

        Args:
            before: whether it is in quarantine now.
        """
        if self.state == "regressed":
            return False
        if before:
            return 1.0 - self.above(RELEASE) <= SURE
        return self.accused and self.above(HOLD) > SURE


def judge(standing: Standing, prior: Prior, *, unreachable: bool = False) -> Judgement:
    """The state of one case, from history that includes its newest run.

    Args:
        standing: from history; runs that were an outage are not in it.
        prior: of the repository, from `fit`.
        unreachable: the change since the newest green trial cannot reach this test (the caller asked Bazel's rdeps).
    """
    rows = Rows.of(standing)
    weight = prior.weigh(rows)
    flake = _flake(rows, weight, prior, rows.open, 0, unreachable, None) if rows.open else 0.0
    flaky = max(weight.flaky * (1.0 - weight.mended), flake)  # whose reds are a flake's is flaky
    state = _state(standing, rows, weight, flake)
    return Judgement(
        standing.case, state, flaky, weight.posterior, _evidence(state, standing, rows, weight, flake, unreachable)
    )


def p_this_red_is_flake(
    standing: Standing,
    prior: Prior,
    *,
    reds: int = 1,
    tries: int = 1,
    unreachable: bool = False,
    known: bool | None = None,
) -> float:
    """The chance that a red case is red by flake, not by the change.

    Args:
        standing: before this run.
        prior: of the repository.
        reds: red attempts at this version in this run.
        tries: attempts in all.
        unreachable: the change cannot reach this test.
        known: whether the failure's signature was seen in earlier reds of this case; None where nobody looked.
    """
    rows = Rows.of(standing)
    return _flake(rows, prior.weigh(rows), prior, rows.open + reds, tries - reds, unreachable, known)


def _flake(
    rows: Rows, weight: Weight, prior: Prior, reds: int, passed: int, unreachable: bool, known: bool | None
) -> float:
    """PFS: a good version that is red `reds` times in a row and passes `passed` times, against a broken one."""
    begins = prior.start if rows.greens else NEVER_GREEN
    broken = begins * (1.0 - prior.end) ** (reds - 1) * BROKEN_RED**reds * (1.0 - BROKEN_RED) ** passed
    good = (1.0 - begins) * weight.flaky * (1.0 - weight.mended) * weight.posterior.chance(reds, passed)
    if unreachable:
        broken *= UNREACHABLE
    if known is not None:
        good *= KNOWN["flake"] if known else 1.0 - KNOWN["flake"]
        broken *= KNOWN["broken"] if known else 1.0 - KNOWN["broken"]
    return good / (good + broken)


def _state(standing: Standing, rows: Rows, weight: Weight, flake: float) -> State:
    if not standing.trials:
        return "unknown"
    if rows.open and flake < 1.0 - SURE:
        return "regressed"
    if weight.mended >= SURE:
        return "steady"
    if rows.contradictions:
        return "proven"
    if flake >= SURE or (weight.flaky >= SURE and rows.lone + rows.long >= LEAST_ROWS):
        return "suspect"
    if rows.open or standing.trials < LEAST_TRIALS or weight.flaky > 0.5:
        return "unknown"
    return "steady"


def _evidence(state: State, standing: Standing, rows: Rows, weight: Weight, flake: float, unreachable: bool) -> str:
    parts: list[str] = []
    trials = _count(standing.trials, "trial")
    if not standing.trials:
        return "never executed"
    if state == "regressed":
        since = standing.recent[-rows.open] if 0 < rows.open <= len(standing.recent) else None
        parts.append(
            f"never green in {trials}"
            if not rows.greens
            else f"red in its newest {_count(rows.open, 'trial')}{_since(since)}"
        )
        parts.append(f"a flake with {_percent(flake)}")
    elif not standing.reds:
        parts.append(f"{trials}, none red")
    else:
        parts.append(f"{standing.reds} red of {trials}")
    if rows.contradictions:
        key = f" (newest: {standing.contradiction[:12]})" if standing.contradiction else ""
        parts.append(f"passed and failed on the same inputs {_times(rows.contradictions)}{key}")
    elif rows.lone:
        parts.append(f"{_count(rows.lone, 'lone red')} between greens")
    if rows.long and not rows.contradictions:
        parts.append(f"{_count(rows.long, 'longer row')} of reds, as of regressions")
    if state != "regressed" and rows.open:
        parts.append(f"red now, a flake with {_percent(flake)}")
    if unreachable and rows.open:
        parts.append("the change cannot reach it")
    if rows.reds and rows.since and (weight.mended >= 0.5 or state == "steady"):
        parts.append(f"green {_times(rows.since)} since" + (", so mended" if weight.mended >= SURE else ""))
    return "; ".join(parts)


def _since(trial: Trial | None) -> str:
    if trial is None:
        return ""
    if trial.version:
        return f", since commit {trial.version[:12]}"
    return f", since {time.strftime('%Y-%m-%d %H:%M', time.gmtime(trial.started))} UTC" if trial.started else ""


def _percent(share: float) -> str:
    if 0.0 < share < 0.01:
        return "less than 1 %"
    return f"{math.floor(100.0 * share)} %"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
