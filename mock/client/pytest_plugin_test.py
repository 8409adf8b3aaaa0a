"""The fixture as a test uses it, and what a test that fails shows."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from mock.client.process import MockNotStarted, MockProcess, command
from mock.client.pytest_plugin import MockServer

FAILING = """
import urllib.request

def test_one(mock_server):
    mock = mock_server("ollama")
    mock.when(path="/api/version").reply(json={"version": "from the stub"})
    urllib.request.urlopen(mock.url + "/api/version").read()
    mock.verify(path="/api/tags")

def test_two(mock_server):
    assert mock_server("ollama").journal() == []
"""


def test_a_session_of_its_own(mock_server: MockServer) -> None:
    one, two = mock_server("ollama"), mock_server("ollama")
    assert one.address == two.address
    assert one.session != two.session
    one.when(path="/api/version").reply(json={"version": "mine"})
    with urllib.request.urlopen(one.url + "/api/version") as answer:
        assert answer.read() == b'{"version":"mine"}'
    one.verify(path="/api/version", count=1)
    two.verify(path="/api/version", never=True)


def test_other_words_are_another_server(mock_server: MockServer) -> None:
    assert mock_server("ollama").address != mock_server("ollama", "--seed", "7").address


def test_a_failed_test_shows_what_its_mock_saw(tmp_path: Path) -> None:
    (tmp_path / "a_test.py").write_text(FAILING, encoding="utf-8")
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "mock.client.pytest_plugin",
        "-p",
        "no:cacheprovider",
        "a_test.py",
    ]
    # pytest puts the folder above a test's package first, and there `ollama` is the mock.
    roots = [path for path in sys.path if Path(path).name != "mock"]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(roots)}
    if said := environ.get("SAMEWIRE_MOCK"):
        environ["SAMEWIRE_MOCK"] = str(Path(said).absolute())
    done = subprocess.run(words, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "Mock session test_one-" in done.stdout
    assert "/api/version -> 200" in done.stdout
    assert "from the stub" in done.stdout
    assert "wanted at least 1, but none came" in done.stdout


def test_the_server_ends_with_its_process() -> None:
    with MockProcess("ollama") as process:
        assert process.running()
        pid = process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_server_that_does_not_start_says_why() -> None:
    with pytest.raises(MockNotStarted, match=r"ended with exit code 2(.|\n)*no-such"):
        MockProcess("no-such")


def test_how_the_program_is_found(tmp_path: Path) -> None:
    program = tmp_path / "mock"
    program.touch()
    assert command({"SAMEWIRE_MOCK": str(program)}) == [str(program)]
    assert command({"SAMEWIRE_MOCK": "mock", "RUNFILES_DIR": str(tmp_path)}) == [str(program)]
    with pytest.raises(MockNotStarted, match="there is no such file"):
        command({"SAMEWIRE_MOCK": str(tmp_path / "none")})
    samewire = tmp_path / "samewire"
    samewire.touch(mode=0o755)
    assert command({"PATH": str(tmp_path)}) == [str(samewire), "mock"]
    assert command({"PATH": ""}) == [sys.executable, "-m", "mock.cli"]
