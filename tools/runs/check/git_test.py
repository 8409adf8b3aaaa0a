"""What git says, and what is said where it says nothing."""

from __future__ import annotations

import pytest

from tools.runs.check.conftest import Workspace
from tools.runs.check.git import Tree, changed, tree


@pytest.fixture
def repository(workspace: Workspace) -> Workspace:
    workspace.git("init", "-q", "-b", "main")
    for name in ("a.py", "b.py"):
        (workspace.folder / name).write_text(name)
        workspace.git("add", name)
        workspace.git("commit", "-q", "-m", name)
    return workspace


def test_no_repository(workspace: Workspace) -> None:
    assert tree(workspace.folder) == Tree() and changed(workspace.folder) is None


def test_a_clean_tree(repository: Workspace) -> None:
    commit = repository.git("rev-parse", "HEAD").strip()
    assert tree(repository.folder) == Tree(commit, "main", dirty=False)


def test_a_repository_without_commits(workspace: Workspace) -> None:
    workspace.git("init", "-q", "-b", "main")
    assert tree(workspace.folder) == Tree("", "main", dirty=True) and changed(workspace.folder) is None


@pytest.mark.parametrize("name", ["a.py", "new é\n.py"])
def test_a_change_that_is_not_committed(repository: Workspace, name: str) -> None:
    (repository.folder / name).write_text("other")
    assert tree(repository.folder).dirty and changed(repository.folder) == [name]


def test_the_main_branch_clean_is_compared_with_the_commit_before(repository: Workspace) -> None:
    assert changed(repository.folder) == ["b.py"]


def test_a_branch_is_compared_with_where_it_left_the_main_one(repository: Workspace) -> None:
    repository.git("checkout", "-q", "-b", "topic")
    (repository.folder / "c.py").write_text("c")
    repository.git("add", "c.py")
    repository.git("rm", "-q", "a.py")
    repository.git("commit", "-q", "-m", "topic")
    (repository.folder / "d.py").write_text("d")
    assert changed(repository.folder) == ["a.py", "c.py", "d.py"]
    assert changed(repository.folder, "HEAD") == ["d.py"]


def test_a_detached_head_has_no_branch(repository: Workspace) -> None:
    repository.git("checkout", "-q", "--detach")
    assert tree(repository.folder).branch == ""


def test_paths_are_from_the_workspace_and_not_from_the_repository(repository: Workspace) -> None:
    nested = repository.folder / "nested"
    nested.mkdir()
    (nested / "x.py").write_text("x")
    (repository.folder / "a.py").write_text("other")
    assert changed(nested) == ["../a.py", "x.py"]
