"""What flakes cost."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tools.runs.flakes import Prior, cost, judge, ranked, red_by_flake, trials_to_see
from tools.runs.flakes.conftest import runs, standing
from tools.runs.flakes.cost import most_unseen
from tools.runs.record import CaseId


def test_trials_to_see() -> None:
    """facts/orchestrator.md §1.2: p = 1 %, c = 95 % takes 299."""
    assert trials_to_see(0.01) == 299
    assert trials_to_see(0.02) == 149
    assert trials_to_see(0.5, 0.99) == 7
    for rate, sure in ((0.0, 0.9), (1.0, 0.9), (0.1, 1.0)):
        with pytest.raises(ValueError, match="between 0 and 1"):
            trials_to_see(rate, sure)


def test_most_unseen_undoes_it() -> None:
    assert most_unseen(299) == pytest.approx(0.01, rel=0.01)
    assert most_unseen(300) == pytest.approx(3 / 300, rel=0.01)
    assert most_unseen(0) == 1.0


def test_red_by_flake() -> None:
    assert red_by_flake([]) == 0.0
    assert red_by_flake([0.5, 0.5]) == pytest.approx(0.75)
    assert red_by_flake([0.01] * 100) == pytest.approx(1 - 0.99**100)
    assert red_by_flake([0.01] * 100, tries=2) == pytest.approx(1 - (1 - 1e-4) ** 100)
    assert red_by_flake([1.0]) == pytest.approx(1.0)
    assert math.isfinite(red_by_flake([1e-300] * 3))


def test_rank_is_by_what_is_lost() -> None:
    """A flake that is seldom red in a test that runs often costs more than one that is often red and seldom runs."""
    prior = Prior()
    often = replace(standing(runs(("g" * 9 + "r") * 60)), case=CaseId("often"))
    seldom = standing(runs("grgrgrgr"))
    seldom = replace(seldom, case=CaseId("seldom"), last_seen=seldom.first_seen + 90 * 86_400)
    costs = [cost(each, judge(each, prior)) for each in (seldom, often)]
    assert [each.case.label for each in ranked(costs)] == ["often", "seldom"]
    one, _ = ranked(costs)
    # 600 trials in 25 days, a tenth red.
    assert one.reds == pytest.approx(600 / 25 * 7 * 0.1, rel=0.1)
    assert one.minutes == pytest.approx(one.reds * (10 + 1 / 60))
