"""Kills workers while they work: nothing may be lost, and all must be green. Measures on the way what workers bring."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tools.farm.database import Database
from tools.farm.farm import Farm
from tools.farm.process import Process

TARGET = "//tools/farm/drill:wait_test"
SHARDS, SECONDS = 12, 4

# words → Bazel's words on the farm
OnFarm = Callable[[list[str], list[str]], list[str]]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the twelve shards."""

    jobs: int
    seconds: float
    code: int
    passed: int
    remote: int
    hosts: int

    @property
    def good(self) -> bool:
        """All were there, all green, each by a worker."""
        return self.code == 0 and self.passed == SHARDS and self.remote == SHARDS


def read(events: Path, jobs: int, seconds: float, code: int) -> Run:
    """What the build events of a run say."""
    results: list[dict[str, Any]] = []
    for line in events.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if "testResult" in event and "testResult" in event["id"]:
            results.append(event["testResult"])
    infos = [result.get("executionInfo", {}) for result in results]
    return Run(
        jobs,
        seconds,
        code,
        sum(result.get("status") == "PASSED" for result in results),
        sum(info.get("strategy") == "remote" for info in infos),
        len({info.get("hostname", "") for info in infos}),
    )


def start(words: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output)


def once(on_farm: OnFarm, workspace: Path, scratch: Path, jobs: int, kill: Callable[[], None] | None = None) -> Run:
    """Runs the shards, all of them anew; calls `kill` when Bazel has begun."""
    events = scratch / "events"
    events.unlink(missing_ok=True)
    # A variable that no run before had: no cache knows these results.
    own = [f"--jobs={jobs}", f"--build_event_json_file={events}", f"--test_env=SAMEWIRE_DRILL={uuid.uuid4().hex}"]
    own += ["--noshow_progress", "--test_tag_filters="]
    began = time.monotonic()
    bazel = start([str(workspace / "bazelw"), *on_farm(["test", TARGET], own)], scratch / "log")
    if kill:
        kill()
    code = bazel.wait()
    return read(events, jobs, time.monotonic() - began, code)


def busy(farm: Farm) -> list[str]:
    """The names of workers that execute something now (REAPI's stage 3)."""
    data = Path(farm.facts["data"]) / "postgres"
    return Database(data, Path(farm.facts["programs"])).column("select worker_name from jobs where stage = 3")


def lost(farm: Farm) -> int:
    """How many jobs had to be given to a second worker."""
    data = Path(farm.facts["data"]) / "postgres"
    return len(Database(data, Path(farm.facts["programs"])).column("select name from jobs where n_tries > 1"))


def drill(farm: Farm, on_farm: OnFarm, workspace: Path, scratch: Path, say: Callable[[str], None]) -> dict[str, object]:
    """Three runs: one job at a time; as many as there are workers; and that again while a worker is killed.

    Raises:
        RuntimeError: fewer than two workers, or none of them got work.
    """
    alive = [each for each in farm.workers if each.alive]
    if len(alive) < 2:
        raise RuntimeError(f"the drill wants two workers, of which one is killed; {len(alive)} are there")
    warm = once(on_farm, workspace, scratch, len(alive))
    if not warm.good:
        raise RuntimeError(f"the farm does not run the drill's tests: {scratch / 'log'}\n{_tail(scratch / 'log')}")
    alone = once(on_farm, workspace, scratch, 1)
    say(f"1 job at a time:        {alone.seconds:6.1f} s for {SHARDS} tests that wait {SECONDS} s each")
    together = once(on_farm, workspace, scratch, len(alive))
    faster = alone.seconds / together.seconds
    say(f"{len(alive)} workers:              {together.seconds:6.1f} s, {faster:.1f} times as fast")
    before, killed = lost(farm), list[str]()

    def kill() -> None:
        victim = _wait_for_work(farm)
        victim.signal(signal.SIGKILL)
        killed.append(victim.name)
        say(f"killed {victim.name} (process {victim.pid}) with work in hand")
        farm.add_worker()

    struck = once(on_farm, workspace, scratch, len(alive), kill)
    again = lost(farm) - before
    say(
        f"with a worker killed:   {struck.seconds:6.1f} s, {struck.passed} of {SHARDS} passed, {again} given to another"
    )
    good = alone.good and together.good and struck.good and again > 0
    say("nothing was lost" if good else f"the drill was lost; Bazel's output: {scratch / 'log'}")
    return {
        "good": good,
        "workers": len(alive),
        "killed": killed,
        "retried": again,
        "alone": asdict(alone),
        "together": asdict(together),
        "struck": asdict(struck),
        "cores": os.cpu_count(),
    }


def _wait_for_work(farm: Farm) -> Process:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        names = busy(farm)
        for worker in farm.workers:
            if worker.alive and worker.name in names:
                return worker
        time.sleep(0.1)
    raise RuntimeError("no worker got work within two minutes")


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
