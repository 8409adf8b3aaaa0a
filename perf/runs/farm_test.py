from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from perf.runs import farm

RUN = {"jobs": 4, "seconds": 12.0, "code": 0, "passed": 12, "remote": 12, "hosts": 4}
FOUND: dict[str, Any] = {
    "good": True, "workers": 4, "killed": ["worker-1"], "retried": 1, "cores": 2,
    "alone": RUN | {"seconds": 48.0}, "together": RUN, "struck": RUN | {"seconds": 32.0},
}  # fmt: skip


def test_the_table() -> None:
    lines = farm.table(FOUND).splitlines()
    assert lines[2].endswith("| 48.0 s | 1.0 |")
    assert lines[3] == "| the same, 4 workers on 2 cores | 12.0 s | 4.0 |"
    assert "one killed at work: 12 passed, 1 done anew | 32.0 s | 1.5" in lines[4]


@pytest.mark.parametrize("found", [FOUND | {"good": False}, {}, {"good": True}, FOUND | {"alone": None}, []])
def test_what_is_no_drill(found: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "drill").write_text(json.dumps(found))
    assert farm.main([str(tmp_path / "drill")]) == 3
    assert capsys.readouterr().err.startswith("farm: ")


def test_it_is_written_between_marks(tmp_path: Path) -> None:
    (tmp_path / "drill").write_text(json.dumps(FOUND))
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- farm: begin -->\nold\n<!-- farm: end -->\nb\n")
    assert farm.main([str(tmp_path / "drill"), "--write", str(page)]) == 0
    assert "4 workers on 2 cores" in page.read_text()
    assert "old" not in page.read_text()
