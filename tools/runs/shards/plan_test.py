"""Durations that balance shards, and files that change rarely and little."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.python.pytest.shard import split
from tools.runs.shards.plan import DurationsError, equal, plan, read, render, stable


def _skewed(count: int = 40) -> dict[str, float]:
    return {f"a_test.py::test_{number}": 8.0 if number % 10 == 0 else 0.1 for number in range(count)}


def test_balanced_is_as_good_as_can_be() -> None:
    found = plan("//a:a_test", 4, _skewed(), None)
    assert found.balanced == pytest.approx(8.9)
    assert found.best == pytest.approx(8.9)
    assert found.now > 15, "a hash puts two of the four long ones together"
    assert found.worth
    assert found.seconds == pytest.approx(found.now - 8.9)
    loads = [sum(_skewed()[node] for node in part) for part in split(sorted(_skewed()), 4, found.durations)]
    assert max(loads) == pytest.approx(found.balanced)


def test_dealt_in_turn() -> None:
    durations = {"a": 5.0, "b": 1.0, "c": 5.0, "d": 1.0}
    assert equal(sorted(durations), 2, durations) == 10.0


def test_what_is_balanced_already_stays() -> None:
    measured = _skewed()
    kept = plan("//a:a_test", 4, measured, None).durations
    slower = {node: seconds * 1.2 for node, seconds in measured.items()}
    again = plan("//a:a_test", 4, slower, kept)
    assert again.durations == kept
    assert not again.worth
    assert render(again.durations) == render(kept)


def test_one_case_that_grew_is_one_line() -> None:
    measured = _skewed()
    kept = stable(measured, {})
    measured["a_test.py::test_3"] = 30.123
    now = stable(measured, kept)
    old, new = render(kept).splitlines(), render(now).splitlines()
    assert [(a, b) for a, b in zip(old, new, strict=True) if a != b] == [
        ('  "a_test.py::test_3": 0.1,', '  "a_test.py::test_3": 30.0,')
    ]


@pytest.mark.parametrize(
    ("seconds", "kept", "written"),
    [
        (0.0, None, 0.01),
        (1.2345, None, 1.2),
        (123.4, None, 120.0),
        (1.24, 1.0, 1.0),
        (1.26, 1.0, 1.3),
        (0.05, 0.01, 0.01),
        (0.07, 0.01, 0.07),
    ],
)
def test_figures(seconds: float, kept: float | None, written: float) -> None:
    assert stable({"x": seconds}, {} if kept is None else {"x": kept}) == {"x": written}


def test_a_little_is_not_worth_it() -> None:
    tiny = {f"test_{number}": 0.001 * (1 + number % 7) for number in range(100)}
    assert not plan("//a:a_test", 4, tiny, None).worth
    assert not plan("//a:a_test", 4, {}, None).worth


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "a_test.durations.json"
    assert read(path) is None
    path.write_text(render({"b": 1.0, "a": 0.5}))
    assert read(path) == {"a": 0.5, "b": 1.0}
    assert path.read_text() == '{\n  "a": 0.5,\n  "b": 1.0\n}\n'
    for content in ("[1]", '{"a": "1"}', '{"a": -1}', '{"a": true}', "{"):
        path.write_text(content)
        with pytest.raises(DurationsError, match=str(path)):
            read(path)
