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
# All of buildifier's usual warnings, except:
EXCEPT = [
    "bzl-visibility",  # //tools:defs.bzl is the one door, and what it hands out stands in private/ folders
    "function-docstring",  # private functions explain themselves where they need to
    "function-docstring-args",
    "function-docstring-return",
    "native-proto",  # Bazel 7 has them, and rules_proto's copies differ between releases
    "native-proto-info",
]


def buildifier() -> list[str]:
    machine = MACHINES[platform.machine()]
    program = NPM / "node_modules/@bazel/buildifier" / f"buildifier-{platform.system().lower()}_{machine}"
    return [str(program), "--mode=check", "--lint=warn", f"--warnings=-{',-'.join(EXCEPT)}"]


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
