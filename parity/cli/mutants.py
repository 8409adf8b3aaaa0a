"""`samewire parity mutants`."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence

from mock.cli.exit import Exit
from parity.cli.place import Place
from parity.mutants.fault import Fault
from parity.mutants.faults import FAULTS
from parity.mutants.score import score
from parity.runner import codec
from parity.runner.corpus import CorpusError, Question, load
from parity.runner.dialects import DIALECTS, PACKAGE, USUAL
from parity.runner.registry import built

HEALTHY = "reference"
SHOWN = 3
"""Cases that are named for each fault."""


def command(words: argparse.Namespace, place: Place) -> int:
    faults = [fault for fault in FAULTS if not words.fault or fault.name in words.fault]
    if unknown := set(words.fault) - {fault.name for fault in faults}:
        print(f"samewire parity: there is no fault {', '.join(sorted(unknown))}", file=sys.stderr)
        return Exit.MISUSE
    try:
        questions = questions_for(faults, place)
    except CorpusError as error:
        print(f"samewire parity: {error}", file=sys.stderr)
        return Exit.MISUSE
    healthy = {testee.name: testee for testee in built(place.testees, place.root)}[HEALTHY]
    tell = _tell if not words.json else (lambda *_: None)
    result = asyncio.run(score(faults, questions, str(place.mutant), healthy, tell))
    if words.json:
        print(json.dumps({"caught": result.caught, "findings": result.findings}, indent=2))
    for finding in result.findings:
        print(finding, file=sys.stderr)
    print(result, file=sys.stderr if words.json else sys.stdout)
    return Exit.GOOD if result.good else Exit.FINDINGS


def questions_for(faults: Sequence[Fault], place: Place) -> list[Question]:
    """All cases; of the golden corpus only where a fault needs it. Raises CorpusError."""
    questions = load(place.cases, DIALECTS, USUAL)
    if any(feature.startswith("codec/") for fault in faults for feature in fault.features):
        questions += codec.questions(place.fixtures, PACKAGE, USUAL)
    return questions


def _tell(name: str, cases: Sequence[str]) -> None:
    more = f" and {len(cases) - SHOWN} more" if len(cases) > SHOWN else ""
    print(f"{'✓' if cases else '✗'} {name}: {', '.join(cases[:SHOWN]) or 'no case notices'}{more}", flush=True)
