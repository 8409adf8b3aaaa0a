"""Whether a change can reach a test at all: Bazel knows what every test is made of.

A red test that the change cannot reach is not the change's fault (DeFlaker's idea, by targets instead of coverage). It
is asked only when something is red, within a bounded time, and it errs on one side: "cannot reach" is said only where
every changed file is known to be no part of the test. Tests run in a sandbox: what is no part of them they cannot read.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from tools.runs.check.verdict import Reach

SECONDS = 30.0
MOST = 2_000  # changed files: more are a change of everything
BUILD_FILES = ("BUILD", "BUILD.bazel")
# These decide how everything is built and run.
ROOT = frozenset(
    {".bazelrc", ".bazelversion", "MODULE.bazel", "MODULE.bazel.lock", "WORKSPACE", "WORKSPACE.bazel", "user.bazelrc"}
)
MODULE_LABEL = re.compile(r'"//([\w./+-]*):([\w./+-]+)"')
LABEL = re.compile(r"//[\w/.:@+~=,-]*")

# (expression, end on time.monotonic's clock) → labels, None where there was no answer by then.
Query: TypeAlias = Callable[[str, float], "list[str] | None"]


@dataclass(frozen=True, slots=True)
class Answer:
    """`why` in words, for people."""

    reach: Reach = "unknown"
    why: str = ""


def reach(
    workspace: Path, labels: Collection[str], changed: Sequence[str] | None, query: Query | None = None
) -> dict[str, Answer]:
    """What a change has to do with each of some test targets.

    Args:
        workspace: its root.
        labels: of the tests; those that are not here are unknown in the answer.
        changed: files by their paths from the root; None where nobody knows.
        query: asks Bazel; by default the workspace's.

    Returns:
        Label → answer; without those of which nothing can be said. Never raises.
    """
    query = query or Bazel(workspace)
    tests = sorted(label for label in labels if LABEL.fullmatch(label))
    if changed is None or not tests or len(changed) > MOST:
        return {}
    if not changed:
        return dict.fromkeys(tests, Answer("unreachable", "nothing is changed"))
    if (path := _decides_all(workspace, changed)) is not None:
        return dict.fromkeys(tests, Answer("unknown", f"{path} may reach everything"))
    ends = time.monotonic() + SECONDS
    asked = f"set({' '.join(tests)})"
    deps = query(f"deps({asked})", ends)
    if deps is None:
        return {}
    answers: dict[str, Answer] = {}
    for words, suspects in _suspects(workspace, changed, deps, query, asked, ends):
        quoted = " ".join(f'"{label}"' for label in suspects)
        hit = tests if suspects == _ALL else query(f"{asked} intersect rdeps(deps({asked}), set({quoted}))", ends)
        if hit is None:
            return {}
        for label in hit:
            answers.setdefault(label, Answer("reachable", words))
    one = f"{changed[0]} is no part of it"
    words = one if len(changed) == 1 else f"none of the {len(changed)} changed files is a part of it"
    return {label: answers.get(label, Answer("unreachable", words)) for label in tests}


_ALL = ["//..."]


def _decides_all(workspace: Path, changed: Sequence[str]) -> str | None:
    """The first file that repositories, toolchains or options may come from: no query sees where these lead."""
    try:
        text = (workspace / "MODULE.bazel").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    used = {f"{package}/{name}".lstrip("/") for package, name in MODULE_LABEL.findall(text)}
    # What lies beside an extension or below it may be a part of the extension.
    folders = tuple(path.rpartition("/")[0] + "/" for path in used if path.endswith(".bzl") and "/" in path)
    for path in changed:
        if path in ROOT or path in used or path.startswith("../") or (folders and path.startswith(folders)):
            return path
    return None


def _suspects(
    workspace: Path, changed: Sequence[str], deps: Sequence[str], query: Query, asked: str, ends: float
) -> Iterator[tuple[str, list[str]]]:
    """Parts of the tests that are changed: why in words, and their labels."""
    parts = set(deps)
    inside: dict[str, str] = {}
    packages: dict[str, str] = {}
    for path in changed:
        package = package_of(workspace, path)
        if PurePosixPath(path).suffix == ".bzl" or package is None:
            continue
        if PurePosixPath(path).name in BUILD_FILES or not (workspace / path).exists():
            # A rule changed, or a file is gone from a glob that no graph tells of: all of its package is suspect.
            packages.setdefault(package, path)
            continue
        label = next((label for label in _labels(package, path) if label in parts), None)
        if label is not None:
            inside[label] = path
    if inside:
        first, *more = inside.values()
        yield f"{first} and {len(more)} more" if more else first, list(inside)
    for package, path in packages.items():
        if mine := [label for label in deps if label.startswith(f"//{package}:")]:
            yield path, mine
    if loaded := [path for path in changed if path.endswith(".bzl")]:
        files = query(f"buildfiles(deps({asked}))", ends)
        known = {label.removeprefix("//").replace(":", "/", 1).lstrip("/") for label in files or ()}
        if hit := next((path for path in loaded if files is None or path in known), None):
            yield hit, _ALL  # Macros reach far: which of the tests use it is not asked.


def package_of(workspace: Path, path: str) -> str | None:
    """The package of a file that is or was there: the nearest folder above with a BUILD file."""
    for folder in PurePosixPath(path).parents:
        if any((workspace / folder / name).is_file() for name in BUILD_FILES):
            return "" if str(folder) == "." else str(folder)
    return None


def _labels(package: str, path: str) -> Iterator[str]:
    """What a file may be in Bazel's graph: itself, or a folder above it that is taken as a whole."""
    name = PurePosixPath(path.removeprefix(f"{package}/") if package else path)
    yield f"//{package}:{name}"
    for folder in name.parents:
        if str(folder) != ".":
            yield f"//{package}:{folder}"


class Bazel:
    """Asks the workspace's Bazel. Its server keeps the graph in memory: an answer takes a fraction of a second."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace

    def __call__(self, expression: str, ends: float) -> list[str] | None:
        """The labels of a query; None where there was no answer before `ends` (time.monotonic)."""
        left = ends - time.monotonic()
        if left <= 0:
            return None
        command = [str(self._workspace / "bazelw"), "query", "--keep_going", "--output=label", "--noshow_progress"]
        try:
            done = subprocess.run(
                [*command, "--ui_event_filters=-info", "--", expression],
                cwd=self._workspace,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=left,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        # 3: some of it could not be found; what was found stands.
        return done.stdout.decode(errors="replace").splitlines() if done.returncode in (0, 3) else None
