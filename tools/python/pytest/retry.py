"""Runs a target's red cases again, each round in a fresh process, without hiding that they were red."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tools.python.pytest.case import Case
from tools.python.pytest.recorder import read_full

# Read by the first process and not meant for the second.
_FIRST_ONLY = {
    "TESTBRIDGE_TEST_ONLY",
    "TEST_PREMATURE_EXIT_FILE",
    "TEST_SHARD_INDEX",
    "TEST_SHARD_STATUS_FILE",
    "TEST_TOTAL_SHARDS",
    "TEST_UNDECLARED_OUTPUTS_DIR",
    "XML_OUTPUT_FILE",
}


def again(command: Sequence[str], nodes: Sequence[str], attempt: int, folder: Path) -> list[Case]:
    """Runs `nodes` once more.

    Args:
        command: this runner's own arguments, without the interpreter.
        nodes: pytest node ids.
        attempt: 2 for the first repetition.
        folder: an empty or new folder of this attempt's own.

    Returns:
        The cases as they ended this time; a crash of the process leaves out what had not ended.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted, ended = folder / "nodes.json", folder / "cases.jsonl"
    wanted.write_text(json.dumps(list(nodes)), encoding="utf-8")
    environ = {name: value for name, value in os.environ.items() if name not in _FIRST_ONLY}
    environ |= {"PYTHONPATH": os.pathsep.join(sys.path), "TEST_TMPDIR": str(folder)}
    options = [f"--attempt={attempt}", f"--nodes={wanted}", f"--record={ended}"]
    subprocess.run([sys.executable, *command[:1], *options, *command[1:]], env=environ, check=False)
    return read_full(ended)


def merged(first: Sequence[Case], later: Sequence[Case]) -> list[Case]:
    """The last word on every case: where a red one was tried again, that attempt counts, and keeps those before it."""
    last = {case.node: case for case in later}
    return [_verdict(case, last[case.node]) if case.red and case.node in last else case for case in first]


def _verdict(before: Case, after: Case) -> Case:
    return replace(after, earlier=(*before.earlier, replace(before, earlier=())))
