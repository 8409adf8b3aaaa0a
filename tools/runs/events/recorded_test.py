"""Files that Bazel 7.7.1 wrote of two runs of a small workspace: tests that are green, red, flaky, sharded, slow and
not built, and a pattern that names nothing; then a run that was all cached. Paths and names of the machine are changed.
"""

from __future__ import annotations

import io
import threading
import time
from pathlib import Path

import pytest

from tools.runs.events import (
    ActionFailed,
    Completed,
    Configured,
    Event,
    Finished,
    Logs,
    Metadata,
    Metrics,
    Notice,
    Options,
    Problem,
    Started,
    TestResult,
    TestSummary,
    binary,
    json,
)
from tools.runs.events.tail import flags, tail

DATA = Path(__file__).with_name("testdata")
RUNS = ["run", "cached"]


def lines(run: str) -> list[Event]:
    return list(json.read((DATA / f"{run}.json").read_text(encoding="utf-8").splitlines(), run))


@pytest.mark.parametrize("run", RUNS)
def test_both_kinds_of_file_tell_the_same(run: str) -> None:
    with (DATA / f"{run}.binpb").open("rb") as stream:
        events = list(binary.read(stream, run))
    assert events == lines(run)
    assert not [event for event in events if isinstance(event, Notice)]


def test_attempts() -> None:
    results = [event for event in lines("run") if isinstance(event, TestResult)]
    assert {(r.label, r.shard, r.attempt, r.status) for r in results} == {
        ("//:flaky_test", 1, 1, "FAILED"),
        ("//:flaky_test", 1, 2, "PASSED"),
        ("//:green_test", 1, 1, "PASSED"),
        ("//:red_test", 1, 1, "FAILED"),
        ("//:sharded_test", 1, 1, "PASSED"),
        ("//:sharded_test", 2, 1, "PASSED"),
        ("//:slow_test", 1, 1, "TIMEOUT"),
    }
    assert not any(r.cached for r in results) and {r.strategy for r in results} == {"linux-sandbox"}
    (slow,) = (r for r in results if r.label == "//:slow_test")
    assert 2 <= slow.duration < 4
    outputs = slow.outputs
    assert outputs is not None and outputs.parts[-2:] == ("testlogs", "slow_test")
    assert [file.name for file in slow.files] == ["test.log", "test.xml"]


def test_cached_results_are_those_of_the_run_before() -> None:
    started = next(event for event in lines("cached") if isinstance(event, Started))
    results = [event for event in lines("cached") if isinstance(event, TestResult)]
    assert len(results) == 3 and all(r.cached_locally and r.cached and r.started < started.time for r in results)


def test_summaries() -> None:
    summaries = {event.label: event for event in lines("run") if isinstance(event, TestSummary)}
    flaky, sharded = summaries["//:flaky_test"], summaries["//:sharded_test"]
    assert (flaky.status, flaky.attempts, len(flaky.passed), len(flaky.failed)) == ("FLAKY", 2, 1, 1)
    assert (sharded.status, sharded.shards, sharded.runs, len(sharded.passed)) == ("PASSED", 2, 1, 2)
    assert "//:unbuilt_test" not in summaries


def test_what_could_not_be_built() -> None:
    events = lines("run")
    (failed,) = (event for event in events if isinstance(event, ActionFailed))
    assert (failed.label, failed.mnemonic, failed.exit_code) == ("//:broken", "Genrule", 1)
    assert failed.stderr is not None and failed.stderr.path is not None
    built = {event.label: event for event in events if isinstance(event, Completed)}
    assert not built["//:broken"].success and built["//:broken"].failure.startswith("bash failed:")
    assert not built["//:unbuilt_test"].success and built["//:green_test"].success
    assert built["//:green_test"].timeout == 2.0 and "tier-unit" in built["//:green_test"].tags
    problems = [event for event in events if isinstance(event, Problem)]
    assert [(problem.label, problem.reason) for problem in problems] == [("//nowhere:at_all", "LOADING_FAILURE")]


def test_beginning_and_end() -> None:
    events = lines("run")
    first = events[0]
    assert isinstance(first, Started) and first.id
    assert (first.command, first.workspace) == ("test", "/shelf")
    (finished,) = (event for event in events if isinstance(event, Finished))
    assert (finished.code, finished.name) == (1, "BUILD_FAILURE") and finished.time > first.time
    values: dict[str, str] = {}
    for event in events:
        values |= event.values if isinstance(event, Metadata) else {}
    assert (values["ROLE"], values["BUILD_USER"], values["BUILD_HOST"]) == ("CI", "anna", "builder")
    assert Configured("//:green_test", "sh_test rule", "SMALL", ("tier-unit",)) in events
    (options,) = (event for event in events if isinstance(event, Options))
    assert "--keep_going" in options.explicit and set(options.explicit) <= set(options.all)
    (metrics,) = (event for event in events if isinstance(event, Metrics))
    assert metrics.actions > 5 and metrics.wall > 2 and metrics.runners["total"]
    (logs,) = (event for event in events if isinstance(event, Logs))
    assert logs.critical_path is not None and 2 < logs.critical_path <= metrics.wall
    profile = logs.file("command.profile.gz")
    assert profile is not None and profile.path == Path("/outputs/command.profile.gz")


def test_a_binary_file_cut_anywhere_is_read_up_to_there_and_tells_the_byte() -> None:
    whole = (DATA / "cached.binpb").read_bytes()
    ends = [begin for _, begin in binary.records(io.BytesIO(whole))] + [len(whole)]
    every = list(binary.read(io.BytesIO(whole)))
    for length in range(0, len(whole), 5):
        events = list(binary.read(io.BytesIO(whole[:length]), "x"))
        if length in ends:
            assert not any(isinstance(event, Notice) for event in events)
        else:
            notice = events.pop()
            begin = max(end for end in ends if end < length)
            assert isinstance(notice, Notice) and notice.where == f"x: byte {begin}"
            assert notice.text.startswith("ends within ")
        assert events == every[: len(events)]


def test_garbage_in_a_record_leaves_the_others_and_is_told_once() -> None:
    whole = (DATA / "cached.binpb").read_bytes()
    every = list(binary.read(io.BytesIO(whole)))
    junk = b"\x04\xff\xff\xff\xff"
    notice, *events = binary.read(io.BytesIO(junk + whole + junk), "x")
    assert events == every
    assert notice == Notice("x: byte 0", "no build event among 4 bytes; broken events are left out")


@pytest.mark.parametrize(
    ("junk", "text"),
    [
        (b"\xff" * 20, "no length of a build event stands here"),
        (b"\xff\xff\xff\xff\x0f", "a build event of 4,294,967,295 bytes is announced here, more than any has"),
        (b"\x80", "ends within the length of a build event"),
    ],
)
def test_what_is_no_length_ends_the_stream(junk: bytes, text: str) -> None:
    whole = (DATA / "cached.binpb").read_bytes()
    *events, notice = binary.read(io.BytesIO(whole + junk), "x")
    assert notice == Notice(f"x: byte {len(whole)}", text)
    assert events == list(binary.read(io.BytesIO(whole)))


def test_tail_follows_a_file_that_is_not_there_yet(tmp_path: Path) -> None:
    path, whole = tmp_path / "run.json", (DATA / "run.json").read_bytes()
    done = threading.Event()

    def write() -> None:
        time.sleep(0.02)
        with path.open("wb", buffering=0) as stream:
            for begin in range(0, len(whole), 777):  # cuts lines anywhere
                stream.write(whole[begin : begin + 777])
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    told = list(tail(path, done.is_set, poll=0.001))
    writer.join()
    assert [event for event in told if event is not None] == lines("run")
    assert told[0] is None  # there was nothing yet, and it said so


def test_tail_tells_where_a_killed_bazel_left_off(tmp_path: Path) -> None:
    path, whole = tmp_path / "run.json", (DATA / "run.json").read_bytes()
    path.write_bytes(whole[:-10])
    count = len(whole.splitlines())
    *events, notice = tail(path, lambda: True)
    assert isinstance(notice, Notice) and notice.where == f"{path}:{count}"
    assert notice.text.startswith("ends within a build event:")
    assert events == lines("run")[: len(events)] and len(events) >= len(lines("run")) - 1
    path.write_bytes(whole.removesuffix(b"\n"))
    assert list(tail(path, lambda: True)) == lines("run")


def test_tail_of_nothing_is_nothing(tmp_path: Path) -> None:
    assert list(tail(tmp_path / "never.json", lambda: True)) == []


def test_flags_name_the_file(tmp_path: Path) -> None:
    assert flags(tmp_path / "run.json")[0] == f"--build_event_json_file={tmp_path}/run.json"
