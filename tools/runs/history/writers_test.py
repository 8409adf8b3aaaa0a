"""Runs that write at once, and one that is killed while it writes; on both databases."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from tools.runs import history
from tools.runs.history import is_url
from tools.runs.record import CaseId, CaseResult, Run

WRITER = """
import sys
from tools.runs import history
from tools.runs.record import CaseId, CaseResult, Run
place, name, count = sys.argv[1:]
with history.open(place) as past:
    for number in range(int(count)):
        one = CaseResult(CaseId("//t:same"), "failed" if number % 2 else "passed", key=f"{number}")
        past.record(Run(f"{name}-{number}", 1.0 + number), [one])
"""


def writer(place: str, name: str, count: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, place, name, str(count)], env={"PYTHONPATH": os.pathsep.join(sys.path)}
    )


def test_runs_that_write_at_once_from_nothing(place: str) -> None:
    writers = [writer(place, f"p{number}", 20) for number in range(4)]
    assert [one.wait(120) for one in writers] == [0] * 4
    with history.open(place) as past:
        [standing] = past.standings()
        assert (standing.trials, standing.reds, standing.contradictions) == (80, 40, 0)
        assert len(past.runs(999)) == 80


def test_a_writer_that_is_killed_leaves_whole_runs(place: str) -> None:
    with history.open(place) as past:
        one = writer(place, "p", 10**6)
        deadline = time.monotonic() + 30
        while len(past.runs(99)) < 20 and time.monotonic() < deadline:
            time.sleep(0.01)
        one.send_signal(signal.SIGKILL)
        one.wait()
        [standing] = past.standings()
        assert standing.trials == len(past.runs(10**6)) >= 20
        assert past.record(Run("after", 9.0), [CaseResult(CaseId("//t:other"), "passed")])
        if not is_url(place):
            assert past.database.one("PRAGMA integrity_check") == ("ok",)
