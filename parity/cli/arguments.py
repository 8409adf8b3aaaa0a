"""The words of `samewire parity`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

EXAMPLES = """examples:
  samewire parity                                      all cases, all clients, the matrix
  samewire parity --testee go --feature 'training/**'
  samewire parity --testee cmd:./my-client --dialect tinkex
  samewire parity --json > results.json
  samewire parity --html matrix.html --junit results.xml
  samewire parity manifest                             what became of the reference's tests
  samewire parity manifest scan DIR                    the test functions of any pytest tree
  samewire parity mutants                              does the corpus notice planted faults
  samewire parity contract                             the small suite that a real server can be asked too
"""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="samewire parity",
        description="Asks every client every case, and shows who differs, where and why.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.set_defaults(command="run")
    top.add_argument(
        "--testee", action="append", default=[], metavar="NAME|cmd:PATH", help="this client; may be repeated"
    )
    top.add_argument("--feature", action="append", default=[], metavar="GLOB", help="these features or cases, * and **")
    top.add_argument("--dialect", action="append", default=[], metavar="D", help="in this dialect alone")
    top.add_argument("--no-codec", action="store_true", help="without the golden corpus")
    top.add_argument("--cases", type=Path, metavar="DIR", help="case files; the shipped ones by default")
    top.add_argument(
        "--known", type=Path, metavar="DIR", help="lists of known differences; the shipped ones by default"
    )
    top.add_argument("-j", "--jobs", type=_jobs, default=2, metavar="N", help="processes of each client (default 2)")
    top.add_argument("--json", action="store_true", help="results as JSON on standard output")
    top.add_argument("--junit", type=Path, metavar="FILE", help="results as JUnit XML")
    top.add_argument("--html", type=Path, metavar="FILE", help="the matrix as one page")
    top.add_argument("--list", action="store_true", help="print the cases and run none")
    commands = top.add_subparsers(metavar="COMMAND", required=False)
    manifest = commands.add_parser(
        "manifest",
        help="what became of the reference's tests",
        description="Prints the porting manifest, checked; `scan DIR` lists the test functions of a pytest tree.",
        epilog="example: samewire parity manifest scan ../reference/tests",
        allow_abbrev=False,
    )
    manifest.set_defaults(command="manifest")
    manifest.add_argument("--json", action="store_true", help="as JSON on standard output")
    manifest.add_argument(
        "--results",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="of `samewire parity --json`: adds each client's state, and what is done",
    )
    manifest.add_argument("action", nargs="?", choices=["scan"], help="start a manifest of one's own")
    manifest.add_argument("folder", nargs="?", type=Path, metavar="DIR")
    mutants = commands.add_parser(
        "mutants",
        help="does the corpus notice planted faults",
        description="Asks the reference client with one planted fault at a time; the score must be 100 %%.",
        epilog="example: samewire parity mutants unique-suffix retry-after-ignored",
        allow_abbrev=False,
    )
    mutants.set_defaults(command="mutants")
    mutants.add_argument("--json", action="store_true", help="as JSON on standard output")
    mutants.add_argument("fault", nargs="*", metavar="FAULT", help="these only, by name")
    contract = commands.add_parser(
        "contract",
        help="the small suite that a real server can be asked too",
        description="Every client against the mock; where SAMEWIRE_CONTRACT_URL and SAMEWIRE_CONTRACT_KEY are set, "
        "against that server, with the model of SAMEWIRE_CONTRACT_MODEL. That trains and samples there, and may cost.",
        epilog="example: samewire parity contract --testee reference --dialect tinker-0.38",
        allow_abbrev=False,
    )
    contract.set_defaults(command="contract")
    contract.add_argument("--testee", action="append", default=[], metavar="NAME|cmd:PATH", help="this client")
    contract.add_argument("--dialect", action="append", default=[], metavar="D", help="in this dialect alone")
    contract.add_argument("--json", action="store_true", help="results as JSON on standard output")
    contract.add_argument("--junit", type=Path, metavar="FILE", help="results as JUnit XML")
    contract.add_argument("--html", type=Path, metavar="FILE", help="the matrix as one page")
    return top


def _jobs(text: str) -> int:
    number = int(text)
    most = 8 * (os.cpu_count() or 1)
    if not 1 <= number <= most:
        raise argparse.ArgumentTypeError(f"1 to {most}")
    return number
