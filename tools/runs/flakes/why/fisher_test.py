"""Fisher's exact test and Holm's correction, by hand."""

from __future__ import annotations

import random

import pytest

from tools.runs.flakes.why.fisher import holm, more


def test_lady_tasting_tea() -> None:
    """All four cups right: 1 in 70; three of four: 17 in 70."""
    assert more(4, 4, 0, 4) == pytest.approx(1 / 70)
    assert more(3, 4, 1, 4) == pytest.approx(17 / 70)


def test_edges() -> None:
    assert more(0, 10, 0, 10) == more(0, 0, 3, 9) == more(0, 5, 5, 5) == 1.0
    assert more(10, 10, 0, 30) == pytest.approx(1 / 847660528)
    assert more(1, 30, 0, 30) == pytest.approx(0.5)


def test_false_alarms_are_as_rare_as_promised() -> None:
    chance = random.Random(1)

    def reds(runs: int) -> int:
        return sum(chance.random() < 0.2 for _ in range(runs))

    alarms = sum(more(reds(30), 30, reds(30), 30) <= 0.05 for _ in range(2000))
    assert alarms / 2000 <= 0.06


def test_holm() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []
