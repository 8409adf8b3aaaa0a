"""The cases of a test action, every attempt at each, from its test.xml and cases.jsonl, whatever stands there."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tools.runs import junit
from tools.runs.events import TestResult
from tools.runs.failures import signature
from tools.runs.junit import BrokenReport, JUnitCase
from tools.runs.record import RED, CaseId, CaseResult, Outcome

# Of a test that Bazel says is over; what is not here ended before it could say anything of the code.
STATUS: dict[str, Outcome] = {"PASSED": "passed", "FLAKY": "passed", "FAILED": "failed", "TIMEOUT": "timeout"}
LOG_BYTES = 4_000
LINES_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Read:
    """What one attempt of one action left. `problem`: one line on what could not be read, empty when all could."""

    cases: tuple[CaseResult, ...]
    problem: str = ""


def read(result: TestResult) -> Read:
    """The cases of one attempt. A red attempt has a red case, whatever its report says or does not say."""
    problem = ""
    reports: list[JUnitCase] = []
    try:
        reports = list(_reports(result))
    except BrokenReport as error:
        problem = f"{result.label}: {error}"
    except OSError as error:
        problem = f"{result.label}: {error.filename or 'test.xml'}: {error.strerror}"
    cases = [_case(result, report) for report in reports]
    lines = list(_lines(result)) if problem or any(case.attempt > 1 for case in cases) else []
    if problem and lines:  # The report is broken or gone; the runner's own record is not.
        cases = [_case_of_line(result, line) for line in lines]
    cases = [*_earlier(result, cases, reports, lines), *cases]
    return Read(tuple(_signed(each) for each in _whole(result, cases, problem)), problem)


def recount(attempts: Iterable[Read]) -> list[CaseResult]:
    """The cases of all attempts at one action, oldest first, each case's attempts counted on from 1."""
    seen: dict[CaseId, int] = {}
    counted: list[CaseResult] = []
    for attempt in attempts:
        before = dict(seen)
        for case in attempt.cases:
            number = before.get(case.case, 0) + case.attempt
            seen[case.case] = max(seen.get(case.case, 0), number)
            counted.append(case if number == case.attempt else replace(case, attempt=number))
    return counted


def _reports(result: TestResult) -> Iterator[JUnitCase]:
    file = result.file("test.xml")
    if file is None or (file.path is None and not file.contents):
        return iter(())  # On another machine, or none: the status is what is known.
    if file.contents:
        return junit.parse(io.BytesIO(file.contents), "test.xml")
    assert file.path is not None
    return junit.read(file.path)


def _lines(result: TestResult) -> Iterator[dict[str, Any]]:
    """The objects of cases.jsonl; a line cut short by a crash is passed over."""
    if result.outputs is None:
        return
    path = result.outputs / "test.outputs" / "cases.jsonl"
    try:
        with path.open("rb") as stream:
            for line in stream.read(LINES_BYTES).split(b"\n"):
                try:
                    record = json.loads(line)
                except ValueError:
                    continue
                if isinstance(record, dict) and isinstance(record.get("node"), str):
                    yield record
    except OSError:
        return


def _case(result: TestResult, report: JUnitCase) -> CaseResult:
    properties = report.properties
    outcome: Outcome = report.outcome
    if outcome == "skipped" and report.kind == "xfailed":
        outcome = "xfailed"
    if outcome == "error" and result.status == "TIMEOUT" and report.message.startswith("still running"):
        outcome = "timeout"
    attempt = properties.get("attempt", "")
    return CaseResult(
        case=_identity(result.label, report.classname, report.name),
        outcome=outcome,
        seconds=report.seconds,
        started=result.started or report.started,
        attempt=int(attempt) if attempt.isdecimal() and 0 < int(attempt[:6]) < 1000 else 1,
        run_number=result.run,
        shard=result.shard - 1,
        cached=result.cached,
        message=report.message,
        detail=report.detail if outcome in RED else "",
        node=junit.bounded(properties.get("node", ""), 4 * junit.NAME),
        file=report.file,
        line=report.line,
        worker=result.host or properties.get("worker", ""),
        seed=properties.get("seed", ""),
    )


def _identity(label: str, classname: str, name: str) -> CaseId:
    """Who it is; where Bazel wrote the report itself, from the exit code alone, the target is the case."""
    target = label.partition("//")[2].replace(":", "/").lstrip("/")
    if not classname and name.partition("_shard_")[0].endswith(target):
        return CaseId(label)
    return CaseId.of(label, classname, name)


def _case_of_line(result: TestResult, line: dict[str, Any]) -> CaseResult:
    """As the runner of pytest_test writes them (tools/python/pytest/case.py)."""
    node = str(line["node"])
    path, _, below = node.partition("::")
    names, bracket, parameters = below.partition("[")
    *classes, name = names.split("::")
    outcome = line.get("outcome")
    known: Outcome = outcome if outcome in ("passed", "failed", "error", "skipped", "xfailed") else "error"
    attempt, seconds, number = line.get("attempt"), line.get("duration"), line.get("line")
    module = path.removesuffix(".py").replace("/", ".")
    return CaseResult(
        case=CaseId.of(
            result.label,
            junit.bounded(".".join([module, *classes])),
            junit.bounded(name + bracket + parameters or path),
        ),
        outcome=known,
        seconds=float(seconds) if isinstance(seconds, int | float) else 0.0,
        started=result.started,
        attempt=attempt if isinstance(attempt, int) and 0 < attempt < 1000 else 1,
        run_number=result.run,
        shard=result.shard - 1,
        cached=result.cached,
        message=junit.clipped(str(line.get("message", "")), junit.MESSAGE),
        node=junit.bounded(node, 4 * junit.NAME),
        file=junit.bounded(str(line.get("file", ""))),
        line=number if isinstance(number, int) else 0,
        worker=result.host or junit.bounded(str(line.get("worker", ""))),
        seed=str(line.get("seed", ""))[:100],
    )


def _earlier(
    result: TestResult, cases: list[CaseResult], reports: list[JUnitCase], lines: list[dict[str, Any]]
) -> Iterator[CaseResult]:
    """Attempts before the one that the report counts: from the runner's record, else from the report."""
    recorded: dict[str, dict[int, CaseResult]] = {}
    for line in lines:
        case = _case_of_line(result, line)
        recorded.setdefault(case.node, {})[case.attempt] = case
    for number, (case, report) in enumerate(zip(cases, reports, strict=False)):
        own = {attempt: each for attempt, each in recorded.get(case.node, {}).items() if attempt < case.attempt}
        told = report.earlier
        for attempt, each in sorted(own.items()):
            trouble = told[attempt - 1] if attempt <= len(told) and each.outcome in RED else None
            yield replace(each, case=case.case, detail=trouble.detail) if trouble else each
        if own or not told:
            continue
        # Surefire's way, or a record that was lost.
        if case.attempt <= len(told):
            cases[number] = replace(case, attempt=len(told) + 1)
        for attempt, trouble in enumerate(told, 1):
            outcome: Outcome = "failed" if trouble.outcome == "failed" else "error"
            yield replace(case, outcome=outcome, attempt=attempt, message=trouble.message, detail=trouble.detail)


def _whole(result: TestResult, cases: list[CaseResult], problem: str) -> list[CaseResult]:
    """The cases, and one for the target itself where they do not say what its status says."""
    status = STATUS.get(result.status, "error")
    if status == "passed":
        if cases:
            return cases
        return [_target(result, "passed", "")]
    if any(case.red for case in cases):
        return [_explained(result, case) for case in cases]
    why = "its time was over" if status == "timeout" else f"the target ended as {result.status}"
    why += f"; {problem.removeprefix(result.label + ': ')}" if problem else ", and no case is red" if cases else ""
    why += f"; {result.details}" if result.details else ""
    return [*cases, _target(result, status, why)]


def _target(result: TestResult, outcome: Outcome, message: str) -> CaseResult:
    return CaseResult(
        case=CaseId(result.label),
        outcome=outcome,
        seconds=result.duration,
        started=result.started,
        run_number=result.run,
        shard=result.shard - 1,
        cached=result.cached,
        message=message,
        detail=_log(result) if outcome in RED else "",
        worker=result.host,
    )


def _explained(result: TestResult, case: CaseResult) -> CaseResult:
    """Bazel's own report says only the exit code; the end of the log says more."""
    if not case.red or case.detail or case.case.name:
        return case
    return replace(case, detail=_log(result))


def _log(result: TestResult) -> str:
    """The end of the log, where it is on this machine."""
    file = result.file("test.log")
    path: Path | None = file.path if file is not None else None
    if path is None:
        return ""
    try:
        with closing(path.open("rb")) as stream:
            stream.seek(0, io.SEEK_END)
            stream.seek(max(0, stream.tell() - LOG_BYTES))
            return stream.read().decode(errors="replace").strip()
    except OSError:
        return ""


def _signed(case: CaseResult) -> CaseResult:
    return replace(case, signature=signature(case.message or case.detail)) if case.red else case
