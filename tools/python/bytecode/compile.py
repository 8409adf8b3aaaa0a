"""Compiles Python sources to bytecode that is the same, and valid, everywhere: `compile.py @FILE`.

FILE holds three lines for each source: its path, the path by which tracebacks know it, and where the bytecode goes.
"""

import py_compile
import sys
from pathlib import Path


def main(argv: list[str]) -> int:
    """Compiles what the file in `argv` names; 1 where a source is no Python, with file and line on standard error."""
    lines = Path(argv[1].removeprefix("@")).read_text(encoding="utf-8").splitlines()
    for source, name, target in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        try:
            mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
            py_compile.compile(source, target, name, doraise=True, invalidation_mode=mode)
        except py_compile.PyCompileError as error:
            print(error.msg, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
