"""Anybody's .proto files as importable models and routes, made when the server starts."""

from __future__ import annotations

import os
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
    """The definitions can't be served; one line with file:line, of the first finding."""


def generate(files: Sequence[Path], includes: Sequence[Path]) -> tuple[tempfile.TemporaryDirectory[str], list[str]]:
    """The folder with the generated modules, put on the import path, and the modules of the files with services.

    The folder lives as long as the object that is returned. Raises BadDefinitions.
    """
    for path in files:
        if not path.is_file():
            raise BadDefinitions(f"{path}: {'no file' if path.exists() else 'no such file'}")
    for path in includes:
        if not path.is_dir():
            raise BadDefinitions(f"-I {path}: no such folder")
    paths, folders = _places(files, includes)
    try:
        schema = load(*compile_protos(paths, [*folders, str(BUNDLED)]))
    except WireError as error:
        said = str(error)
        for place, given in zip(paths, files, strict=True):
            said = said.replace(place, str(given))
        first, *more = said.splitlines()
        raise BadDefinitions(first + (f" (and {len(more)} more)" if more else "")) from None
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


def _places(files: Sequence[Path], includes: Sequence[Path]) -> tuple[list[str], list[str]]:
    """Files and folders as protoc wants them: every file below one of the folders. As they are called where that is so,
    else where links lead. Raises BadDefinitions.
    """
    for place in (os.path.abspath, os.path.realpath):
        paths = [place(path) for path in files]
        folders = [place(path) for path in includes] or list(dict.fromkeys(map(os.path.dirname, paths)))
        outside = [path for path in paths if not any(Path(path).is_relative_to(folder) for folder in folders)]
        if not outside:
            return paths, folders
    given = files[paths.index(outside[0])]
    raise BadDefinitions(f"{given}: is in none of the folders of -I ({', '.join(map(str, includes))})")
