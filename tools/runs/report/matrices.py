"""Who speaks the wire: the matrix of fixtures and the results of parity, as rows and columns of counts.

Parity's file is what `samewire parity --json` writes (proto/samewire/parity/v1/result.proto); only its JSON is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.runs.matrix import matrix as fixtures
from tools.runs.matrix.verdicts import Outcome
from tools.runs.report.data import Matrix

_MOST = 160  # characters of a value
_ORDER = ("broken", "fail", "stale", "known", "unsupported")
# (agree, differ, known to differ, skipped)
_PLACE = {"pass": 0, "fail": 1, "broken": 1, "stale": 1, "known": 2, "unsupported": 3}


class ResultsError(ValueError):
    """A file that parity did not write; says which and where."""


def of_fixtures(matrix: fixtures.Matrix, verdict: str = "") -> Matrix:
    """message × dialect against consumers."""
    total = matrix.total()
    names = [consumer.name for consumer in matrix.consumers]
    words = {Outcome.FAIL: "fail", Outcome.EXPECTED_FAIL: "known", Outcome.SKIP: "skipped"}
    return Matrix(
        title="Fixtures",
        verdict=verdict or f"{total.passed:,} of {total.total:,} fixtures pass",
        good=not total.failed,
        columns=[(consumer.name, consumer.title) for consumer in matrix.consumers],
        rows=[
            (
                message.rsplit(".", 1)[0],
                f"{message.rsplit('.', 1)[-1]} · {dialect}",
                [_counts(matrix.cells.get((message, dialect, name))) for name in names],
            )
            for message in matrix.messages
            for dialect in matrix.dialects(message)
        ],
        failures=[
            (consumer.name, verdict.fixture, words[verdict.outcome], verdict.detail)
            for consumer, verdict in matrix.notable
        ],
        skipped={consumer.name: consumer.skipped for consumer in matrix.consumers if consumer.skipped},
    )


def _counts(cell: fixtures.Cell | None) -> tuple[int, int, int, int] | None:
    return (cell.passed, cell.failed, cell.expected, cell.skipped) if cell and cell.total else None


def read_parity(path: Path) -> Matrix:
    """feature against testees, of one results file. Raises ResultsError, OSError."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return of_parity(data)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise ResultsError(f"{path}: not what `samewire parity --json` writes: {what}") from None


def of_parity(data: Mapping[str, Any]) -> Matrix:
    """The same of its JSON. Raises KeyError, TypeError, AttributeError, ValueError on what is none."""
    if data["format"] != 1:
        raise ValueError(f"format {data['format']!r}, and this reads 1")
    testees = {str(each["name"]): each for each in data["testees"]}
    results = data["results"]
    counts: dict[str, dict[str, list[int]]] = {}
    sums = [0, 0, 0, 0]
    notable: list[tuple[int, tuple[str, str, str, str]]] = []
    for result in results:
        name, testee, verdict = str(result["case"]), str(result["testee"]), str(result["verdict"])
        place = _PLACE[verdict]
        counts.setdefault(_feature(name), {}).setdefault(testee, [0, 0, 0, 0])[place] += 1
        sums[place] += 1
        if place:
            row = (testee, f"{name} · {result['dialect']}", verdict, _detail(result))
            notable.append((_ORDER.index(verdict), row))
    notable.sort(key=lambda each: each[0])
    skipped = {name: str(each["skipped"]) for name, each in testees.items() if each.get("skipped")}
    findings = [str(each) for each in data.get("findings", ())]
    agree, differ, known, missing = sums
    return Matrix(
        title="Parity",
        verdict=", ".join(
            [f"{len(testees) - len(skipped)} clients, {len(results):,} answers: {agree:,} agree"]
            + [f"{differ:,} differ"] * bool(differ)
            + [f"{known:,} differ for a listed reason"] * bool(known)
            + [f"{missing:,} not implemented"] * bool(missing)
        ),
        good=not differ and not findings,
        columns=[(name, str((each.get("hello") or {}).get("title") or name)) for name, each in testees.items()],
        rows=[
            (feature.split("/")[0], feature, [_four(cells.get(testee)) for testee in testees])
            for feature, cells in sorted(counts.items())
        ],
        failures=[row for _, row in notable],
        findings=findings,
        skipped=skipped,
    )


def _four(cell: list[int] | None) -> tuple[int, int, int, int] | None:
    return (cell[0], cell[1], cell[2], cell[3]) if cell else None


def _feature(name: str) -> str:
    """`codec/a.B/x:y/z` is of the feature codec/a.B, `http/retry/delay` of http/retry."""
    return "/".join(name.split("/")[:2]) if name.startswith("codec/") else name.rpartition("/")[0] or name


def _detail(result: Mapping[str, Any]) -> str:
    lines = [str(result["detail"])] if result.get("detail") else []
    for each in result.get("differences", ()):
        told = [f"{side} {_short(each[side])}" for side in ("expected", "got") if side in each]
        lines.append(f"{each['path']}: {each['what']}{': ' * bool(told)}{', '.join(told)}")
    lines += [str(each) for each in result.get("exchanges", ())]
    if result.get("stderr"):
        lines.append(f"stderr: {result['stderr']}")
    return "\n".join(lines)


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST else f"{text[:_MOST]}… ({len(text)} characters)"
