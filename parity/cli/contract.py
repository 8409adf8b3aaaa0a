"""`samewire parity contract`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping

from rich.console import Console

from mock.cli.exit import Exit
from parity.cli.place import Place
from parity.cli.run import PIPE_WIDTH, write
from parity.contract.real import MODEL, USUAL_MODEL, NoServer, Real, RealServers, suite
from parity.report.summary import is_good, verdict_line
from parity.report.terminal import failures, matrix
from parity.runner.corpus import CorpusError, load, select
from parity.runner.dialects import DIALECTS, USUAL
from parity.runner.registry import NoTestee, built, choose
from parity.runner.run import Plan, run


def command(words: argparse.Namespace, place: Place, environ: Mapping[str, str] = os.environ) -> int:
    try:
        real = Real.of(environ)
        questions = select(load(place.contract, DIALECTS, USUAL), [], words.dialect)
        if not questions:
            raise NoServer(f"no dialect {', '.join(words.dialect)}; there are {', '.join(USUAL)}")
        testees = choose(words.testee, {each.name: each for each in built(place.testees, place.root)})
    except (CorpusError, NoServer, NoTestee) as error:
        print(f"samewire parity: {error}", file=sys.stderr)
        return Exit.MISUSE
    asked = suite(questions, environ.get(MODEL) or USUAL_MODEL, real)
    console = Console(stderr=words.json, emoji=False)
    if not console.is_terminal:
        console = Console(stderr=words.json, emoji=False, width=PIPE_WIDTH)
    console.print(f"against {real.url if real else 'the mock'}", markup=False, highlight=False)
    plan = Plan(asked, testees, servers=RealServers(real) if real else None)
    results = asyncio.run(run(plan))
    write(results, words)
    if not words.json:
        console.print(matrix(results))
    failures(console, results)
    console.print(verdict_line(results), markup=False, highlight=False)
    if all(testee.skipped is not None for testee in results.testees):
        return Exit.COULD_NOT_RUN
    return Exit.GOOD if is_good(results) else Exit.FINDINGS
