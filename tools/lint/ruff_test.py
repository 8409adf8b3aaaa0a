"""Python: ruff's rules and ruff's format, as pyproject.toml sets them."""

import os
from pathlib import Path

from tools.lint.tree import files, findings

RUFF = os.environ["RUFF"]
OPTIONS = ["--config=pyproject.toml", "--no-cache", "--quiet"]
CHECK = [RUFF, "check", *OPTIONS, "--output-format=concise"]
FORMAT = [RUFF, "format", *OPTIONS, "--check", "--diff"]


def test_rules() -> None:
    assert not (said := findings([*CHECK, *files("*.py")])), said


def test_format() -> None:
    assert not (said := findings([*FORMAT, *files("*.py")])), f"run: ruff format\n{said}"


def test_finds_an_unused_import(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text('"""Bad."""\n\nimport os\n')
    assert "bad.py:3:8: F401" in findings([*CHECK, tmp_path / "bad.py"])


def test_finds_a_wrong_quote(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("A = 'a'\n")
    assert '+A = "a"' in findings([*FORMAT, tmp_path / "bad.py"])
