"""The parts of the benchmark of the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from perf.bench.rounds import Timing
from perf.runs.report import Reports, rows
from tools.chromium.browser import Browser, NoBrowser


def test_rows_say_what_was_missed() -> None:
    cases = {f"{what} 20000": Timing((1.0, 2.5, 2.6, 2.7)) for what in ("write", "open", "search", "sort")}
    (row,) = rows({**cases, "bytes 20000": Timing((1.5e6,))})
    assert row[:3] == ("20,000", "1.50 MB", "1.00 s, 2.550 s (1.375 s–2.675 s)")
    assert row[-1] == "open ≤ 2 s: **missed**"


def test_it_measures(tmp_path: Path) -> None:
    try:
        browser = Browser()
    except NoBrowser as why:
        pytest.skip(str(why))
    with browser:
        reports = Reports(browser, tmp_path, [200])
        assert [reports.time(case, 1) > 0 for case in reports.cases] == [True] * 4
