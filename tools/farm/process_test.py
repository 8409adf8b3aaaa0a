from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tools.farm import process

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


def test_a_server_is_known_again_and_stopped(tmp_path: Path) -> None:
    server = process.start("sleeper", SLEEPER, tmp_path / "logs" / "log")
    process.save(tmp_path / "state", [server])
    process.wait(lambda: "up" in server.last_words(), [server], 20, "it is up")
    [again] = process.load(tmp_path / "state")
    assert again == server
    assert again.alive
    again.stop()
    assert not server.alive


def test_a_recycled_process_id_is_not_ours(tmp_path: Path) -> None:
    other = process.Process("other", os.getpid(), 1, str(tmp_path / "log"))
    assert not other.alive
    other.stop()  # would end this test


def test_what_it_started_goes_with_it_even_when_it_will_not_listen(tmp_path: Path) -> None:
    stubborn = (
        "import os, signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"child = subprocess.Popen({SLEEPER!r}, stdout=subprocess.DEVNULL)\n"
        "print('child', child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    server = process.start("stubborn", [sys.executable, "-c", stubborn], tmp_path / "log")
    process.wait(lambda: "child" in server.last_words(), [server], 20, "it has a child")
    child = int(server.last_words().split()[1])
    server.stop(grace=0.2)
    assert not server.alive
    process.wait(lambda: _ended(child), [], 10, "the child has ended")


def _ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def test_a_server_that_ends_at_once_is_told_with_its_log(tmp_path: Path) -> None:
    server = process.start("broken", [sys.executable, "-c", "raise SystemExit('no such disk')"], tmp_path / "log")
    with pytest.raises(RuntimeError, match="(?s)broken ended before it answers.*no such disk"):
        process.wait(lambda: False, [server], 20, "it answers")


def test_waiting_ends(tmp_path: Path) -> None:
    server = process.start("slow", SLEEPER, tmp_path / "log")
    try:
        with pytest.raises(RuntimeError, match="not after 0 s"):
            process.wait(lambda: False, [server], 0.2, "it answers")
    finally:
        server.signal(signal.SIGKILL)


@pytest.mark.parametrize("text", ["{", '[{"pid": 1}]', '["x"]'])
def test_a_damaged_state_file_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "state").write_text(text)
    with pytest.raises(RuntimeError, match="state: .*by hand"):
        process.load(tmp_path / "state")


def test_nobody_is_said_to_run() -> None:
    assert process.load(Path("no such file")) == []


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        process.start("nothing", [tmp_path / "nothing"], tmp_path / "log")
