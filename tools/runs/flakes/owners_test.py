"""CODEOWNERS."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.runs.flakes.owners import Owners, place

OWNERS = Owners(
    """
    # everything else
    *                 @everybody
    /mock/            @mocks
    tools/cli         @cli @second
    *_load_test.py    @load   # by name
    docs/             @docs
    /proto/**/v1/     @wire
    /free/
    [Section]
    """.splitlines()
)


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("README.md", "@everybody"),
        ("mock/engine/a_test.py", "@mocks"),
        ("perf/mock/a_test.py", "@everybody"),
        ("tools/cli/a_test.py", "@cli @second"),
        ("tools/client/a_test.py", "@everybody"),
        ("mock/engine/grpc_load_test.py", "@load"),
        ("a/docs/x", "@docs"),
        ("proto/tinker/v1/x", "@wire"),
        ("proto/v1/x", "@wire"),
        ("free/x", ""),
    ],
)
def test_owner(path: str, owner: str) -> None:
    assert OWNERS.owner(path) == owner


def test_where_it_is(tmp_path: Path) -> None:
    assert Owners.of(tmp_path).owner("a") == ""
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github" / "CODEOWNERS").write_bytes(b"* @x\n\xff\xfe\n")
    assert Owners.of(tmp_path).owner("a") == "@x"


@pytest.mark.parametrize(
    ("label", "node", "path"),
    [
        ("//a/b:c_test", "", "a/b/c_test"),
        ("//a/b:c_test", "a/b/c_test.py::test_x", "a/b/c_test.py"),
        ("//:c_test", "", "c_test"),
        ("suite", "", "suite"),
    ],
)
def test_place(label: str, node: str, path: str) -> None:
    assert place(label, node) == path
