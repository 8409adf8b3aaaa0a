"""The benchmark's sessions run and its figures add up; how large they are is not asked here."""

from __future__ import annotations

from pathlib import Path

import pytest

from perf.bench.rounds import Timing
from perf.runs import reruns
from perf.runs.reruns import AGAIN, PLUGINS, TESTS, Sessions, per_rerun, per_test, rows


def test_sessions(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path, tests=5, again=5)
    assert set(sessions.cases) == {
        *(f"{suite} {name}" for suite in ("steady", "few", "again") for name in PLUGINS if name != "pytest"),
        "steady pytest",
        "xdist pytest",
        "xdist ours",
        "xdist pytest-rerunfailures",
    }


@pytest.mark.parametrize("case", ["again ours", "again pytest-rerunfailures", "again flaky", "xdist ours"])
def test_red_tests_are_tried_again(tmp_path: Path, case: str) -> None:
    """A session in which one stays red is an error."""
    assert 0 < Sessions(tmp_path, tests=5, again=5).time(case, 1) < 60


def test_a_session_that_fails_is_no_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reruns, "PLUGINS", {"pytest": ()})
    sessions = Sessions(tmp_path, tests=5, again=5)
    (tmp_path / "steady" / "test_0.py").write_text("def test_x(): assert 0\n")
    with pytest.raises(RuntimeError, match="steady pytest ended with 1:\n(.|\n)*1 failed"):
        sessions.time("steady pytest", 1)


def test_figures() -> None:
    timings = {
        f"{suite} {name}": Timing((1.0,) * 4) for suite in ("steady", "few", "again", "xdist") for name in PLUGINS
    }
    timings |= {
        "steady ours": Timing((1.1,) * 4),
        "steady pytest-rerunfailures": Timing((1.32,) * 4),
        "again ours": Timing((1.5,) * 4),
        "xdist pytest-rerunfailures": Timing((0.9,) * 4),
    }
    del timings["xdist flaky"]
    assert per_test(timings, "steady", "ours").median == pytest.approx(0.1 / TESTS * 1e6)
    assert per_rerun(timings, "ours").median == pytest.approx(0.5 / AGAIN * 1e6)
    table = {(suite, plugin): cells for suite, plugin, *cells in rows(timings)}
    assert len(table) == 4 + 3 + 3
    steady = f"{TESTS:,} tests that pass"
    assert table[steady, "pytest-rerunfailures"][2:] == ["1.20 (1.20–1.20)×", "≥ 1×"]
    assert table[steady, "ours"][2:] == ["–", ""]
    assert "missed" in table["the same on two workers of pytest-xdist", "pytest-rerunfailures"][3]
