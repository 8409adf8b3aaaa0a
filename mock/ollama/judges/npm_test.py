"""npm's `ollama` and `openai`, unmodified, as judges: their tests in npm/ run under Node, against the mock."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from mock.client.pytest_plugin import MockServer

_HERE = Path(__file__).parent / "npm"


def _modules() -> Path:
    """The installed packages. Skips, with the reason, where no npm registry could be reached."""
    missing = Path(os.environ["SAMEWIRE_NPM"]).absolute()
    folder = missing.parent
    if not (folder / "node_modules").is_dir():
        pytest.skip(f"npm's packages are not here: {missing.read_text()}")
    return folder / "node_modules"


@pytest.mark.parametrize("name", ["ollama", "openai"])
def test_judged(name: str, mock_server: MockServer, tmp_path: Path) -> None:
    modules = _modules()
    server = mock_server("ollama")
    server.configure("ollama", token_s=0.01)  # a stream can be left only while it runs
    script = tmp_path / f"{name}.test.mjs"
    shutil.copy(_HERE / script.name, script)
    shutil.copytree(modules, tmp_path / "node_modules")
    node = str(Path(os.environ["SAMEWIRE_NODE"]).absolute())
    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", str(script)],
        env={"PATH": os.environ.get("PATH", ""), "SAMEWIRE_URL": server.url, "NO_COLOR": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "# skipped 0" in done.stdout
    assert int(done.stdout.partition("# pass ")[2].split()[0]) > 5
