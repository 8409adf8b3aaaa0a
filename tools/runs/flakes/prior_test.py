"""Fitting the prior: what was put in comes out, little data moves it little, nothing leaves its bounds."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from tools.runs.flakes.conftest import CASE, runs, standing
from tools.runs.flakes.prior import Prior, fit
from tools.runs.flakes.rows import Rows
from tools.runs.record import Standing


def repository(seed: int, *, flaky: int, steady: int, rate: float, start: float, trials: int = 400) -> list[Standing]:
    chance = random.Random(seed)
    found = []
    for number in range(flaky + steady):
        letters, broken = "", False
        for _ in range(trials):
            broken = chance.random() > 0.25 if broken else chance.random() < start
            letters += "r" if broken or (number < flaky and chance.random() < rate) else "g"
        found.append(standing(runs(letters)))
    return found


@pytest.mark.parametrize(("rate", "start"), [(0.02, 0.0005), (0.1, 0.003), (0.3, 0.003)])
def test_finds_what_was_put_in(rate: float, start: float) -> None:
    prior = fit(repository(3, flaky=40, steady=400, rate=rate, start=start))
    assert prior.share == pytest.approx(40 / 440, rel=0.3)
    assert prior.a / (prior.a + prior.b) == pytest.approx(rate, rel=0.35)
    assert prior.start == pytest.approx(start, rel=0.4)
    assert prior.end == pytest.approx(0.25, abs=0.1)
    assert prior.cases == 440


def test_no_flakes() -> None:
    prior = fit(repository(4, flaky=0, steady=400, rate=0.0, start=0.003))
    assert prior.share < 0.02


def test_nothing_known() -> None:
    usual = Prior()
    for standings in ([], [Standing(CASE, 0, 0)]):
        prior = fit(standings)
        assert (prior.share, prior.start, prior.end) == pytest.approx((usual.share, usual.start, usual.end))
    assert fit([standing("r.g")]).share < 0.1


def test_tallies_stand_for_cases_that_were_never_red() -> None:
    every = repository(5, flaky=10, steady=200, rate=0.02, start=0.002)
    tallies = Counter((standing.trials, standing.reds) for standing in every)
    red = [standing for standing in every if standing.reds]
    assert len(red) < len(every) and fit(red, tallies) == fit(every)


def test_bounds() -> None:
    """All flaky, all broken, all restless: nothing is taken for granted."""
    for letters in ("gr" * 30, "r" * 60, "g" * 60, "grr" * 20):
        prior = fit([standing(runs(letters))] * 500)
        assert 0.001 <= prior.share <= 0.3 and 1e-6 <= prior.start <= 0.02 and 0.02 <= prior.end <= 0.9
        assert 0.3 <= prior.a <= 5.0 and prior.b > 0.0


@pytest.mark.parametrize(
    "rows",
    [
        Rows(0, open=10**6),
        Rows(10**7, since=10**7),
        Rows(10**6, lone=10**5, since=3),
        Rows(10, long=1, long_reds=10**6, since=10),
        Rows(10**8, lone=2, since=10**6),
        Rows(0, contradictions=1),
        Rows(3, lone=1, since=1, contradictions=10**4),
    ],
)
def test_extremes(rows: Rows) -> None:
    weight = Prior().weigh(rows)
    assert 0.0 <= weight.flaky <= 1.0 and 0.0 <= weight.mended <= 1.0
    low, high = weight.posterior.interval()
    assert 0.0 <= low <= high <= 1.0


def test_more_lone_reds_say_more() -> None:
    prior = Prior()
    sure = [prior.weigh(Rows(500 - lone, lone=lone, since=20)).flaky for lone in range(8)]
    assert sure == sorted(sure) and sure[0] < 0.02 and sure[-1] > 0.95


def test_long_rows_say_less_than_lone_ones() -> None:
    prior = Prior()
    assert prior.weigh(Rows(480, long=4, long_reds=20, since=20)).flaky < 0.5
    assert prior.weigh(Rows(480, lone=4, since=20)).flaky > 0.5
