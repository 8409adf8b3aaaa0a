"""Runs out of the history, for others: JSON lines with all that is known, JUnit XML with what that format can say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from xml.sax.saxutils import quoteattr

from tools.runs.exchange import jsonl
from tools.runs.history.store import History
from tools.runs.record import RED, CaseResult, Run

# Characters that XML 1.0 cannot carry, not even escaped.
_UNCARRIED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
EVERY = 2**31 - 1


class NoSuchRun(LookupError):
    """The history has no run of that id, or more than one that begins so."""


def chosen(history: History, run: str) -> Run:
    """The run whose id is, or alone begins with, `run`; the newest where it is empty. Raises NoSuchRun."""
    runs = history.runs(EVERY if run else 1)
    found = [each for each in runs if each.id == run] or [each for each in runs if each.id.startswith(run)]
    if not found:
        named = f"no run {run[:80]!r}; samewire history --runs lists them" if run else "no run in it yet"
        raise NoSuchRun(f"{history.where}: {named}")
    if len(found) > 1:
        raise NoSuchRun(f"{history.where}: {len(found)} runs begin with {run[:80]!r}")
    return found[0]


def lines(history: History, runs: list[Run]) -> Iterator[str]:
    """JSON lines, oldest run first."""
    for run in runs:
        yield from jsonl.write(run, history.results(run.id))


def junit_text(history: History, run: Run) -> Iterator[str]:
    """The lines of a test.xml: a suite per label, attempts as Surefire writes them. An import knows the run again."""
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield f"<testsuites name={_quoted(run.command or run.id)}>"
    for label, results in groupby(
        sorted(history.results(run.id), key=lambda each: each.case), key=lambda each: each.case.label
    ):
        cases = [list(each) for _, each in groupby(results, key=lambda each: (each.case, each.run_number, each.shard))]
        last = [each[-1] for each in cases]
        counts = (
            f'tests="{len(last)}" failures="{sum(each.outcome == "failed" for each in last)}" '
            f'errors="{sum(each.outcome in ("error", "timeout") for each in last)}" '
            f'skipped="{sum(each.outcome in ("skipped", "xfailed") for each in last)}" '
            f'time="{sum(each.seconds for each in last):.3f}"'
        )
        yield f"  <testsuite name={_quoted(label)} {counts} timestamp={_quoted(_time(run.started))}>"
        yield "    <properties>"
        for name, value in {"label": label, "samewire.run": run.id, "commit": run.commit, "branch": run.branch}.items():
            if value:
                yield f"      <property name={_quoted(name)} value={_quoted(value)}/>"
        yield "    </properties>"
        for attempts in cases:
            yield from _case(attempts)
        yield "  </testsuite>"
    yield "</testsuites>"


def _case(attempts: list[CaseResult]) -> Iterator[str]:
    last = attempts[-1]
    place = f" file={_quoted(last.file)} line={_quoted(str(last.line))}" if last.file else ""
    yield (
        f"    <testcase classname={_quoted(last.case.classname)} name={_quoted(last.case.full_name or last.case.label)}"
        f' time="{last.seconds:.3f}" timestamp={_quoted(_time(last.started))}{place}>'
    )
    facts = {
        "node": last.node,
        "worker": last.worker,
        "seed": last.seed,
        "attempt": str(last.attempt),
        "cached": "true" if last.cached else "",
        "quarantined": "true" if last.quarantined else "",
    }
    yield "      <properties>"
    for name, value in facts.items():
        if value:
            yield f"        <property name={_quoted(name)} value={_quoted(value)}/>"
    yield "      </properties>"
    if last.red:
        yield _trouble("failure" if last.outcome == "failed" else "error", last)
    elif last.outcome in ("skipped", "xfailed"):
        yield f"      <skipped type={_quoted(last.outcome)} message={_quoted(last.message)}/>"
    for each in attempts[:-1]:
        if each.outcome in RED:
            kind = "Failure" if each.outcome == "failed" else "Error"
            yield _trouble(f"{'rerun' if last.red else 'flaky'}{kind}", each)
    yield "    </testcase>"


def _trouble(tag: str, result: CaseResult) -> str:
    text = carried(result.detail).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"      <{tag} type={_quoted(result.outcome)} message={_quoted(result.message)}>{text}</{tag}>"


def _quoted(text: str) -> str:
    return quoteattr(carried(text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def carried(text: str) -> str:
    r"""With every character that XML cannot carry written as Python would, `\x1b`."""
    return _UNCARRIED.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def _time(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return ""
