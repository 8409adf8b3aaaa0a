"""The wheel, installed as users do, in a repository that knows neither Bazel nor us."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

WHEEL = Path(os.environ["WHEEL"]).absolute()
UV = Path(os.environ["UV"]).absolute()

SOURCE = """
import itertools, pytest
count = itertools.count()
@pytest.mark.flaky(reruns=2)
def test_third(): assert next(count) == 2
@pytest.mark.quarantine
def test_ill(): assert 0
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder of packages that holds the wheel alone."""
    site = tmp_path / "site"
    words: list[str | Path] = [
        UV,
        "pip",
        "install",
        "--offline",
        "--no-index",
        "--no-deps",
        "--no-cache",
        "--target",
        site,
        WHEEL,
    ]
    subprocess.run([*words, "--python", sys.executable], check=True, capture_output=True, text=True)
    return site


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs pytest, found where this test finds it; our own sources are not on the path."""
    paths = [str(installed), *(path for path in sys.path if path and not Path(path, "tools", "pytest_plugin").is_dir())]
    keep = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=folder,
        env=keep | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )


def test_pytest_finds_it_by_itself(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(SOURCE)
    ran = run(installed, tmp_path, "-ra")
    assert "plugins: " in ran.stdout
    assert "samewire-0.1.0" in ran.stdout
    assert "1 passed, 2 rerun, 1 quarantined" in ran.stdout, ran.stdout + ran.stderr
    assert ran.returncode == 0
    assert (tmp_path / ".pytest_flaky_history.json").exists()


def test_markers_are_known_in_strict_mode(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(SOURCE)
    ran = run(installed, tmp_path, "--strict-markers", "--strict-config", "-W", "error")
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_holds_the_package_and_no_test() -> None:
    with zipfile.ZipFile(WHEEL) as wheel:
        names = wheel.namelist()
        metadata = wheel.read("pytest_samewire-0.1.0.dist-info/METADATA").decode()
        entry = wheel.read("pytest_samewire-0.1.0.dist-info/entry_points.txt").decode()
    assert {name.split("/")[0] for name in names} == {"pytest_samewire", "pytest_samewire-0.1.0.dist-info"}
    assert "pytest_samewire/py.typed" in names
    assert not [name for name in names if "test" in name.removeprefix("pytest_samewire")]
    assert [line for line in metadata.splitlines() if line.startswith("Requires-Dist")] == [
        "Requires-Dist: pytest>=8.2",
        'Requires-Dist: pyyaml>=6; extra == "quarantine"',
        'Requires-Dist: pytest-xdist>=3.6; extra == "xdist"',
    ]
    assert entry.split() == ["[pytest11]", "samewire", "=", "pytest_samewire.plugin"]


def test_needs_nothing_but_pytest(installed: Path, tmp_path: Path) -> None:
    """Imports of every module, with what is neither ours nor pytest's nor Python's shut out."""
    script = tmp_path / "imports.py"
    script.write_text(
        "import sys, pkgutil, importlib, pytest, _pytest.runner, _pytest.junitxml\n"
        "known = set(sys.modules)\n"
        "import pytest_samewire\n"
        "for each in pkgutil.iter_modules(pytest_samewire.__path__):\n"
        "    importlib.import_module('pytest_samewire.' + each.name)\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - known} - set(sys.stdlib_module_names)\n"
        "assert new == {'pytest_samewire'}, new\n"
    )
    paths = [str(installed), *(path for path in sys.path if path)]
    subprocess.run([sys.executable, script], env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}, check=True)
