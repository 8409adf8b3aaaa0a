"""Sessions of pytest with the plugin, in a folder of their own."""

from __future__ import annotations

import json
import os
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]


@dataclass(frozen=True)
class Ran:
    """What one session left."""

    result: pytest.RunResult
    folder: Path

    @property
    def text(self) -> str:
        return self.result.stdout.str() + self.result.stderr.str()

    @property
    def code(self) -> int:
        return int(self.result.ret)

    @property
    def counts(self) -> dict[str, int]:
        """`{"passed": 3, "rerun": 1}`, as the last line says."""
        return {word: count for word, count in self.result.parseoutcomes().items() if word != "warnings"}

    @property
    def history(self) -> dict[str, str]:
        """Test → its results by first letters, of the history file; the file's name is left out."""
        held = json.loads((self.folder / ".pytest_flaky_history.json").read_text())["test_results"]
        return {node.split("::", 1)[1]: "".join(word[0] for word in words) for node, words in held.items()}

    @property
    def cases(self) -> dict[str, ET.Element]:
        """Name → `<testcase>` of test.xml."""
        every = list(ET.parse(self.folder / "test.xml").iter("testcase"))
        named = {str(case.get("name")): case for case in every}
        assert len(named) == len(every), "a test stands in test.xml twice"
        return named

    def properties(self, name: str) -> dict[str, str]:
        """Of one test case in test.xml."""
        return {str(each.get("name")): str(each.get("value")) for each in self.cases[name].iter("property")}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "flaky: marks are made here, and not used")


# The older form of test.xml: the newer one warns of properties, and warnings may be errors here.
_ALWAYS = ("-p", "no:cacheprovider", "--junitxml=test.xml", "-o", "junit_family=xunit1")

Session = Callable[..., Ran]


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Session:
    """`session(source, "-q", "--reruns=1")`: writes test_a.py and runs pytest on it, in this process.

    `session(None, ...)` runs what is there once more. `process=True`: in a process of its own. `first`: what stands
    before the plugin.
    """
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(source: str | None, *arguments: str, first: tuple[str, ...] = (), process: bool = False) -> Ran:
        if source is not None:
            pytester.makepyfile(test_a=source)
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
        words = [*first, "-p", "pytest_samewire.plugin", *_ALWAYS, *arguments]
        result = pytester.runpytest_subprocess(*words) if process else pytester.runpytest_inprocess(*words)
        return Ran(result, pytester.path)

    return run
