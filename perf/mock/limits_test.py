from __future__ import annotations

from pathlib import Path

import pytest

from perf.mock import limits, payload
from perf.mock.limits import Row


def test_table_says_what_was_missed() -> None:
    text = limits.table([Row("start", "100 ms", True, "≤ 150 ms"), Row("streams", "2 GB", False, "< 1 GiB")])
    assert text.splitlines()[2:] == [
        "| start | 100 ms | ≤ 150 ms |",
        "| streams | 2 GB | < 1 GiB: **missed** |",
    ]


def test_a_miss_differs_in_the_tier_alone() -> None:
    assert limits.MISS["model"] == payload.REQUEST["model"]
    assert limits.MISS["user"]["tier"] != payload.TIER


def test_what_cannot_be_measured_is_a_row(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(_: limits.Limits) -> list[Row]:
        raise RuntimeError("it left")

    monkeypatch.setattr("os.sched_setaffinity", lambda *_: None)
    for name in ("start", "many_stubs", "streams", "long_life"):
        monkeypatch.setattr(limits.Limits, name, broken)
    page = tmp_path / "page.md"
    page.write_text("<!-- mock-limits: begin -->\n<!-- mock-limits: end -->\n")
    words = ["--mock", "x", "--definitions", "x", "--annotations", "x", "--write", str(page)]
    assert limits.main(words) == 0
    assert page.read_text().count("not measured: it left | measured: **missed** |") == 4
    capsys.readouterr()
