"""`samewire gen`: the generator on anybody's .proto files, outside Bazel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from tools.runs.exit import Exit
from tools.wire.compile import compile_protos
from tools.wire.emit import EMITTERS
from tools.wire.load import WireError, load

# wire/v1/wire.proto, which annotated definitions import.
BUNDLED = Path(__file__).absolute().parents[2] / "proto"


def run(files: Sequence[Path], includes: Sequence[Path], out: Path, emitters: Sequence[str]) -> Exit:
    """Writes what `emitters` make of the files below `out`; findings are printed with file:line and the way out."""
    problems = [f"{path}: no such file" for path in files if not path.is_file()]
    problems += [f"{path}: no such folder" for path in includes if not path.is_dir()]
    problems += [f"no emitter {name!r}; there are {', '.join(EMITTERS)}" for name in emitters if name not in EMITTERS]
    if problems:
        typer.echo("\n".join(f"samewire gen: {problem}" for problem in problems), err=True)
        return Exit.MISUSE
    folders = [str(folder.resolve()) for folder in includes or [Path.cwd()]]
    try:
        schema = load(*compile_protos([str(path.resolve()) for path in files], [*folders, str(BUNDLED)]))
    except WireError as error:
        typer.echo(str(error), err=True)
        return Exit.FINDINGS
    texts = {name: text for emitter in emitters for name, text in EMITTERS[emitter](schema).items()}
    for name, text in sorted(texts.items()):
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    typer.echo(f"{len(texts)} files in {out}")
    return Exit.GOOD
