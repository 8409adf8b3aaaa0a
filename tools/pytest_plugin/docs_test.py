"""docs/pytest-plugin.md does what it says: files are written and commands run in its order, with the wheel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

DOCS = Path("docs/pytest-plugin.md")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> Iterator[tuple[str, str]]:
    """Language and text of each block after the one that tells how to install."""
    found = [(match[1], match[2]) for match in BLOCK.finditer(DOCS.read_text(encoding="utf-8"))]
    assert found[0][0] == "" and "pip install" in found[0][1]
    # The day in the examples is one to come, whenever this runs.
    soon = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
    yield from ((language, text.replace("2027-01-31", soon)) for language, text in found[1:])


def test_examples(tmp_path: Path) -> None:
    site, folder = tmp_path / "site", tmp_path / "repository"
    folder.mkdir()
    uv: list[str | Path] = [Path(os.environ["UV"]).absolute(), "pip", "install", "--offline", "--no-index", "--no-deps"]
    wheel = Path(os.environ["WHEEL"]).absolute()
    subprocess.run([*uv, "--no-cache", "--target", site, wheel, "--python", sys.executable], check=True)
    paths = [str(site), *(path for path in sys.path if path and not Path(path, "tools", "pytest_plugin").is_dir())]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "TEST"))}
    environment |= {"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "120"}
    said, counts = "", {"files": 0, "commands": 0, "answers": 0}
    for language, text in blocks():
        if language in ("python", "yaml"):
            name = text.partition("\n")[0].removeprefix("# ")
            (folder / name).write_text(text)
            counts["files"] += 1
        elif language == "sh":
            script = f'pytest() {{ "{sys.executable}" -m pytest "$@"; }}\n{text}'
            ran = subprocess.run(
                ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=60
            )
            said = ran.stdout + ran.stderr
            # On a terminal both come in the order in which they are written.
            if ran.stderr.startswith("ERROR"):
                said = ran.stderr + ran.stdout
            counts["commands"] += 1
        else:
            place = 0
            for line in text.splitlines():
                found = said.find(line, place)
                assert found >= 0, f"{line!r} is not there, or not in its place:\n{said}"
                place = found + len(line)
            counts["answers"] += 1
    assert counts == {"files": 6, "commands": 5, "answers": 5}
