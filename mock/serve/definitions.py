"""Anybody's .proto files as importable models and routes, made when the server starts."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.wire.compile import compile_protos
from tools.wire.emit import EMITTERS
from tools.wire.load import WireError, load

# wire/v1/wire.proto, which annotated definitions import.
BUNDLED = Path(__file__).absolute().parents[2] / "proto"


class BadDefinitions(ValueError):
    """The definitions can't be served; one finding a line, with file:line."""


def generate(files: Sequence[Path], includes: Sequence[Path]) -> tuple[tempfile.TemporaryDirectory[str], list[str]]:
    """The folder with the generated modules, put on the import path, and the modules of the files with services.

    The folder lives as long as the object that is returned. Raises BadDefinitions.
    """
    if missing := [path for path in files if not path.is_file()]:
        raise BadDefinitions("\n".join(f"{path}: no such file" for path in missing))
    folders = [str(path.resolve()) for path in includes or dict.fromkeys(path.resolve().parent for path in files)]
    try:
        schema = load(*compile_protos([str(path.resolve()) for path in files], [*folders, str(BUNDLED)]))
    except WireError as error:
        raise BadDefinitions(str(error)) from None
    ours = {file.name for file in schema.files if file.generate}
    served = {service.file for service in schema.services if service.file in ours}
    modules = [file.module for file in schema.files if file.name in served]
    if not modules:
        raise BadDefinitions(f"{files[0]}: no service in it, so there is nothing to serve")
    folder = tempfile.TemporaryDirectory(prefix="samewire-")
    for name, text in {**EMITTERS["models"](schema), **EMITTERS["bulk"](schema)}.items():
        target = Path(folder.name, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    sys.path.insert(0, folder.name)
    return folder, modules
