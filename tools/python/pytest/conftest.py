"""Runs the runner as Bazel does: a process of its own, its wishes in environment variables."""

import json
import os
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

RUNNER = Path(__file__).with_name("main.py")


@dataclass(frozen=True)
class Ran:
    """What one run of a target left."""

    code: int
    log: str
    left: dict[str, str]  # File name → content, of the folder that holds test.xml and the undeclared outputs.

    @property
    def suite(self) -> ET.Element:
        """The one `<testsuite>` of test.xml."""
        (suite,) = ET.fromstring(self.left["test.xml"])
        return suite

    @property
    def cases(self) -> dict[str, str]:
        """Test name → `passed` or the tag that says otherwise, from test.xml."""
        tags = ("failure", "error", "skipped", "flakyFailure")
        return {
            str(case.get("name")): next((child.tag for child in case if child.tag in tags), "passed")
            for case in self.suite.iter("testcase")
        }

    @property
    def lines(self) -> list[dict[str, Any]]:
        """cases.jsonl."""
        return [json.loads(line) for line in self.left["cases.jsonl"].splitlines()]


class Target:
    """A test target in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("pkg", "out", "tmp"):
            (folder / name).mkdir()

    def write(self, name: str, source: str) -> None:
        """Adds a source file to the target's package."""
        (self.folder / "pkg" / name).write_text(textwrap.dedent(source), encoding="utf-8")

    def start(self, *arguments: str, **environ: str) -> subprocess.Popen[str]:
        """Begins a run of all `…_test.py`; `environ` stands beside what Bazel always sets."""
        out = self.folder / "out"
        for name in ("test.xml", "cases.jsonl", "premature"):
            (out / name).unlink(missing_ok=True)
        bazel = {
            "TEST_TARGET": "//pkg:target",
            "XML_OUTPUT_FILE": str(out / "test.xml"),
            "TEST_UNDECLARED_OUTPUTS_DIR": str(out),
            "TEST_TMPDIR": str(self.folder / "tmp"),
            "TEST_PREMATURE_EXIT_FILE": str(out / "premature"),
        }
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("TEST", "PYTEST"))}
        files = sorted(str(path.relative_to(self.folder)) for path in self.folder.glob("pkg/*_test.py"))
        cut = arguments.index("--") if "--" in arguments else len(arguments)
        return subprocess.Popen(
            [sys.executable, str(RUNNER), *arguments[:cut], *files, *arguments[cut:]],
            cwd=self.folder,
            env=plain | bazel | {"PYTHONPATH": os.pathsep.join(sys.path)} | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, **environ: str) -> Ran:
        """A whole run."""
        process = self.start(*arguments, **environ)
        return self.end(process)

    def end(self, process: subprocess.Popen[str]) -> Ran:
        """Waits for a run to end."""
        log, _ = process.communicate(timeout=50)
        left = {path.name: path.read_text(encoding="utf-8") for path in (self.folder / "out").iterdir()}
        return Ran(process.returncode, log, left)


@pytest.fixture
def target(tmp_path: Path) -> Target:
    """An empty target."""
    return Target(tmp_path)


@pytest.fixture
def of(target: Target) -> Callable[[str], Target]:
    """A target of one file, `a_test.py`."""

    def make(source: str) -> Target:
        target.write("a_test.py", source)
        return target

    return make
