"""Commands are safe to paste."""

from __future__ import annotations

import shlex

import pytest

from tools.runs.record import CaseId
from tools.runs.report.rerun import command


@pytest.mark.parametrize(
    ("label", "node", "words"),
    [
        ("//a/b:x_test", "a/b/x_test.py::C::test_y[1 2]", ["--test_filter=a/b/x_test.py::C::test_y[1 2]"]),
        ("@other//a:x", "x.py::test_y['$(rm -rf)']", ["--test_filter=x.py::test_y['$(rm -rf)']"]),
        ("//a:x", "x.py::test[a\nb]", []),
        ("//a:x", "x.py::test[\x1b[201~rm]", []),
        ("//a:x", "x.py::test[\u202e]", []),
        ("//a:x", f"x.py::test[{'a' * 70_000}]", []),
        ("//a:x", "", []),
    ],
)
def test_command(label: str, node: str, words: list[str]) -> None:
    assert shlex.split(command(CaseId(label), node)) == ["./samewire", "check", label, *words]


@pytest.mark.parametrize("label", ["", "suite of another CI", "//a:x; rm -rf /", "//a:x --config=evil", "-//a:x"])
def test_what_bazel_did_not_run(label: str) -> None:
    assert command(CaseId(label), "x.py::test") == ""
