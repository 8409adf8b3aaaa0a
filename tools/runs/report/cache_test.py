"""What made tests run is ranked by how many it made run."""

from __future__ import annotations

from tools.runs.report.cache import CAUSES, SHOWN, causes, shown
from tools.runs.report.data import Cache, Change, Miss

RECORD, SEED = Change("file", "record.py", "1", "2"), Change("environment", "SEED")


def test_causes() -> None:
    misses = [
        Miss("//a", changes=[RECORD]),
        Miss("//b", changes=[RECORD, SEED]),
        Miss("//c", reason="it was red"),
        Miss("//d"),
    ]
    assert causes(misses) == [
        ["file", "record.py", 2, 0],
        ["environment", "SEED", 1, 0],
        ["", "it was red", 1, 0],
        ["", "unknown", 1, 0],
    ]


def test_what_made_the_same_targets_run_is_one_line() -> None:
    made = [Change("added", f"bazel-out/bin/x/{name}.pyc") for name in "abc"]
    source = Change("file", "x/z.py")
    assert causes([Miss("//a", changes=[*made, source]), Miss("//b", changes=[*made, source])]) == [
        ["file", "x/z.py", 2, 3]
    ]


def test_shards_of_one_target_count_once_and_are_told_apart() -> None:
    told = shown(Cache(3, 1, 2, [Miss("//a", 0, changes=[RECORD]), Miss("//a", 1, changes=[RECORD]), Miss("//b")]))
    assert told["causes"][0] == ["file", "record.py", 1, 0]
    assert [miss["label"] for miss in told["misses"]] == ["//a · shard 1", "//a · shard 2", "//b"]


def test_many_stay_few() -> None:
    told = shown(Cache(executed=9_000, misses=[Miss(f"//a:{number}", reason=f"r{number}") for number in range(9_000)]))
    assert (len(told["misses"]), told["left"], len(told["causes"])) == (SHOWN, 9_000 - SHOWN, CAUSES)
    assert shown(Cache(misses=[Miss("//a", changes=[RECORD] * 50)]))["misses"][0]["more"] == 42
