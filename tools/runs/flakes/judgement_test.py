"""The ladder on histories that a person can judge."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tools.runs.flakes import Judgement, Prior, judge, p_this_red_is_flake
from tools.runs.flakes.conftest import runs, standing
from tools.runs.record import RECENT

PRIOR = Prior()
CALM = "g" * 200


def judged(letters: str, *, unreachable: bool = False) -> Judgement:
    return judge(standing(runs(letters)), PRIOR, unreachable=unreachable)


def test_steady() -> None:
    judgement = judged(CALM)
    assert (judgement.state, judgement.accused, judgement.held()) == ("steady", False, False)
    assert judgement.evidence == "200 trials, none red"
    assert judgement.low < judgement.probability < judgement.high < 0.03


def test_nothing_known() -> None:
    assert judge(standing(""), PRIOR).state == "unknown"
    assert judged("gg").state == "unknown"


def test_proven_by_one_contradiction() -> None:
    judgement = judge(standing("g.g.rg.g"), PRIOR)
    assert judgement.state == "proven" and judgement.flaky > 0.99
    assert "passed and failed on the same inputs once (newest: c2)" in judgement.evidence


def test_one_lone_red_accuses_nobody() -> None:
    """Where BuildBuddy's rule does: the next commit may have mended it."""
    assert not judged(CALM + "r" + CALM).accused


def test_two_lone_reds_accuse_nobody_either() -> None:
    """Even where the prior makes regressions rare: one fault may have come twice, to many cases at once."""
    rare = Prior(share=0.3, start=1e-6)
    assert not judge(standing(runs(CALM + "r" + "g" * 9 + "r" + CALM)), rare).accused
    assert judge(standing(runs(CALM + ("r" + "g" * 9) * 3)), rare).accused


def test_many_lone_reds_do() -> None:
    judgement = judged(("g" * 49 + "r") * 10 + "g" * 20)
    assert judgement.state == "suspect" and judgement.flaky > 0.95
    assert judgement.low < 0.02 < judgement.high
    assert judgement.held()
    assert "10 lone reds between greens" in judgement.evidence


@pytest.mark.parametrize("length", [1, 2, 5, 20, RECENT, 3 * RECENT])
def test_a_regression_that_lasts(length: int) -> None:
    judgement = judged(CALM + "r" * length)
    assert judgement.state == "regressed" and not judgement.held() and not judgement.held(before=True)
    if 1 < length <= RECENT:
        assert f"red in its newest {length} trials, since commit c200" in judgement.evidence


@pytest.mark.parametrize("length", [2, 5, 20, 2 * RECENT])
@pytest.mark.parametrize("times", [1, 2])
def test_a_regression_that_was_mended_is_no_flake(length: int, times: int) -> None:
    judgement = judged((CALM + "r" * length) * times + CALM)
    assert judgement.state == "steady" and judgement.flaky < 0.05
    assert judgement.probability < 0.01


def test_a_flake_that_regresses() -> None:
    """Never accused, never held while it is red more often than a flake of its kind would be."""
    flake = ("g" * 49 + "r") * 10 + "g" * 20
    assert judged(flake + "r").state != "regressed"
    assert judged(flake + "r" * 4).state == "regressed"
    proven = judge(standing("g.rg.g.g.rg." + runs(CALM) + "." + runs("r" * 6)), PRIOR)
    assert proven.state == "regressed" and not proven.held(before=True)


def test_never_green() -> None:
    judgement = judged("rrrr")
    assert judgement.state == "regressed" and "never green in 4 trials" in judgement.evidence


def test_a_coin_is_a_flake_not_a_regression() -> None:
    judgement = judged("grgrrgrgggrrgrgrrrgg" * 3 + "rr")
    assert judgement.accused and judgement.probability > 0.3


def test_what_the_change_cannot_reach() -> None:
    once = CALM + "r" + CALM + "r"
    assert judged(once, unreachable=True).flaky > judged(once).flaky
    assert "the change cannot reach it" in judged(once, unreachable=True).evidence


def test_a_flake_that_was_mended() -> None:
    flake = "g.rg.g.g.rg." + runs("ggr" * 10)
    assert judge(standing(flake + "." + runs("ggg")), PRIOR).state == "proven"
    judgement = judge(standing(flake + "." + runs("g" * 400)), PRIOR)
    assert judgement.state == "steady" and "so mended" in judgement.evidence
    assert not judgement.held(before=True)


def test_when_a_rare_flake_counts_as_mended() -> None:
    """A flake of 2 % is green a hundred times in a row by luck, but hardly five hundred times."""
    flake = ("g" * 49 + "r") * 10
    assert judged(flake + "g" * 100).state == "suspect"
    assert judged(flake + "g" * 500).state == "steady"


def test_a_flake_that_once_regressed_is_a_flake_still() -> None:
    """And not one that is red more often."""
    flake = ("g" * 49 + "r") * 10
    judgement = judged(flake + "g" * 20 + "r" * 30 + "g" * 20)
    assert judgement.state == "suspect" and judgement.high < 0.05


def test_quarantine_does_not_flutter() -> None:
    """There are histories on which it is held if it was, and not if it wasn't; never the other way."""
    both = {
        (judgement.held(), judgement.held(before=True))
        for reds in range(12)
        for judgement in [judged(("g" * 60 + "r") * reds + "g" * 20)]
    }
    assert both == {(False, False), (False, True), (True, True)}


def test_sums_that_contradict_each_other_break_nothing() -> None:
    """A damaged history is no reason for a traceback."""
    calm = standing("g")
    for broken in (
        replace(calm, trials=1, reds=5, streaks=1, lone=3, greens=9),
        replace(calm, trials=0, reds=2),
        replace(calm, trials=10, reds=1, streaks=4, lone=0, contradictions=7, greens=10),
        replace(calm, trials=10**12, reds=10**11, streaks=10**9, lone=10**8, greens=1),
    ):
        judgement = judge(broken, PRIOR)
        assert 0.0 <= judgement.low <= judgement.high <= 1.0 and judgement.evidence


def test_this_red() -> None:
    calm, flake = standing(runs(CALM)), standing(runs(("g" * 49 + "r") * 10 + "g" * 20))
    assert p_this_red_is_flake(calm, PRIOR) < 0.05
    assert p_this_red_is_flake(flake, PRIOR) > 0.8
    assert p_this_red_is_flake(flake, PRIOR, reds=3, tries=3) < 0.1
    assert p_this_red_is_flake(flake, PRIOR, reds=1, tries=2) > 0.99
    assert p_this_red_is_flake(flake, PRIOR, known=False) < p_this_red_is_flake(flake, PRIOR, known=True)
    assert p_this_red_is_flake(calm, PRIOR, unreachable=True) > p_this_red_is_flake(calm, PRIOR)


def test_this_red_by_hand() -> None:
    """facts/orchestrator.md §1.2 with p, π and q as numbers: a case known to be flaky, one red in one try."""
    prior = Prior(share=1.0 - 1e-12, a=2e6, b=98e6, start=0.01, end=0.5)
    red = p_this_red_is_flake(standing(runs("g" * 10)), prior)
    assert red == pytest.approx(0.99 * 0.02 / (0.99 * 0.02 + 0.01 * 0.98), rel=1e-4)
