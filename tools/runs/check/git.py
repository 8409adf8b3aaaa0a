"""What git says of the tree that is tested."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Tree:
    """The tree when the run began.

    Attributes:
        commit: full hash; empty where git cannot say.
        branch: empty where none is checked out, as in most CI.
        dirty: something is not as in the commit, or nobody knows; files that git ignores do not count.
    """

    commit: str = ""
    branch: str = ""
    dirty: bool = True


def tree(workspace: Path) -> Tree:
    """Never raises: where there is no git, or it does not answer, nothing is known."""
    lines = _git(workspace, "status", "--porcelain=v2", "--branch", "--untracked-files=normal", "-z")
    if lines is None:
        return Tree()
    told = {}
    changed = False
    for line in lines.split("\0"):
        if line.startswith("# "):
            name, _, value = line[2:].partition(" ")
            told[name] = value
        elif line:
            changed = True
    commit = told.get("branch.oid", "")
    branch = told.get("branch.head", "")
    known = commit.isalnum()
    return Tree(commit if known else "", "" if branch == "(detached)" else branch, changed or not known)


def changed(workspace: Path, base: str = "") -> list[str] | None:
    """Files that differ from `base`, with those that git does not know yet; None where git can't say.

    Paths are from the workspace's root; what lies in the repository and outside of the workspace begins with `../`.

    Without `base` it is where this branch left the main one: origin's HEAD, main or master. On the main branch itself
    it is the commit before, when the tree is clean, else HEAD: then what is not committed yet is the change.
    """
    if not base:
        found = _base(workspace)
        if found is None:
            return None
        base = found
    diff = _git(workspace, "diff", "--name-only", "--no-renames", "-z", base, "--")
    new = _git(workspace, "ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", ":/")
    within = _git(workspace, "rev-parse", "--show-prefix")
    if diff is None or new is None or within is None:
        return None
    prefix = within.removesuffix("\n")
    names = {name for name in (*diff.split("\0"), *new.split("\0")) if name}
    return sorted(name.removeprefix(prefix) if name.startswith(prefix) else f"../{name}" for name in names)


def _base(workspace: Path) -> str | None:
    head = _one(workspace, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if not head:
        return None
    for main in ("origin/HEAD", "origin/main", "origin/master", "main", "master"):
        fork = _one(workspace, "merge-base", main, "HEAD")
        if fork and fork != head:
            return fork
    if _git(workspace, "status", "--porcelain", "-z"):
        return head
    return _one(workspace, "rev-parse", "--verify", "--quiet", "HEAD~1^{commit}") or None


def _one(workspace: Path, *arguments: str) -> str:
    return (_git(workspace, *arguments) or "").strip()


def _git(workspace: Path, *arguments: str) -> str | None:
    # No optional locks: a run that looks on must not make a commit next door fail.
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    command: Sequence[str] = ["git", "-c", "core.quotepath=off", "-C", str(workspace), *arguments]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="surrogateescape") if done.returncode == 0 else None
