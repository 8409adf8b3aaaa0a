"""Python: types, strictly, as pyproject.toml sets it; the whole tree at once, so that modules see each other."""

import os
import sys
from pathlib import Path

import pytest

from tools.lint.tree import files, findings

MYPY = [sys.executable, "-m", "mypy", "--config-file=pyproject.toml", "--no-error-summary"]
# What wire_library writes, one folder for each proto_library; what protoc writes, with types beside it.
MODELS = [entry for entry in sys.path if entry.endswith(".models")]
CLASSES = [entry for entry in sys.path if entry.endswith(".pb2")]


@pytest.fixture(autouse=True)
def same_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mypy asks its interpreter where packages are; generated models it reads as sources."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    monkeypatch.setenv("MYPYPATH", os.pathsep.join(MODELS + CLASSES))


def test_types(tmp_path: Path) -> None:
    said = findings([*MYPY, f"--cache-dir={tmp_path}", *files("*.py", "*.pyi")])
    assert not said, said


def test_types_of_generated_models(tmp_path: Path) -> None:
    generated = [
        os.path.join(folder, name)
        for root in MODELS
        for folder, _, names in os.walk(root)
        for name in names
        if name.endswith(".py")
    ]
    assert any("tinker" in path for path in generated), "//proto:wire is among the deps, and is not found"
    said = findings([*MYPY, f"--cache-dir={tmp_path}", *generated])
    assert not said, said


def test_finds_a_wrong_type(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("def double(n: int) -> str:\n    return n * 2\n")
    said = findings([*MYPY, f"--cache-dir={tmp_path / 'cache'}", bad])
    assert "bad.py:2: error: Incompatible return value type" in said


def test_finds_a_missing_type(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("def double(n):\n    return n * 2\n")
    assert "[no-untyped-def]" in findings([*MYPY, f"--cache-dir={tmp_path / 'cache'}", bad])
