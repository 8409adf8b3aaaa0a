from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools.wire.conformance import suite


def _result(tmp_path: Path, *only: str) -> suite.Result:
    runner = Path(os.environ["CONFORMANCE_PROTOC"]) / "_bin" / "conformance_test_runner"
    # The runner starts the testee from where it is; relative paths hold, since a test runs in its runfiles.
    testee = Path(os.environ["CONFORMANCE_TESTEE"]).absolute()
    known = Path(os.environ["CONFORMANCE_KNOWN_FAILING"]).absolute()
    try:
        return suite.run(runner.absolute(), testee, known, tmp_path / "out", only=only)
    except suite.CannotRun as error:
        pytest.skip(str(error))


def test_all_binary_and_json_cases(tmp_path: Path) -> None:
    result = _result(tmp_path)
    print(f"{result.passed} passed, {result.expected} known to fail, {result.skipped} skipped")
    assert result.exit_code == 0, "\n".join(result.failing) or result.output
    assert result.unexpected == 0
    # The suite has thousands of cases: far fewer would mean that it did not really run.
    assert result.passed > 5000
