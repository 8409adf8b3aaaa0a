from __future__ import annotations

import json

import pytest

from perf.pool import rates
from perf.pool.rates import Figure, table


def test_a_row_says_what_was_missed() -> None:
    figures = [
        Figure("checkouts", (9_000.0, 12_000.0, 30_000.0), "/s", 10_000),
        Figure("in line", (4.0, 6.0, 5.5), "ms", 5, more_is_better=False),
        Figure("plain", (1.0, 1.0, 1.0), "/s", None),
    ]
    assert table(figures).splitlines()[4:] == [
        "| checkouts | 12,000 /s (9,000–30,000) | ≥ 10,000 /s |",
        "| in line | 5.50 ms (4.00–6.00) | ≤ 5 ms: **missed** |",
        "| plain | 1 /s (1–1) |  |",
    ]


def test_a_quick_look_measures_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert rates.main(["--requests", "200", "--rounds", "1", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert len(figures) == 10
    assert all(figure["rounds"][0] > 0 for figure in figures)


def test_misuse_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--requests", "1"], ["--rounds", "0"], ["--write", "no/such/file"]):
        with pytest.raises(SystemExit) as caught:
            rates.main(words)
        assert caught.value.code == 2
        assert capsys.readouterr().err
