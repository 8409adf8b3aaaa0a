"""Flip rate and entropy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tools.runs.flakes.conftest import runs, trials
from tools.runs.flakes.instability import entropy, flip_rate


def test_flip_rate() -> None:
    assert flip_rate([]) == flip_rate(trials("g")) == 0.0
    assert flip_rate(trials(runs("grgr"))) == 1.0
    assert flip_rate(trials(runs("ggrrg"))) == 0.5


def test_entropy() -> None:
    assert entropy([]) == 0.0
    assert entropy(trials(runs("grgr"))) == 0.0, "each version is sure of itself"
    assert entropy(trials(runs("grgr"), same_inputs=True)) == pytest.approx(1.0)
    assert entropy(trials(runs("gggr"), same_inputs=True)) == pytest.approx(0.8113, abs=1e-4)


def test_old_versions_count_less() -> None:
    old = [replace(trial, version="old", started=0.0) for trial in trials(runs("gr"))]
    new = [replace(trial, version="new", started=100.0) for trial in trials(runs("gg"))]
    assert entropy(old + new, half_life=1e9) == pytest.approx(0.5)
    assert entropy(old + new, half_life=50.0) == pytest.approx(0.25 / 1.25)
