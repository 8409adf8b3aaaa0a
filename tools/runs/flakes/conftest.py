"""Trials written as words, `g` green and `r` red, runs apart by dots: `r.g` is two runs, `rg` one that tried again."""

from __future__ import annotations

from tools.runs.flakes.rows import stand
from tools.runs.record import CaseId, Standing, Trial

CASE = CaseId("//p:t_test", "p.t_test", "test_it")


def trials(words: str, *, same_inputs: bool = False) -> list[Trial]:
    """Trials of runs; every run has a commit and a key of its own unless they are all of the `same_inputs`."""
    found = []
    for run, word in enumerate(words.split(".")):
        at = "c0" if same_inputs else f"c{run}"
        for attempt, letter in enumerate(word, 1):
            found.append(Trial(f"run{run}", 1e9 + 3600.0 * run, letter == "r", at, at, attempt, 1.0))
    return found


def standing(words: str, *, same_inputs: bool = False) -> Standing:
    return stand(CASE, trials(words, same_inputs=same_inputs))


def runs(letters: str) -> str:
    """`ggr` as three runs."""
    return ".".join(letters)
