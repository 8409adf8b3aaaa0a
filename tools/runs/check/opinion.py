"""What history thinks of the red cases of a run, before it knows of that run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tools.runs.check.reach import Answer
from tools.runs.check.verdict import Last
from tools.runs.flakes import judge, learn, p_this_red_is_flake
from tools.runs.history.store import History
from tools.runs.record import CaseId

# That a red on inputs that passed before is a flake; what no digest names, the machine itself, may have changed.
SURE = 0.999


@dataclass(frozen=True, slots=True)
class Opinion:
    """`flake`: the probability that the red is a flake, None where history has never seen the case; `why`: on what."""

    flake: float | None
    why: str


def opinions(past: History, reds: Iterable[Last], answers: Mapping[str, Answer]) -> dict[CaseId, Opinion]:
    """What to think of each red case.

    Args:
        past: without this run. Raises HistoryError when it can't be read.
        reds: the last word on each of them.
        answers: by label, whether the change can reach it.
    """
    reds = list(reds)
    if not reds:
        return {}
    before = {standing.case: standing for standing in past.standings({red.result.case.label for red in reds})}
    _, prior = learn(past)
    found = {}
    for red in reds:
        case = red.result.case
        standing = before.get(case)
        if standing is None or not standing.trials:
            found[case] = Opinion(None, "never executed before")
            continue
        key = red.result.key
        if key and any(trial.key == key and not trial.red for trial in standing.recent):
            found[case] = Opinion(SURE, "it passed before on the very same inputs")
            continue
        unreachable = answers.get(case.label, Answer()).reach == "unreachable"
        seen = {trial.signature for trial in standing.recent if trial.red and trial.signature}
        found[case] = Opinion(
            p_this_red_is_flake(
                standing,
                prior,
                reds=red.reds,
                tries=red.tries,
                unreachable=unreachable,
                known=red.result.signature in seen if seen else None,
            ),
            # What it says of the row of reds before this run is in the probability already.
            "; ".join(part for part in judge(standing, prior).evidence.split("; ") if "a flake with" not in part),
        )
    return found
