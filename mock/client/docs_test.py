"""docs/mock-servers.md does what it says: its blocks are run in order, in one shell and one Python.

A block after a shell block is what that prints; "…" stands for anything. One that begins with a comment "# FILE" is
written to that file.
"""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mock.client.process import command

DOCS = Path("docs/mock-servers.md")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (\S+\.(?:py|yaml))\n")
# A block has so many seconds: one that waits for a server that did not start would wait for ever.
WITHIN = 20
_PORTS = ("8000", "8001", "8002", "8003")


@dataclass
class Block:
    kind: str
    text: str
    line: int
    printed: str | None = None


def blocks() -> list[Block]:
    text = DOCS.read_text(encoding="utf-8")
    for port in _PORTS:
        text = text.replace(port, str(_free()))
    found: list[Block] = []
    end = -1
    for match in _BLOCK.finditer(text):
        block = Block(match[1], match[2], text.count("\n", 0, match.start()) + 1)
        if found and found[-1].kind == "sh" and block.kind in ("json", "text") and match.start() == end + 1:
            found[-1].printed = block.text
        else:
            found.append(block)
        end = match.end()
    return found


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Shell:
    """One bash for all blocks, with `./samewire` and `python` as a user has them."""

    def __init__(self, folder: Path) -> None:
        # pytest puts the folder above a test's package first, and there `ollama` is the mock.
        roots = os.pathsep.join(path for path in sys.path if Path(path).name != "mock")
        program = " ".join(f"'{word}'" for word in command())
        _script(folder / "samewire", f'[ "$1" = mock ] && shift\nexport PYTHONPATH=\'{roots}\'\nexec {program} "$@"')
        _script(folder / "python", f"exec '{sys.executable}' \"$@\"")
        environ = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": roots}
        if said := environ.get("SAMEWIRE_MOCK"):
            environ["SAMEWIRE_MOCK"] = str(Path(said).absolute())
        self._errors = folder / "stderr"
        with self._errors.open("w") as errors:
            self._bash = subprocess.Popen(
                ["bash", "--norc"],
                cwd=folder,
                env=environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )

    def run(self, text: str) -> str:
        assert self._bash.stdin is not None and self._bash.stdout is not None
        # Servers in the background write to files of their own, so that what a block prints is the block's.
        text = re.sub(r"(--ready-file \w+) &$", r"\1 > server.log &", text, flags=re.MULTILINE)
        self._bash.stdin.write(f"{text}\nprintf '\\0'\n".encode())
        self._bash.stdin.flush()
        said = b""
        end = time.monotonic() + WITHIN
        while not said.endswith(b"\0"):
            ready, _, _ = select.select([self._bash.stdout], [], [], max(end - time.monotonic(), 0))
            assert ready, f"not done within {WITHIN} s:\n{text}\n{said!r}\n{self.errors()}"
            piece = os.read(self._bash.stdout.fileno(), 65536)
            assert piece, f"bash ended: {said!r}\n{self.errors()}"
            said += piece
        return said[:-1].decode()

    def errors(self) -> str:
        """What was said to stderr so far."""
        return self._errors.read_text(encoding="utf-8")

    def close(self) -> None:
        """With all that runs in the background, and in the middle of a block too."""
        os.killpg(self._bash.pid, signal.SIGTERM)
        assert self._bash.stdin is not None and self._bash.stdout is not None
        self._bash.stdin.close()
        self._bash.stdout.close()
        self._bash.wait(10)


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def _as_pattern(printed: str) -> str:
    return ".*".join(re.escape(part) for part in printed.strip().split("…"))


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    bash = Shell(tmp_path)
    yield bash
    bash.close()


def test_every_block_does_what_it_says(shell: Shell, tmp_path: Path) -> None:
    names: dict[str, Any] = {}
    ran = 0
    for block in blocks():
        at = f"{DOCS}:{block.line}"
        if named := _FILE.match(block.text):
            (tmp_path / named[1]).write_text(block.text, encoding="utf-8")
        elif block.kind == "sh":
            said = shell.run(block.text).strip()
            if block.printed is not None:
                assert re.fullmatch(_as_pattern(block.printed), said, re.DOTALL), (
                    f"{at} prints\n{said}\n{shell.errors()}"
                )
            ran += 1
        elif block.kind == "python":
            exec(compile("\n" * block.line + block.text, str(DOCS), "exec"), names)
            ran += 1
        else:
            assert block.kind == "starlark", at
    assert ran > 10
