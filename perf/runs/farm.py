"""The farm's figures as a table: what workers bring to tests that wait, and what it costs when one is lost.

./samewire farm drill --json >drill.json
./bazelw run //perf/runs:farm -- $PWD/drill.json --write $PWD/docs/farm.md
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from perf.bench import marks

MARK = "farm"


def table(found: dict[str, Any]) -> str:
    """The Markdown table of what `samewire farm drill --json` found.

    Raises:
        ValueError: the drill was lost, or this is no drill's file.
    """
    try:
        if not found["good"]:
            raise ValueError("the drill was lost: its figures say nothing")
        alone, together, struck = found["alone"], found["together"], found["struck"]
        workers, cores, tests = found["workers"], found["cores"], alone["passed"]
        rows = [
            (f"{tests} tests that wait 4 s each, one at a time", f"{alone['seconds']:.1f} s", "1.0"),
            (f"the same, {workers} workers on {cores} cores", f"{together['seconds']:.1f} s",
             f"{alone['seconds'] / together['seconds']:.1f}"),
            (f"the same, one killed at work: {struck['passed']} passed, {found['retried']} done anew",
             f"{struck['seconds']:.1f} s", f"{alone['seconds'] / struck['seconds']:.1f}"),
        ]  # fmt: skip
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is not what `samewire farm drill --json` prints: {error!r}") from None
    lines = ["| run | wall time | times as fast |", "|---|---|---|"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("drill", type=Path, help="what `samewire farm drill --json` printed")
    parser.add_argument("--write", type=Path, help=f"Markdown file with the marks {MARK}; prints the table without")
    args = parser.parse_args(arguments)
    try:
        text = table(json.loads(args.drill.read_text(encoding="utf-8")))
        if args.write:
            marks.place(args.write, MARK, text)
        else:
            print(text)
    except (OSError, ValueError) as error:
        print(f"farm: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
