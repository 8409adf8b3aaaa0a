"""Builds a wheel from a pyproject.toml and the files beside it, with setuptools, the same bytes every time.

`wheel OUT.whl pyproject.toml FILE...`: files keep their place below the folder of the pyproject.toml.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from setuptools import build_meta

# The oldest time that a zip can hold, in seconds since 1970.
FIRST_ZIP_TIME = "315532800"


def main() -> None:
    out, project, *files = (Path(word).absolute() for word in sys.argv[1:])
    os.environ["SOURCE_DATE_EPOCH"] = FIRST_ZIP_TIME
    with tempfile.TemporaryDirectory() as scratch:
        for file in (project, *files):
            target = Path(scratch) / file.relative_to(project.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
        os.chdir(scratch)
        name = _quietly(lambda: build_meta.build_wheel("dist"))
        shutil.copyfile(Path("dist") / name, out)


def _quietly(build: Callable[[], str]) -> str:
    """What setuptools says is shown only when it fails."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            return build()
    except BaseException:
        sys.stderr.write(said.getvalue())
        raise


if __name__ == "__main__":
    main()
