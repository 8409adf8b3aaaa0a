"""`./bazelw run //perf/bench:models`: generated models beside their peers, in one run, as ratios with their spread.

Prints a Markdown table (or JSON with --json); with --write it goes into docs/benchmarks.md between the marks of this
benchmark. Nothing here is a test: figures are looked at, not asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
from pathlib import Path

from perf.bench.rounds import Timing, Worker, ratio, run

OURS = "samewire"
PAYLOADS = ("training", "sampling")
MARKS = ("<!-- models: begin -->", "<!-- models: end -->")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="Example: ./bazelw run //perf/bench:models -- --rounds 41"
    )
    parser.add_argument("workers", nargs=2, help="the worker programs: ours, peers (given by the build)")
    parser.add_argument("--rounds", type=int, default=21, help="rounds, at least 4 (21)")
    parser.add_argument("--json", action="store_true", help="all timings in seconds per call")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table into FILE, e.g. docs/benchmarks.md")
    arguments = parser.parse_args()
    if arguments.rounds < 4:
        parser.error("--rounds: at least 4, or there is no spread")
    with Worker([arguments.workers[0]]) as ours, Worker([arguments.workers[1]]) as peers:
        timings = run([ours, peers], arguments.rounds)
    if arguments.json:
        print(json.dumps({case: timing.rounds for case, timing in timings.items()}, indent=2))
        return
    text = table(timings, arguments.rounds)
    print(text)
    if arguments.write:
        workspace = Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", "."))
        place(workspace / arguments.write, text)


def table(timings: dict[str, Timing], rounds: int) -> str:
    """Markdown: a row per peer and operation; ratio = peer's time over ours, round by round."""
    lines = [
        f"{platform.python_implementation()} {platform.python_version()}, {rounds} interleaved rounds; times are "
        "the best round's, ratios the median over rounds and in brackets the middle half.",
        "",
        "| payload | operation | peer | peer's time | ours | ours is faster by |",
        "|---|---|---|---|---|---|",
    ]
    for payload in PAYLOADS:
        for operation in ("decode", "encode"):
            mine = timings[f"{OURS}/{payload}/{operation}"]
            for case, theirs in timings.items():
                name, of, what = case.split("/")
                ours_dump = name == OURS and what == "model_dump_json" and operation == "encode"
                if of != payload or not (ours_dump or (name != OURS and what == operation)):
                    continue
                peer = "model_dump_json of our own models" if ours_dump else name
                cells = (payload, operation, peer, _time(theirs.best), _time(mine.best), str(ratio(mine, theirs)))
                lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def place(path: Path, text: str) -> None:
    """Puts the text between the marks in the file. Raises ValueError when the file has no marks."""
    old = path.read_text(encoding="utf-8")
    pattern = re.compile(f"({re.escape(MARKS[0])}\n).*?({re.escape(MARKS[1])})", re.DOTALL)
    if not pattern.search(old):
        raise ValueError(f"{path}: no {MARKS[0]} … {MARKS[1]}")
    path.write_text(pattern.sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", old), encoding="utf-8")


def _time(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.2f} µs"


if __name__ == "__main__":
    main()
