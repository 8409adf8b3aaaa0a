from __future__ import annotations

from pathlib import Path

from perf.bench.rounds import Timing
from perf.runs.events import RECORDED, Reading, Uploading, mixture, record, rows
from tools.runs.bes.testing.process import Process
from tools.runs.events import TestResult, binary
from tools.runs.events.json import parse

TEXTS = mixture(RECORDED.read_text(encoding="utf-8").splitlines())


def test_a_third_are_test_results_and_both_kinds_of_file_hold_the_same() -> None:
    events = [parse(text) for text in TEXTS]
    assert len([event for event in events if isinstance(event, TestResult)]) * 3 == len(events) > 30
    assert [binary.parse(record(text)) for text in TEXTS] == events


def test_every_way_reads() -> None:
    reading = Reading(TEXTS)
    assert all(0 < reading.time(case, 1) < 0.1 for case in reading.cases)


def test_an_upload_gives_two_figures(tmp_path: Path) -> None:
    with Process(tmp_path) as service:
        uploading = Uploading({"bes": (service.address, service.pid)}, [record(text) for text in TEXTS])
        assert list(uploading.cases) == ["bes", "bes cpu"]
        assert uploading.time("bes", 1) > 0 and uploading.time("bes cpu", 1) > 0
    (stored,) = tmp_path.glob("*.bep")
    with stored.open("rb") as stream:
        assert len(list(binary.records(stream))) == 5000


def test_a_goal_that_is_missed_is_said() -> None:
    files = ["json", "json: json.loads", "json: json_format", "binary", "binary: FromString"]
    names = [*files, "bes", "bes: bare", "bes cpu", "bes: bare cpu"]
    slow = dict.fromkeys(names, Timing((1e-3,) * 4))
    assert [row[-1] for row in rows(slow)] == ["≥ 100,000/s: **missed**", "", "", "≥ 5,000/s: **missed**", ""]
    fast = dict.fromkeys(names, Timing((1e-6,) * 4))
    assert [row[-1] for row in rows(fast)] == ["≥ 100,000/s", "", "", "≥ 5,000/s", ""]
    assert next(iter(rows(fast)))[1] == "1,000,000 (1,000,000)"
