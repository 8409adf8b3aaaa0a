from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tools.wire.conformance import suite


def _runner(folder: Path, script: str) -> Path:
    path = folder / "runner"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_counts_are_read(tmp_path: Path) -> None:
    said = "CONFORMANCE SUITE FAILED: 7 successes, 2 skipped, 1 expected failures, 3 unexpected failures."
    result = suite.run(_runner(tmp_path, f"echo '{said}' >&2; exit 1"), tmp_path, tmp_path, tmp_path / "out")
    assert (result.passed, result.skipped, result.expected, result.unexpected, result.exit_code) == (7, 2, 1, 3, 1)


def test_an_old_c_library_is_no_result(tmp_path: Path) -> None:
    said = "runner: /lib/libc.so.6: version `GLIBC_2.38' not found (required by runner)"
    with pytest.raises(suite.CannotRun, match="GLIBC_2.38"):
        suite.run(_runner(tmp_path, f'echo "{said}" >&2; exit 1'.replace("`", "\\`")), tmp_path, tmp_path, tmp_path)


def test_a_runner_that_says_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="exit code 3"):
        suite.run(_runner(tmp_path, "exit 3"), tmp_path, tmp_path, tmp_path)


def test_every_listed_case_has_a_reason() -> None:
    assert suite.unreasoned("# about\nRequired.A # because\nRequired.B\n") == ["Required.B"]
    assert suite.unreasoned(Path(__file__).with_name("known_failing.txt").read_text()) == []
