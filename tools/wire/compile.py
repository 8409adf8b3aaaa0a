"""Runs protoc on .proto files: sources in, serialised FileDescriptorSet out."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.wire.findings import Finding, WireError

# What grpc_tools.protoc runs, without what that imports besides: protoc itself is the shorter part.
_PROTOC = """import sys
from grpc_tools import _protoc_compiler
sys.exit(_protoc_compiler.run_main([word.encode() for word in sys.argv]))"""


def compile_protos(
    files: Sequence[str], include: Sequence[str] = (), protoc: Sequence[str] = ()
) -> tuple[bytes, tuple[str, ...]]:
    """The descriptor set of `files` with everything they import, lines and comments too; and the files' names in it.

    `files` as protoc takes them; `include` the folders that imports are looked up in, the current one when there are
    none (protoc's well-known types and google/api come without asking). `protoc`: the command to use instead of that
    of the grpcio-tools wheel. Raises WireError with protoc's own messages when it refuses the files, OSError when it
    cannot be run.
    """
    include = include or (".",)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "descriptors.binpb")
        command = [
            *(protoc or (sys.executable, "-c", _PROTOC)),
            *(f"-I{path}" for path in (*include, *_bundled())),
            "--include_imports",
            "--include_source_info",
            f"--descriptor_set_out={out}",
            *files,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise WireError(_finding(line) for line in done.stderr.splitlines() if _tells(line))
        return out.read_bytes(), tuple(_name(file, include) for file in files)


def _tells(line: str) -> bool:
    """Whether a line of protoc is about the failure; warnings are not."""
    return bool(line.strip()) and ": warning: " not in line


def _name(file: str, include: Sequence[str]) -> str:
    """The name that protoc gives a file: relative to the first folder that it is in."""
    path = os.path.normpath(file)
    for folder in map(os.path.normpath, include):
        relative = os.path.relpath(path, folder)
        if not relative.startswith("..") and os.path.isabs(path) == os.path.isabs(folder):
            return Path(relative).as_posix()
    return Path(path).as_posix()


def _bundled() -> list[str]:
    """Folders of the wheels that bring google/protobuf/*.proto and google/api/*.proto, as far as they are installed."""
    folders: list[str] = []
    for module, inside in (("grpc_tools", "_proto"), ("google.api", "../..")):
        try:
            spec = importlib.util.find_spec(module)
        except ModuleNotFoundError:
            continue
        places = (spec.submodule_search_locations or ()) if spec else ()
        folders.extend(os.path.normpath(os.path.join(place, inside)) for place in places)
    return folders


def _finding(line: str) -> Finding:
    """protoc's `file:line:column: message`, which is shown as it is but for the column."""
    match = re.match(r"((?:(?!: ).)+?\.proto):(?:(\d+):\d+:)? *(.*)", line)
    file, number, message = match.groups() if match else ("protoc", None, line)
    return Finding(file, int(number or 0), "", message.strip().rstrip("."), "")
