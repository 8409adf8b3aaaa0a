"""Files that others wrote, into the history: each file once, however often it comes."""

from __future__ import annotations

import hashlib
import io
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from tools.runs import junit
from tools.runs.check import cases
from tools.runs.events import File, Finished, Metadata, Notice, Options, Started, TestResult, binary
from tools.runs.events import json as event_lines
from tools.runs.exchange import jsonl
from tools.runs.failures import signature
from tools.runs.history.store import History
from tools.runs.junit import JUnitCase
from tools.runs.record import RED, CaseId, CaseResult, Outcome, Run


@dataclass(frozen=True, slots=True)
class Origin:
    """What a JUnit file does not tell of its run.

    Attributes:
        label: of the suite, in place of what the file calls it.
        commit, branch: of the tree that was tested. clean: that tree had no other changes.
        configuration: what else decides results: the job's name, the operating system.
        started: seconds since 1970, where the file has no time; None: when the file was written.
    """

    label: str = ""
    commit: str = ""
    branch: str = ""
    clean: bool = False
    configuration: str = ""
    started: float | None = None


@dataclass(slots=True)
class Brought:
    """What came of it. `problems`: one line each, with file and place."""

    runs: int = 0
    results: int = 0
    known: int = 0
    problems: list[str] = field(default_factory=list)


def bring(history: History, paths: Iterable[Path], origin: Origin | None = None) -> Brought:
    """Reads the files, each by its content: JUnit XML, Bazel's events as JSON or binary, our own JSON lines.

    A run is known by its id, a JUnit file by its content; what is known already adds nothing. What is broken is told of
    and the rest goes on. Raises HistoryError when the history can't keep it.
    """
    brought = Brought()
    for path in paths:
        try:
            if path.exists() and not path.is_file():
                brought.problems.append(f"{path}: not a file; name the files in it")
                continue
            for found in read(path, origin or Origin()):
                if isinstance(found, str):
                    brought.problems.append(found)
                    continue
                run, results = found
                if history.record(run, results):
                    brought.runs += 1
                    brought.results += len(results)
                else:
                    brought.known += 1
        except junit.BrokenReport as error:
            brought.problems.append(str(error))
        except OSError as error:
            brought.problems.append(f"{path}: {error.strerror or error}")
    return brought


def read(path: Path, origin: Origin) -> Iterator[tuple[Run, Sequence[CaseResult]] | str]:
    """The runs of a file, and what is wrong with it: lines that begin with its name."""
    with path.open("rb") as stream:
        head = stream.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
        stream.seek(0)
        if not head:
            yield f"{path}: empty; a test report was meant"
        elif head.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
            yield from _junit(path, stream, origin)
        elif head.startswith((b'{"run"', b'{"result"')):
            with io.TextIOWrapper(stream, "utf-8", errors="replace") as text:
                for found in jsonl.read(text):
                    yield (found[1], found[2]) if len(found) == 3 else f"{path}:{found[0]}: {found[1]}"
        elif head.startswith(b"{"):
            yield from _events(path, event_lines.read(iter(lambda: stream.readline(LINE), b""), str(path)), origin)
        else:
            yield from _events(path, binary.read(stream, str(path)), origin)


def _junit(path: Path, stream: IO[bytes], origin: Origin) -> Iterator[tuple[Run, Sequence[CaseResult]]]:
    found = list(junit.parse(stream, str(path)))
    stream.seek(0)
    digest = hashlib.sha256()
    while piece := stream.read(1 << 20):
        digest.update(piece)
    times = [case.started for case in found if case.started]
    written = path.stat().st_mtime if origin.started is None else origin.started
    started = min(times, default=written)
    told = found[0].properties if found else {}
    ended = max((case.started + case.seconds for case in found if case.started), default=None)
    run = Run(
        id=told.get("samewire.run") or f"junit-{digest.hexdigest()[:32]}",
        started=started,
        ended=ended if times else started + sum(case.seconds for case in found),
        source="junit",
        command=path.name,
        commit=origin.commit,
        branch=origin.branch,
        dirty=not (origin.commit and origin.clean),
        configuration=origin.configuration,
    )
    results = _attempts(found, origin.label, path.stem)
    yield run, [each if each.started else replace(each, started=started) for each in results]


def _attempts(found: Iterable[JUnitCase], label: str, stem: str) -> Iterator[CaseResult]:
    """Every attempt at every case, as the frameworks tell of them.

    Surefire and our own runner put earlier attempts into the case. gotestsum writes the case again for each attempt.
    With any other, two cases of one name are two cases, and the second gets a number.
    """
    seen: Counter[CaseId] = Counter()
    for case in found:
        suite = label or case.properties.get("label") or case.suite or stem
        ours = "samewire.run" in case.properties
        whole = ours and not case.classname and case.name == suite
        who = CaseId(suite) if whole else CaseId.of(suite, case.classname, case.name)
        before = seen[who]
        seen[who] += 1
        again = before if ours else 0
        if before and (ours or "go.version" not in case.properties):
            who, before = who if ours else replace(who, name=f"{who.name} #{before + 1}"), 0
        outcome: Outcome = case.outcome
        if outcome == "skipped" and case.kind in ("xfailed", "pytest.xfail"):
            outcome = "xfailed"
        if outcome == "error" and case.kind == "timeout":
            outcome = "timeout"
        result = CaseResult(
            who,
            outcome,
            seconds=case.seconds,
            started=case.started,
            run_number=again + 1,
            cached=ours and case.properties.get("cached") == "true",
            quarantined=ours and case.properties.get("quarantined") == "true",
            message=case.message,
            detail=case.detail if outcome in RED else "",
            node=junit.bounded(case.properties.get("node", ""), 4 * junit.NAME),
            file=case.file,
            line=case.line,
            worker=junit.bounded(case.properties.get("worker", "")),
            seed=case.properties.get("seed", "")[:100],
        )
        attempts = [
            replace(result, outcome=each.outcome, message=each.message, detail=each.detail) for each in case.earlier
        ]
        # A case that stayed red has its first failure in front and those after it beneath; the order says nothing else.
        for number, each in enumerate([*attempts, result], before + 1):
            said = signature(each.message or each.detail) if each.red else ""
            yield replace(each, attempt=number, signature=said)


def _events(path: Path, events: Iterable[object], origin: Origin) -> Iterator[tuple[Run, Sequence[CaseResult]] | str]:
    """One run. Where a report is no longer what the events tell of, the status of the whole test is all there is."""
    started: Started | None = None
    finished: Finished | None = None
    values: dict[str, str] = {}
    options: tuple[str, ...] = ()
    actions: dict[tuple[str, str, int, int], dict[int, TestResult]] = {}
    for event in events:
        match event:
            case Started():
                started = event
            case Finished():
                finished = event
            case Metadata():
                values.update(event.values)
            case Options():
                options = event.explicit
            case TestResult():
                key = (event.label, event.configuration, event.run, event.shard)
                actions.setdefault(key, {})[event.attempt] = event
            case Notice():
                yield str(event)
            case _:
                pass
    if started is None or not started.id:
        yield f"{path}: no test report, no events of Bazel and no JSON lines of ours"
        return
    results: list[CaseResult] = []
    for attempts in actions.values():
        read = [cases.read(_as_it_was(attempts[number], finished)) for number in sorted(attempts)]
        for each in read:
            if each.problem:
                yield f"{path}: {each.problem}"
        results += cases.recount(read)
    commit = origin.commit or next((values[name] for name in COMMITS if values.get(name)), "")
    clean = origin.clean or values.get("BUILD_SCM_STATUS", values.get("GIT_TREE_STATUS", "")).lower() == "clean"
    yield (
        Run(
            id=started.id,
            started=started.time or origin.started or time.time(),
            ended=finished.time or None if finished else None,
            source="bep",
            command=" ".join([started.command, *options])[:4000],
            commit=commit,
            branch=origin.branch or next((values[name] for name in BRANCHES if values.get(name)), ""),
            dirty=not (commit and clean),
            configuration=origin.configuration or hashlib.sha256("\0".join(sorted(options)).encode()).hexdigest()[:16],
            host=values.get("BUILD_HOST", ""),
            exit_code=finished.code if finished else None,
        ),
        results,
    )


def _as_it_was(result: TestResult, finished: Finished | None) -> TestResult:
    """Without files that were written after the run: a later one has put its own in their place."""
    end = (finished.time if finished else 0.0) or result.started + result.duration

    def own(file: File) -> bool:
        if file.path is None:
            return True
        try:
            return file.path.is_file() and file.path.stat().st_mtime <= end + SLACK
        except (OSError, ValueError):
            return False

    return replace(result, files=tuple(filter(own, result.files)))


SLACK = 60.0  # seconds
LINE = 256 << 20
# What people call them in --build_metadata and in workspace status commands.
COMMITS = ("COMMIT_SHA", "BUILD_SCM_REVISION", "STABLE_GIT_COMMIT", "GIT_COMMIT")
BRANCHES = ("BRANCH_NAME", "BUILD_SCM_BRANCH", "GIT_BRANCH")
