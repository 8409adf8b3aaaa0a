"""Can the change reach the test? The graph is played; where nobody knows, nobody says no."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tools.runs.check.reach import Answer, Bazel, package_of, reach

RED, OTHER = "//a:a_test", "//b:b_test"
# Test → what it is made of.
GRAPH = {
    RED: ["//a:a_test", "//a:a.py", "//lib:lib", "//lib:lib.py", "//a:testdata"],
    OTHER: ["//b:b_test", "//b:b.py", "//lib:lib", "//lib:lib.py"],
}


def query(expression: str, ends: float) -> list[str] | None:
    """A graph that answers the three questions that are asked of it."""
    tests = [label for label in GRAPH if label in expression.split("rdeps")[0]]
    if expression.startswith("buildfiles"):
        return ["//a:BUILD.bazel", "//b:BUILD.bazel", "//lib:BUILD.bazel", "//tools:defs.bzl"]
    if "rdeps" in expression:
        wanted = expression.rpartition("set(")[2].replace(")", "").replace('"', "").split()
        return [label for label in tests if set(wanted) & set(GRAPH[label])]
    return [part for label in tests for part in GRAPH[label]]


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., dict[str, Answer]]:
    for folder in ("a", "a/testdata", "b", "lib", "docs", "tools", "tools/python"):
        (tmp_path / folder).mkdir()
    for package in ("", "a", "b", "lib", "tools"):
        (tmp_path / package / "BUILD.bazel").touch()
    for name in ("a/a.py", "b/b.py", "lib/lib.py", "a/testdata/x", "tools/defs.bzl", "tools/alone.bzl", "docs/x.md"):
        (tmp_path / name).touch()
    (tmp_path / "MODULE.bazel").write_text(
        'x = use_extension("//tools/python:extensions.bzl", "x")\nx.lock(lock = "//lib:lock.txt")\n'
    )
    return lambda *changed: reach(tmp_path, [RED, OTHER], list(changed), query)


def test_what_a_test_is_made_of_reaches_it(ask: Callable[..., dict[str, Answer]]) -> None:
    assert ask("a/a.py") == {
        RED: Answer("reachable", "a/a.py"),
        OTHER: Answer("unreachable", "a/a.py is no part of it"),
    }


def test_through_a_library(ask: Callable[..., dict[str, Answer]]) -> None:
    assert {answer.reach for answer in ask("lib/lib.py", "docs/x.md").values()} == {"reachable"}


def test_a_folder_that_is_one_label(ask: Callable[..., dict[str, Answer]]) -> None:
    assert ask("a/testdata/x")[RED].reach == "reachable"


def test_what_only_people_read_reaches_nothing(ask: Callable[..., dict[str, Answer]]) -> None:
    answers = ask("docs/x.md", "b/new_and_unused.py")
    assert answers[RED] == Answer("unreachable", "none of the 2 changed files is a part of it")


@pytest.mark.parametrize(
    ("path", "red", "other"),
    [
        ("a/BUILD.bazel", "reachable", "unreachable"),
        ("a/was_here.py", "reachable", "unreachable"),  # gone: a glob may have had it
        ("lib/gone.py", "reachable", "reachable"),
        ("tools/defs.bzl", "reachable", "reachable"),
        ("tools/alone.bzl", "unreachable", "unreachable"),
        ("MODULE.bazel", "unknown", "unknown"),
        ("../elsewhere.py", "unknown", "unknown"),
        (".bazelrc", "unknown", "unknown"),
        ("lib/lock.txt", "unknown", "unknown"),  # MODULE.bazel names it
        ("tools/python/private/install.py", "unknown", "unknown"),  # beside an extension
    ],
)
def test_what_graphs_do_not_tell(ask: Callable[..., dict[str, Answer]], path: str, red: str, other: str) -> None:
    answers = ask(path)
    assert (answers[RED].reach, answers[OTHER].reach) == (red, other)


def test_no_change_reaches_nothing(ask: Callable[..., dict[str, Answer]]) -> None:
    assert ask()[RED] == Answer("unreachable", "nothing is changed")


@pytest.mark.parametrize("answers", [0, 1])
def test_where_bazel_does_not_answer_nothing_is_said(tmp_path: Path, answers: int) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "BUILD").touch()
    (tmp_path / "a" / "a.py").touch()
    said = iter([GRAPH[RED]][:answers])
    assert reach(tmp_path, [RED], ["a/a.py"], lambda expression, ends: next(said, None)) == {}


def test_unknown_changes_and_labels_that_are_none(tmp_path: Path) -> None:
    assert reach(tmp_path, [RED], None, query) == {}
    assert reach(tmp_path, ["some suite", '//a:b" + //...'], ["a"], query) == {}
    assert reach(tmp_path, [RED], ["x"] * 3_000, query) == {}


def test_packages_of_what_is_gone(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "BUILD").touch()
    assert package_of(tmp_path, "a/b/c.py") == "a" and package_of(tmp_path, "x/c.py") is None


@pytest.mark.parametrize(
    ("script", "answer"),
    [("echo //a:b; exit 0", ["//a:b"]), ("echo //a:b; exit 3", ["//a:b"]), ("exit 7", None), ("sleep 20", None)],
)
def test_bazel_is_asked(tmp_path: Path, script: str, answer: list[str] | None) -> None:
    import time

    (tmp_path / "bazelw").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "bazelw").chmod(0o755)
    started = time.monotonic()
    assert Bazel(tmp_path)("deps(//a:b)", started + 1) == answer
    assert time.monotonic() - started < 10
    assert Bazel(tmp_path / "none")("deps(//a:b)", started + 100) is None
    assert Bazel(tmp_path)("deps(//a:b)", started) is None
