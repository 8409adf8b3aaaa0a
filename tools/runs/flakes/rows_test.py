"""Rows of red trials."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tools.runs.flakes.conftest import CASE, runs, standing, trials
from tools.runs.flakes.rows import Rows, retried, sandwiched, stand


@pytest.mark.parametrize(
    ("letters", "rows"),
    [
        ("", Rows(0)),
        ("ggg", Rows(3, since=3)),
        ("grg", Rows(2, lone=1, since=1)),
        ("rg", Rows(1, long=1, long_reds=1, since=1)),
        ("grrg", Rows(2, long=1, long_reds=2, since=1)),
        ("grgrrgrgg", Rows(5, lone=2, long=1, long_reds=2, since=2)),
        ("grgr", Rows(2, lone=1, open=1)),
        ("grrr", Rows(1, open=3)),
        ("rrr", Rows(0, open=3)),
    ],
)
def test_rows(letters: str, rows: Rows) -> None:
    assert Rows.of(standing(runs(letters) if letters else "")) == rows


def test_more_than_is_kept() -> None:
    """The sums tell what `recent` does not reach."""
    old = standing(runs("gr" * 40 + "g" * 100))
    assert Rows.of(old) == Rows(140, lone=40, since=101 - 1)
    assert Rows.of(standing(runs("g" + "r" * 80))).open == 80


def test_without_sums_older_reds_are_a_long_row() -> None:
    """A store that does not keep the sums accuses nobody by what it cannot tell."""
    old = replace(standing(runs("gr" * 40 + "g" * 45)), streaks=0, lone=0, greens=0)
    assert Rows.of(old) == Rows(85, lone=2, long=2, long_reds=38, since=45)


def test_all_rows_add_up() -> None:
    chance = random.Random(5)
    for _ in range(300):
        letters = "".join(chance.choice("gggr") for _ in range(chance.randint(1, 200)))
        rows = Rows.of(standing(runs(letters)))
        assert (rows.greens, rows.reds) == (letters.count("g"), letters.count("r"))
        assert rows.lone == sum(letters[at : at + 3] == "grg" for at in range(len(letters)))
        assert rows.long >= 0 and rows.long_reds >= rows.long
        assert rows.since == len(letters) - letters.rfind("r") - 1


def test_contradictions_are_counted_by_key() -> None:
    same = standing("r.g.r.g", same_inputs=True)
    assert (same.contradictions, same.contradiction) == (1, "c0")
    assert standing("r.g.r.g").contradictions == 0
    assert Rows.of(standing("g.rg.g")).contradictions == 1


def test_a_retry_tells_even_without_a_key() -> None:
    """A dirty tree has no key; attempts of one run share their inputs all the same, two runs do not."""
    bare = [replace(trial, key="", version="") for trial in trials("g.rg.r.g")]
    assert retried(bare) == 1
    assert Rows.of(stand(CASE, bare)).contradictions == 1
    assert retried([replace(trial, key="") for trial in trials("g.r.g")]) == 0
    two_configurations = [replace(trial, key=str(place)) for place, trial in enumerate(trials("rg"))]
    assert retried(two_configurations) == 0


def test_sandwiched() -> None:
    assert sandwiched(trials(runs("grgrrgrg"))) == 2
    assert sandwiched(trials(runs("rg"))) == 0
