"""`--record FILE`: what was asked and answered as a scenario, which `--scenario` or `replay` serves again."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from samewire.mock.v1.stub_wire import Scenario

from mock.engine.journal.cases import dump
from mock.engine.journal.recording import Recording, record

if TYPE_CHECKING:
    from mock.engine.session import Session

_YAML = (".yaml", ".yml")


def check(file: Path) -> None:
    """That it can be written at the end, told at the beginning. Raises ValueError."""
    if file.suffix not in (".json", *_YAML):
        raise ValueError(f"--record {file}: say a name that ends in .json, .yaml or .yml")
    if file.is_dir():
        raise ValueError(f"--record {file}: is a folder")
    if not os.access(file.absolute().parent, os.W_OK):
        raise ValueError(f"--record {file}: the folder is not there or can't be written to")


def write(file: Path, session: Session, *, timing: bool = False) -> Recording:
    """Whole or not at all; can be called at any time. What no stub can say is told on stderr. Raises OSError."""
    recording = record(session.journal, timing=timing)
    data = Scenario(stubs=recording.stubs).to_wire()
    text = dump(orjson.loads(data)).encode() if file.suffix in _YAML else _indented(data)
    _replace(file, text)
    for line in recording.left_out:
        print(f"samewire mock: not recorded: {line}", file=sys.stderr)
    return recording


def _indented(data: bytes) -> bytes:
    return orjson.dumps(orjson.loads(data), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _replace(file: Path, data: bytes) -> None:
    handle, beside = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.absolute().parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        Path(beside).chmod(0o644)
        Path(beside).replace(file)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
