"""Lines as Bazel 7.7.1 writes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.runs.events import Finished, Problem, Progress, TestResult, parse, read

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
    assert parse(json.dumps(RESULT)) == TestResult("//a:b", 2, 1, "FAILED", True, 1.25, Path("/out/a b"))


def test_zero_values_are_left_out_by_bazel() -> None:
    event = {"id": {"testResult": {"label": "//a:b"}}, "testResult": {}}
    assert parse(json.dumps(event)) == TestResult("//a:b", 1, 1, "NO_STATUS", False, 0.0, None)


def test_remote_outputs_are_no_folder() -> None:
    event = {
        "id": {"testResult": {"label": "//a:b"}},
        "testResult": {"testActionOutput": [{"name": "test.log", "uri": "bytestream://h/b"}]},
    }
    result = parse(json.dumps(event))
    assert isinstance(result, TestResult) and result.outputs is None


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"id": {"progress": {}}, "progress": {"stderr": "a", "stdout": "b"}}, Progress("ab")),
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
            Problem("//x", "no such"),
        ),
        ({"id": {"somethingNew": {}}, "new": {}}, None),
    ],
)
def test_other_events(event: object, expected: object) -> None:
    assert parse(json.dumps(event)) == expected


def test_half_a_line_and_garbage_are_passed_over() -> None:
    lines = [json.dumps(RESULT), "", "[1]", '{"id":{"progr']
    assert [type(event) for event in read(iter(lines))] == [TestResult]
