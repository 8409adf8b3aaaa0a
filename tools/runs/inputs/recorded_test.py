"""What Bazel itself wrote; testdata/README.md says when."""

from __future__ import annotations

from pathlib import Path

from tools.runs import history
from tools.runs.inputs import TestInputs, explain, read
from tools.runs.inputs.misses import NEW, SAME

FIRST, CHANGED, TWICE = (Path(__file__).parent / "testdata" / f"{name}.zst" for name in ("first", "changed", "twice"))


def _keys(path: Path) -> dict[tuple[str, int], set[str]]:
    found: dict[tuple[str, int], set[str]] = {}
    for test in read(path):
        found.setdefault((test.label, test.shard), set()).add(test.key)
    return found


def test_tests() -> None:
    def place(test: TestInputs) -> tuple[str, int, int, bool]:
        return test.label, test.shard, test.attempt, test.passed

    found = list(read(FIRST))
    assert sorted(map(place, found)) == [
        ("//:a_test", 0, 1, True),
        ("//:red_test", 0, 1, False),
        ("//:red_test", 0, 2, False),
        ("//:red_test", 0, 3, False),
        ("//:sharded_test", 0, 1, True),
        ("//:sharded_test", 1, 1, True),
    ]
    assert {test.configuration for test in found} == {"k8-fastbuild"}
    for test in found:
        assert len(test.digest) == 64, "a disk cache was on, so Bazel told its own digest"
        assert "bazel-out/k8-fastbuild/bin/" in "\n".join(test.files)


def test_tries_and_runs_are_one_key() -> None:
    first, twice = _keys(FIRST), _keys(TWICE)
    assert all(len(keys) == 1 for keys in first.values())
    assert first == twice, "run again, with --runs_per_test: the same inputs"
    assert sorted((test.run, test.attempt) for test in read(TWICE) if test.label == "//:red_test") == [
        (run, attempt) for run in (1, 2) for attempt in (1, 2, 3)
    ]
    assert first["//:a_test", 0] != _keys(CHANGED)["//:a_test", 0]


def test_why(tmp_path: Path) -> None:
    with history.open(tmp_path / "history.sqlite") as past:
        first = explain(FIRST, past.database, now=1.0)
        assert {miss.label: miss.reasons for miss in first.misses} == {
            label: [NEW] for label in ("//:a_test", "//:model", "//:red_test", "//:sharded_test")
        }
        changed = explain(CHANGED, past.database, now=2.0)
        back = explain(TWICE, past.database, now=3.0)
    assert {miss.label: miss.reasons for miss in changed.misses} == {
        "//:a_test": ["order.txt changed"],
        "//:model": ["order.txt changed"],
        "//:red_test": [SAME],
    }
    assert "//:model" not in {miss.label for miss in back.misses}, "the disk cache had it"
    assert {miss.label: miss.reasons for miss in back.misses}["//:a_test"] == ["order.txt changed"]
    cause, other = changed.causes
    assert (cause.what, cause.reached, cause.tests, cause.example) == ("order.txt changed", 2, 1, "//:model")
    assert other.what == SAME
    assert str(first.rates) == "5 ran (100%)"
