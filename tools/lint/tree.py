"""The repository's own files, as Bazel handed them to a check: sources.txt, made by `manifest` from //:sources."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

LISTED = Path("tools/lint/sources.txt")


def files(*patterns: str) -> list[str]:
    """Paths, from the root of the repository, of the files that match one of `patterns` (as Path.match reads them).

    Folders named `testdata` hold what tests are fed with, wrong files among them; no tool is let into them.

    Raises:
        ValueError: no file matches: a check of nothing would always be green.
    """
    paths = [Path(line) for line in LISTED.read_text(encoding="utf-8").splitlines()]
    found = [
        str(path) for path in paths if "testdata" not in path.parts and any(path.match(pattern) for pattern in patterns)
    ]
    if not found:
        raise ValueError(
            f"no file of the repository matches {' or '.join(patterns)}: does //:sources reach every package?"
        )
    return sorted(found)


def findings(command: Sequence[str | Path]) -> str:
    """What a tool says about the files in its command line, one finding or a few to a line; empty where all is well."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout + f"\n(exit code {done.returncode} of {command[0]})" if done.returncode else ""
