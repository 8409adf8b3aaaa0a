"""Runs as JSON lines: `{"run": {…}}`, then `{"result": {…}}` of that run, as many as there are; then the next run.

Fields are those of tools/runs/record.py; what has its default is left out. Times are seconds since 1970.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, Field, fields
from typing import IO, Any, get_args

from tools.runs.record import CaseId, CaseResult, KeyKind, Outcome, Run

LINE = 4 << 20  # characters
RESULTS = 2_000_000  # of one run
# What the annotations say, which are texts at run time.
_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "float": (float, int),
    "int": (int,),
    "bool": (bool,),
    "int | None": (int, type(None)),
    "float | None": (float, int, type(None)),
    "Outcome": (str,),
    "KeyKind": (str,),
}


class Broken(ValueError):
    """A line that is not as it should be; the text says why."""


def write(run: Run, results: Iterable[CaseResult]) -> Iterator[str]:
    """The lines of one run, without their ends."""
    yield json.dumps({"run": _fields(run)})
    for result in results:
        yield json.dumps({"result": _fields(result.case) | _fields(result)})


def read(stream: IO[str]) -> Iterator[tuple[int, Run, list[CaseResult]] | tuple[int, str]]:
    """Every run with the number of its line; or the number of a line and what is wrong with it.

    A run in which a line is broken is not given: half of it would stand for the whole of it for ever.
    """
    run: Run | None = None
    results: list[CaseResult] = []
    begun, number = 0, 0
    good = True
    while text := stream.readline(LINE):
        number += 1
        if not text.strip():
            continue
        try:
            kind, values = _object(text)
            if kind == "run":
                if run is not None and good:
                    yield begun, run, results
                run, results, begun, good = None, [], number, False
                run, good = _run(values), True
            elif not begun:
                raise Broken("a result before the first run")
            elif good:
                results.append(_result(values))
                if len(results) > RESULTS:
                    raise Broken(f"more than {RESULTS:,} results in one run")
        except Broken as error:
            yield number, f"{error}" + ("; its run is left out" if begun and good else "")
            good = False
            if len(text) == LINE:  # what is left of it is no line of its own
                while (text := stream.readline(LINE)) and not text.endswith("\n"):
                    pass
    if run is not None and good:
        yield begun, run, results


def _object(text: str) -> tuple[str, dict[str, Any]]:
    if len(text) == LINE:
        raise Broken(f"longer than {LINE:,} characters")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Broken(f"not JSON: {text[:60]!r}") from None
    if isinstance(found, dict) and len(found) == 1:
        [(kind, values)] = found.items()
        if kind in ("run", "result") and isinstance(values, dict):
            return kind, values
    raise Broken(f'neither {{"run": {{…}}}} nor {{"result": {{…}}}}: {text[:60]!r}')


def _fields(record: Any) -> dict[str, Any]:
    values = {each.name: getattr(record, each.name) for each in fields(record) if each.name != "case"}
    return {each.name: values[each.name] for each in fields(record) if each.name in values and _said(each, values)}


def _said(field: Field[Any], values: dict[str, Any]) -> bool:
    return field.default is MISSING or values[field.name] != field.default


def _run(values: dict[str, Any]) -> Run:
    found = _checked(Run, values)
    if not found.get("id"):
        raise Broken("the run has no id")
    found.setdefault("started", 0.0)
    return Run(**found)


def _result(values: dict[str, Any]) -> CaseResult:
    names = {each.name for each in fields(CaseId)}
    case = _checked(CaseId, {name: value for name, value in values.items() if name in names})
    found = _checked(CaseResult, {name: value for name, value in values.items() if name not in names})
    if not case.get("label"):
        raise Broken("the result has no label")
    for name, allowed in (("outcome", get_args(Outcome)), ("key_kind", get_args(KeyKind))):
        if found.get(name, "passed" if name == "outcome" else "") not in allowed:
            raise Broken(f"{name}: {str(found[name])[:40]!r} is none of {', '.join(filter(None, allowed))}")
    if "outcome" not in found:
        raise Broken("the result has no outcome")
    return CaseResult(CaseId(**case), **found)


def _checked(kind: type[Any], values: dict[str, Any]) -> dict[str, Any]:
    known = {each.name: str(each.type) for each in fields(kind) if each.name != "case"}
    for name, value in values.items():
        if name not in known:
            raise Broken(f"no field {name[:40]!r}; there are {', '.join(known)}")
        types = _TYPES[known[name]]
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise Broken(f"{name}: {str(value)[:40]!r} is no {known[name]}")
        if isinstance(value, int | float) and not _held(value, 1e11 if float in types else 2.0**31):
            raise Broken(f"{name}: {str(value)[:40]} is out of bounds")
    return values


def _held(value: float, most: float) -> bool:
    """Whether every database holds it."""
    return math.isfinite(value) and -most < value < most
