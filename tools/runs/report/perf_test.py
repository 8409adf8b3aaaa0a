"""Slower is said when it is so, and not by noise; files that are none are refused in words."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.runs.report.perf import BenchmarkError, compare, read

FIGURES = st.lists(st.floats(1e-6, 1e3), min_size=5, max_size=30)


def noisy(chance: random.Random, factor: float = 1.0) -> list[float]:
    """Rounds with a long tail, as a busy machine gives them."""
    return [factor * (1e-3 + chance.expovariate(1 / 3e-5)) for _ in range(21)]


def test_noise_is_the_same_and_a_change_is_found() -> None:
    chance = random.Random(7)
    words = [compare(noisy(chance), noisy(chance)).word for _ in range(400)]
    assert words.count("same") >= 396
    wild = [
        compare([2 ** (3 * chance.random()) for _ in range(9)], [2 ** (3 * chance.random()) for _ in range(9)])
        for _ in range(100)
    ]
    assert sum(each.word == "unsure" for each in wild) >= 98, "so much noise that nothing can be said"
    assert [compare(noisy(chance), noisy(chance, 1.15)).word for _ in range(100)].count("slower") >= 99
    assert [compare(noisy(chance), noisy(chance, 0.85)).word for _ in range(100)].count("faster") >= 99


def test_some_disturbed_rounds_do_not_decide() -> None:
    rounds = [1.0 + 0.001 * number for number in range(15)]
    assert compare(rounds, [*rounds[:12], 9.0, 9.0, 9.0]).word == "same"


@pytest.mark.parametrize(("before", "now"), [([1.0] * 4, [9.0] * 9), ([], [1.0]), ([1.0] * 9, [0.0] * 9)])
def test_too_little_to_say(before: list[float], now: list[float]) -> None:
    assert compare(before, now).word == "unknown"


@given(FIGURES, FIGURES)
def test_the_interval_holds_the_ratio_and_turns_round(before: list[float], now: list[float]) -> None:
    there, back = compare(before, now), compare(now, before)
    assert there.low <= there.ratio <= there.high
    assert {there.word, back.word} in ({"same"}, {"unsure"}, {"slower", "faster"})


def test_files(tmp_path: Path) -> None:
    now, early, table = tmp_path / "models.json", tmp_path / "old.json", tmp_path / "rates.json"
    now.write_text(json.dumps({"decode": [1.0, 2], "encode": [3.0]}))
    early.write_text(json.dumps({"decode": [1.5]}))
    table.write_text(json.dumps([{"pool": "a", "rate": 12345.678, "met": True}, {"pool": "b", "p50": None}]))
    benchmark = read(now, early)
    assert benchmark.title == "models"
    assert [(each.name, each.rounds, each.before) for each in benchmark.measures] == [
        ("decode", [1.0, 2], [1.5]),
        ("encode", [3.0], ()),
    ]
    assert read(table).table == [["pool", "rate", "met", "p50"], ["a", "1.235e+04", "True", ""], ["b", "", "", ""]]
    with pytest.raises(BenchmarkError, match="rates.json: a table"):
        read(now, table)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not JSON"),
        ("7", "expected"),
        ("[7]", r"\[0\]: expected an object"),
        ('{"a": []}', "'a': expected a list"),
        ('{"a": [true]}', "'a': expected a list"),
        ('{"a": [NaN]}', "'a': expected a list"),
    ],
)
def test_what_is_no_benchmark(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "b.json"
    file.write_text(content)
    with pytest.raises(BenchmarkError, match=said):
        read(file)
