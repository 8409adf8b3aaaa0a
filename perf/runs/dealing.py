"""A pytest plugin: this process runs one shard, dealt in one of three ways (DEALING).

`turn`: case by case in turn, as the runners of rules_py and pytest_bazel do. `hash`, `durations`: as pytest_test does
without and with durations (the file DURATIONS).
"""

from __future__ import annotations

import json
import os
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
