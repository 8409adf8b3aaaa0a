"""`samewire parity manifest`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from samewire.parity.v1.result_wire import Results
from samewire_wire import WireError

from mock.cli.exit import Exit
from mock.engine.stubs.files import ScenarioError
from parity.cli.place import Place
from parity.manifest.manifest import Manifest, done, rows, scan
from parity.manifest.wanted import WANTED
from parity.runner import codec
from parity.runner.corpus import CorpusError, load
from parity.runner.dialects import DIALECTS, PACKAGE, USUAL
from parity.runner.run import FORMAT

PIPE_WIDTH = 160  # columns, where there is no terminal to ask


def command(words: argparse.Namespace, place: Place) -> int:
    if words.action == "scan":
        return _scan(words)
    try:
        manifest = Manifest.read(place.manifest)
        cases = names(place)
        results = together(words.results)
    except (CorpusError, ScenarioError, OSError, WireError) as error:
        print(f"samewire parity: {error}", file=sys.stderr)
        return Exit.MISUSE
    findings = manifest.findings(cases, WANTED)
    table = rows(manifest.held, results)
    missing = done(manifest.held, results)
    if words.json:
        held = json.loads(manifest.held.to_wire())
        print(json.dumps({"manifest": held, "findings": findings, "status": table, "missing": missing}, indent=2))
    else:
        _print(table)
        for testee, lines in missing.items():
            print(f"{testee}: {'done' if not lines else 'not done: ' + '; '.join(lines)}")
    for finding in findings:
        print(finding, file=sys.stderr)
    return Exit.FINDINGS if findings else Exit.GOOD


def names(place: Place) -> set[str]:
    """Of all cases: behaviour, the golden corpus, the contract suite. Raises CorpusError, OSError."""
    questions = [*load(place.cases, DIALECTS, USUAL), *load(place.contract, DIALECTS, USUAL)]
    return {question.name for question in (*questions, *codec.questions(place.fixtures, PACKAGE, USUAL))}


def together(files: Sequence[Path]) -> Results:
    """What several runs found, as one. Raises OSError, WireError."""
    whole = Results(format=FORMAT, seconds=0.0)
    for file in files:
        part = Results.from_wire(file.read_bytes())
        there = {testee.name for testee in whole.testees}
        whole.testees += [testee for testee in part.testees if testee.name not in there]
        whole.results += part.results
    return whole


def _print(table: list[list[str]]) -> None:
    heads, *lines = table
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for head in heads:
        shown.add_column(escape(head), overflow="fold")
    for line in lines:
        shown.add_row(*map(escape, line))
    console = Console(emoji=False)
    if not console.is_terminal:
        console = Console(emoji=False, width=PIPE_WIDTH)
    console.print(shown)


def _scan(words: argparse.Namespace) -> int:
    folder: Path | None = words.folder
    if folder is None or not folder.is_dir():
        print(f"samewire parity: manifest scan wants a folder, not {folder or 'nothing'}", file=sys.stderr)
        return Exit.MISUSE
    try:
        found = dict(scan(folder))
    except (OSError, SyntaxError) as error:
        print(f"samewire parity: {error}", file=sys.stderr)
        return Exit.COULD_NOT_RUN
    if words.json:
        print(json.dumps(found, indent=2))
    else:
        for file, tests in found.items():
            print(f"- {{test: {json.dumps(file)}, source: TODO, decision: skip, reason: TODO}}  # {len(tests)} tests")
    return Exit.GOOD
