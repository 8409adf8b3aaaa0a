"""Starlark: buildifier's format and its warnings."""

import os
import platform
from pathlib import Path

import pytest

from tools.lint.tree import files, findings

NPM = Path(os.environ["NPM"]).parent
MISSING = (NPM / "missing.txt").read_text(encoding="utf-8").strip()

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"npm brings buildifier, and could not: {MISSING}")

MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64", "riscv64": "riscv64"}
# buildifier's usual warnings; but docstrings of private functions are nobody's business, and Bazel 7 has proto_library.
WARNINGS = "-function-docstring,-function-docstring-args,-function-docstring-return,-native-proto"


def buildifier() -> list[str]:
    machine = MACHINES[platform.machine()]
    program = NPM / "node_modules/@bazel/buildifier" / f"buildifier-{platform.system().lower()}_{machine}"
    return [str(program), "--mode=check", "--lint=warn", f"--warnings={WARNINGS}"]


def test_format_and_warnings() -> None:
    found = files("BUILD.bazel", "*.bzl", "MODULE.bazel", "WORKSPACE")
    assert not (said := findings([*buildifier(), *found])), f"run: buildifier FILE\n{said}"


def test_finds_a_wrong_format(tmp_path: Path) -> None:
    bad = tmp_path / "BUILD.bazel"
    bad.write_text("filegroup(srcs=[], name='a')\n")
    assert "BUILD.bazel # reformat" in findings([*buildifier(), bad])


def test_finds_an_unused_variable(tmp_path: Path) -> None:
    bad = tmp_path / "bad.bzl"
    bad.write_text('"""Bad."""\n\ndef f():\n    """Nothing."""\n    unused = 1\n')
    assert "unused-variable" in findings([*buildifier(), bad])
