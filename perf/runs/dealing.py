"""A pytest plugin: this process runs one shard, dealt in one of three ways (DEALING).

`turn`: case by case in turn, as the runners of rules_py and pytest_bazel do. `hash`, `durations`: as pytest_test does
without and with durations (the file DURATIONS).

All shards begin together: each says in SHARED that it is ready and waits for the file `go` there; when it has ended it
leaves the time, by the clock that all processes share.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from tools.python.pytest.shard import split


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    total, index = int(os.environ["TEST_TOTAL_SHARDS"]), int(os.environ["TEST_SHARD_INDEX"])
    nodes = [item.nodeid for item in items]
    match os.environ["DEALING"]:
        case "turn":
            mine = set(nodes[index::total])
        case "hash":
            mine = set(split(nodes, total)[index])
        case _:
            mine = set(split(nodes, total, json.loads(Path(os.environ["DURATIONS"]).read_text()))[index])
    items[:] = [item for item in items if item.nodeid in mine]


def pytest_runtestloop(session: pytest.Session) -> None:
    shared = Path(os.environ["SHARED"])
    (shared / f"ready.{os.environ['TEST_SHARD_INDEX']}").touch()
    while not (shared / "go").exists():
        time.sleep(0.005)


def pytest_sessionfinish(session: pytest.Session) -> None:
    ended = Path(os.environ["SHARED"]) / f"ended.{os.environ['TEST_SHARD_INDEX']}"
    ended.write_text(repr(time.monotonic()), encoding="utf-8")
