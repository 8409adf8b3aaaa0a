"""The simulation in small: the same goals, on worlds of a few hundred cases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from perf.runs.simulation import OURS, Outcome, simulate, table
from perf.runs.world import Setting, make

SMALL = Setting(steady=400, flaky=40, broken=0.05)


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return simulate(SMALL, 1)


def test_ours_meets_its_goals(outcome: Outcome) -> None:
    """500 runs, flakes red at 2 %, no retries, regressions of all lengths."""
    score = outcome.scores[OURS]
    assert score.found >= 0.95 and score.accused <= 0.01
    assert outcome.regressions > 50 and outcome.masked == 0


def test_others_do_not(outcome: Outcome) -> None:
    """Or the world would be too easy to tell anything."""
    assert outcome.scores["seed: 30 % red of the last 10"].found < 0.8
    assert outcome.scores["Mergify, Trunk: passed and failed on one commit"].found == 0.0
    assert outcome.scores["BuildBuddy: red between two greens"].accused > 0.01


def test_retries_spare_reds_and_mask_no_regression() -> None:
    setting = replace(SMALL, tries=3, again=0.2, outages=3, kinds=("chance", "hour", "order"))
    outcome = simulate(setting, 1)
    assert outcome.outages_seen == outcome.outages == 3
    assert outcome.scores[OURS].found >= 0.95
    assert outcome.masked == 0 and outcome.spared > 0.3


def test_the_world_is_true_to_itself() -> None:
    """Regressions are red at every run while they last; nobody but a flake is red by flake."""
    world = make(replace(SMALL, again=0.3, tries=2, touched=0.5), 2)
    for case in world.cases:
        broken = {f"r{run}" for row in case.regressions for run in row}
        assert all(trial.red for trial in case.trials if trial.run in broken)
        assert case.flaky or "flake" not in case.causes
        greens = {trial.key for trial in case.trials if not trial.red}
        assert case.flaky or not greens & {trial.key for trial in case.trials if trial.red}, "no false contradiction"
    flakes = [case for case in make(replace(SMALL, broken=0.0), 3).cases if case.flaky]
    reds = sum(sum(trial.red for trial in case.trials) for case in flakes)
    assert 0.016 < reds / (500 * len(flakes)) < 0.024


def test_one_seed_one_world() -> None:
    setting = replace(SMALL, runs=100)
    one, again, other = make(setting, 7), make(setting, 7), make(setting, 8)
    assert [case.trials for case in one.cases] == [case.trials for case in again.cases]
    assert [case.trials for case in one.cases] != [case.trials for case in other.cases]


def test_table(outcome: Outcome) -> None:
    text = table({"small": [outcome, outcome]})
    assert "| small | seed: 30 % red of the last 10 |" in text
    assert f"| small | {2 * outcome.regressions:,} | 0 |" in text
