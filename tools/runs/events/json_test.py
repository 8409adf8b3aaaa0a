"""Lines as Bazel 7.7.1 writes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.runs.events import Finished, Notice, Problem, Progress, TestResult
from tools.runs.events.json import parse, read

RESULT = {
    "id": {"testResult": {"label": "//a:b", "run": 1, "shard": 2, "attempt": 1, "configuration": {"id": "x"}}},
    "testResult": {
        "testActionOutput": [{"name": "test.log", "uri": "file:///out/a%20b/test.log"}],
        "status": "FAILED",
        "testAttemptDuration": "1.250s",
        "executionInfo": {"cachedRemotely": True},
    },
}


def test_a_test_result_has_its_folder_unescaped() -> None:
    result = parse(json.dumps(RESULT))
    assert isinstance(result, TestResult)
    assert (result.label, result.shard, result.status, result.cached) == ("//a:b", 2, "FAILED", True)
    assert (result.duration, result.outputs, result.configuration) == (1.25, Path("/out/a b"), "x")


def test_zero_values_are_left_out_by_bazel() -> None:
    event = {"id": {"testResult": {"label": "//a:b"}}, "testResult": {}}
    assert parse(json.dumps(event)) == TestResult("//a:b")


def test_old_fields_are_read_where_the_new_ones_are_not() -> None:
    old = {"testAttemptStartMillisEpoch": "1795285932975", "testAttemptDurationMillis": "305"}
    result = parse(json.dumps({"id": {"testResult": {"label": "//a:b"}}, "testResult": old}))
    assert isinstance(result, TestResult) and (result.started, result.duration) == (1795285932.975, 0.305)


def test_remote_outputs_are_no_folder() -> None:
    event = {
        "id": {"testResult": {"label": "//a:b"}},
        "testResult": {"testActionOutput": [{"name": "test.log", "uri": "bytestream://h/b"}]},
    }
    result = parse(json.dumps(event))
    assert isinstance(result, TestResult) and result.outputs is None
    log = result.file("test.log")
    assert log is not None and log.uri == "bytestream://h/b"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"id": {"progress": {}}, "progress": {"stderr": "a", "stdout": "b"}}, Progress("ab")),
        ({"id": {"progress": {"opaqueCount": 3}}, "progress": {}}, None),
        (
            {"id": {"buildFinished": {}}, "finished": {"exitCode": {"name": "TESTS_FAILED", "code": 3}}},
            Finished(3, "TESTS_FAILED"),
        ),
        ({"id": {"buildFinished": {}}, "finished": {"exitCode": {"name": "SUCCESS"}}}, Finished(0, "SUCCESS")),
        (
            {
                "id": {"targetCompleted": {"label": "//x"}},
                "aborted": {"reason": "ANALYSIS_FAILURE", "description": "no such"},
            },
            Problem("//x", "no such", "ANALYSIS_FAILURE"),
        ),
        ({"id": {"somethingNew": {}}, "new": {}}, None),
        ({"id": {"targetCompleted": {"label": "//x", "aspect": "a"}}, "completed": {"success": True}}, None),
    ],
)
def test_other_events(event: object, expected: object) -> None:
    assert parse(json.dumps(event)) == expected


def test_half_a_line_and_garbage_are_passed_over_and_told_once() -> None:
    lines = [json.dumps(RESULT), "", "[1]", json.dumps(RESULT), '{"id":{"progr']
    first, notice, second = read(iter(lines), "run.json")
    assert isinstance(first, TestResult) and isinstance(second, TestResult)
    assert notice == Notice("run.json:3", "no build event (not a JSON object): '[1]'; broken lines are left out")


@pytest.mark.parametrize(
    "event",
    [
        5,
        {"id": 5},
        {"id": {"testResult": 5}, "testResult": {}},
        {"id": {"testResult": {"label": 5}}, "testResult": {}},
        {"id": {"testResult": {"label": "//a", "shard": "x"}}, "testResult": {}},
        {"id": {"testResult": {"label": "//a", "shard": 1e999}}, "testResult": {}},
        {"id": {"testResult": {"label": "//a"}}, "testResult": {"testAttemptStart": "yesterday"}},
        {"id": {"testResult": {"label": "//a"}}, "testResult": {"testActionOutput": [{"contents": "?"}]}},
        {"id": {"testResult": {"label": "//a"}}, "testResult": {"executionInfo": [1]}},
        {"id": {"buildMetadata": {}}, "buildMetadata": {"metadata": [1]}},
        {"id": {"workspaceStatus": {}}, "workspaceStatus": {"item": [{"value": "no key"}]}},
        {"id": {"targetCompleted": {}}, "aborted": "no"},
    ],
)
def test_wrong_types_are_one_clear_problem(event: object) -> None:
    line = json.dumps(event)
    with pytest.raises(ValueError, match="^no build event "):
        parse(line)


@pytest.mark.parametrize("line", ["", "{", b"\xff\xfe", "nul\0l", '"' + "a" * 10_000, "[" * 100_000])
def test_garbage_is_one_short_problem(line: str | bytes) -> None:
    with pytest.raises(ValueError, match="^no build event ") as caught:
        parse(line)
    assert len(str(caught.value)) < 250


def test_lone_surrogates_do_not_lose_an_event() -> None:
    result = parse('{"id":{"testResult":{"label":"//a:\\udcff"}},"testResult":{}}')
    assert isinstance(result, TestResult) and result.label == "//a:�"
