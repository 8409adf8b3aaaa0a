"""Committed files against built ones: `golden BUILT=COMMITTED …` writes the committed ones anew."""

from __future__ import annotations

import difflib
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

# Lines of difference that are shown for one file.
_SHOWN = 60


def files(path: Path) -> dict[str, bytes]:
    """Relative path -> content of a folder's files; a file stands under ""; {} when there is nothing."""
    if path.is_file():
        return {"": path.read_bytes()}
    return {each.relative_to(path).as_posix(): each.read_bytes() for each in sorted(path.rglob("*")) if each.is_file()}


def drift(committed: dict[str, bytes], built: dict[str, bytes], where: str) -> list[str]:
    """The differences as unified diffs, from what is committed to what is built; [] when there are none."""
    lines: list[str] = []
    for name in sorted(committed.keys() | built.keys()):
        before, after = committed.get(name), built.get(name)
        if before == after:
            continue
        path = f"{where}/{name}" if name else where
        diff = list(
            difflib.unified_diff(_lines(before), _lines(after), f"{path} (committed)", f"{path} (built)", lineterm="")
        )
        lines += diff[:_SHOWN]
        if len(diff) > _SHOWN:
            lines.append(f"… and {len(diff) - _SHOWN} lines more")
    return lines


def _lines(content: bytes | None) -> list[str]:
    return content.decode("utf-8", "replace").splitlines() if content is not None else []


def write(built: Path, committed: Path) -> None:
    """Makes the committed file or folder equal to the built one."""
    if committed.is_dir():
        shutil.rmtree(committed)
    for name, content in files(built).items():
        target = committed / name if name else committed
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def main(arguments: Sequence[str]) -> int:
    """Writes below $BUILD_WORKSPACE_DIRECTORY, which `bazel run` sets. 0 good, 3 could not write."""
    root = Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", "."))
    for pair in arguments:
        built, _, committed = pair.partition("=")
        before = files(root / committed)
        try:
            write(Path(built), root / committed)
        except OSError as error:
            print(f"update: {error}", file=sys.stderr)
            return 3
        print(f"{committed}: {'unchanged' if before == files(root / committed) else 'written'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
