"""What the terminal shows of a matrix."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from tools.cli.matrix import matrix_table
from tools.runs.matrix.matrix import build
from tools.runs.matrix.verdicts import Consumer, Kind, Outcome, Verdict


def shown(*consumers: Consumer) -> str:
    console = Console(width=120, record=True, file=StringIO())
    console.print(matrix_table(build(consumers)))
    return console.export_text()


def consumer(name: str, kind: Kind, *verdicts: tuple[str, Outcome]) -> Consumer:
    return Consumer(name, name, kind, tuple(Verdict(fixture, outcome, "") for fixture, outcome in verdicts))


def test_messages_that_only_models_read_are_summed_by_package() -> None:
    model = consumer("python", Kind.MODEL, *[(f"t.{name}/d/1", Outcome.PASS) for name in "ABC"])
    go = consumer("go", Kind.CONSUMER, ("t.A/d/1", Outcome.FAIL))
    lines = [line.split() for line in shown(model, go).splitlines()]
    assert lines == [
        ["message", "dialect", "python", "go"],
        ["t"],
        ["A", "d", "1", "✗1/1"],
        ["t", "(2", "more)", "d", "2", "·"],
    ]


def test_what_is_known_to_differ_and_what_was_skipped_is_seen() -> None:
    judge = consumer("judge", Kind.JUDGE, ("t.A/d/1", Outcome.EXPECTED_FAIL), ("t.B/d/1", Outcome.SKIP))
    assert "0 ≠1" in shown(judge) and "0 –1" in shown(judge)
