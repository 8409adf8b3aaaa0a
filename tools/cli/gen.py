"""`samewire gen`: the generator on anybody's .proto files, outside Bazel."""

from __future__ import annotations

import importlib.resources
import tempfile
from collections.abc import Sequence
from pathlib import Path

import typer
from grpc_tools import protoc

from tools.runs.check import Exit
from tools.wire import emit
from tools.wire.load import WireError, load


def run(files: Sequence[Path], includes: Sequence[Path], out: Path, emitters: Sequence[str]) -> Exit:
    """Writes what `emitters` make of the files below `out`; findings are printed with file:line and the way out."""
    missing = [path for path in files if not path.is_file()]
    if missing:
        typer.echo("".join(f"samewire gen: {path}: no such file\n" for path in missing), err=True, nl=False)
        return Exit.MISUSE
    roots = [path.resolve() for path in includes] or [Path.cwd()]
    try:
        names = [_name(path.resolve(), roots) for path in files]
    except ValueError as error:
        typer.echo(f"samewire gen: {error}", err=True)
        return Exit.MISUSE
    descriptors = _compile(names, roots)
    if descriptors is None:
        return Exit.FINDINGS  # protoc has said what and where
    try:
        schema = load(descriptors, names)
    except WireError as error:
        typer.echo(str(error), err=True)
        return Exit.FINDINGS
    written = 0
    for emitter in emitters:
        for name, text in sorted(emit.EMITTERS[emitter](schema).items()):
            target = out / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            written += 1
    typer.echo(f"{written} files in {out}")
    return Exit.GOOD


def _name(path: Path, roots: Sequence[Path]) -> str:
    """The name under which protoc knows the file: its path below one of the roots."""
    for root in roots:
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    raise ValueError(f"{path}: in none of the import folders; name its folder with -I")


def _compile(names: Sequence[str], roots: Sequence[Path]) -> bytes | None:
    with tempfile.TemporaryDirectory(prefix="samewire-") as scratch:
        output = Path(scratch) / "set.bin"
        arguments = [
            "protoc",
            *(f"-I{root}" for root in roots),
            f"-I{bundled()}",
            f"-I{importlib.resources.files('grpc_tools') / '_proto'}",
            "--include_imports",
            "--include_source_info",
            f"--descriptor_set_out={output}",
            *names,
        ]
        return output.read_bytes() if protoc.main(arguments) == 0 else None


def bundled() -> Path:
    """The folder with wire/v1/wire.proto, which anybody's definitions import."""
    return Path(__file__).resolve().parents[2] / "proto"
