"""`samewire parity manifest`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mock.engine.stubs.files import ScenarioError
from parity.cli.exit import Exit
from parity.cli.place import Place
from parity.manifest.manifest import Manifest, scan
from parity.manifest.wanted import WANTED
from parity.runner.corpus import CorpusError, load
from parity.runner.dialects import DIALECTS, USUAL


def command(words: argparse.Namespace, place: Place) -> int:
    if words.action == "scan":
        return _scan(words)
    try:
        manifest = Manifest.read(place.manifest)
        cases = {question.name for question in load(place.cases, DIALECTS, USUAL)}
    except (CorpusError, ScenarioError) as error:
        print(f"samewire parity: {error}", file=sys.stderr)
        return Exit.MISUSE
    findings = manifest.findings(cases, WANTED)
    if words.json:
        print(json.dumps({"manifest": json.loads(manifest.held.to_wire()), "findings": findings}, indent=2))
    else:
        _print(manifest)
    for finding in findings:
        print(finding, file=sys.stderr)
    return Exit.FINDINGS if findings else Exit.GOOD


def _print(manifest: Manifest) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("test", "decision", "cases", "reason"):
        table.add_column(head, overflow="fold")
    for entry in manifest.held.entries:
        cells = (entry.test, str(entry.decision), " ".join(entry.cases), entry.reason or "")
        table.add_row(*map(escape, cells))
    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    console.print(table)


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
