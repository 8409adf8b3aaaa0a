"""All cases of a repository."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from tools.runs.flakes.conftest import runs, standing
from tools.runs.flakes.survey import survey
from tools.runs.record import CaseId, Standing


class Past:
    """A history of words."""

    def __init__(self, **cases: str) -> None:
        self._cases = [replace(standing(words), case=CaseId(name)) for name, words in cases.items()]

    def standings(self, *, reds_only: bool = False) -> Iterator[Standing]:
        return (each for each in self._cases if each.reds or not reds_only)

    def tallies(self) -> Counter[tuple[int, int]]:
        return Counter((each.trials, each.reds) for each in self._cases)


def test_survey() -> None:
    calm = {f"calm{number}": runs("g" * 100) for number in range(50)}
    found = survey(
        Past(
            cheap="g.g.rg." + runs("g" * 60),
            dear="g.rg.g.rg.g.rg." + runs("ggggr" * 12 + "g"),
            broken=runs("g" * 60 + "rrrr"),
            mended=runs("g" * 60 + "rrrr" + "g" * 60),
            **calm,
        )
    )
    assert [each.standing.case.label for each in found.flakes] == ["dear", "cheap"]
    assert found.calm == 50
    assert found.states == {"proven": 2, "regressed": 1, "steady": 1}
    rates = [each.judgement.flaky * each.judgement.probability for each in found.flakes]
    assert max(rates) < found.red_by_flake < sum(rates)


def test_nothing() -> None:
    found = survey(Past())
    assert (found.judged, found.calm, found.red_by_flake) == ((), 0, 0.0)
