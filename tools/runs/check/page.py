"""A run as the report takes it (tools/runs/report)."""

from __future__ import annotations

from collections.abc import Iterator

from tools.runs.check.cases import STATUS
from tools.runs.check.job import Checked
from tools.runs.check.state import State
from tools.runs.check.verdict import Red
from tools.runs.report import gather
from tools.runs.report.data import Cache, Problem, Report, Span, Story
from tools.runs.report.matrices import of_fixtures


def report(checked: Checked) -> Report:
    """Everything that is known of the run."""
    state, verdict = checked.state, checked.verdict
    return Report(
        run=checked.run,
        verdict=verdict.text,
        good=verdict.good,
        results=checked.results,
        facts=[
            ("Bazel's exit code", "none" if verdict.code is None else str(verdict.code)),
            ("with its verdict", f"{checked.seconds:.1f} s"),
        ],
        spans=list(spans(state)),
        critical_path=state.critical_path,
        stories=[_story(red) for red in checked.reds],
        logs={red.result.case.label: red.log for red in checked.reds if red.log},
        flakes=gather.flakes(checked.standings, checked.prior) if checked.prior else (),
        quarantine=gather.entries(checked.entries, checked.findings, checked.results),
        cache=_cache(checked),
        problems=[Problem(each.label, each.text) for each in state.unbuilt],
        findings=[*checked.unreadable, *checked.warnings],
        outage=checked.outage,
        matrices=[of_fixtures(checked.matrix)] if checked.matrix else (),
    )


def spans(state: State) -> Iterator[Span]:
    """Who ran when: every attempt that was executed in this run."""
    for (label, _, shard), action in state.actions.items():
        for number, attempt in sorted(action.attempts.items()):
            if attempt.cached or not attempt.started:
                continue
            yield Span(
                label=label,
                start=attempt.started,
                end=attempt.started + max(attempt.duration, 0.0),
                worker=attempt.host,
                shard=shard - 1,
                attempt=number,
                outcome=STATUS.get(attempt.status, "error"),
            )


def _story(red: Red) -> Story:
    return Story(
        case=red.result.case,
        flake=red.flake,
        why=red.why,
        reach=red.reach,
        reach_why=red.reach_why,
        command=red.command,
        log=red.log,
        excerpt=gather.excerpt(red.log),
    )


def _cache(checked: Checked) -> Cache:
    last = [action.last for action in checked.state.actions.values()]
    remote = sum(each.cached_remotely for each in last)
    return Cache(
        local=sum(each.cached for each in last) - remote,
        remote=remote,
        executed=sum(not each.cached for each in last),
        misses=gather.misses(checked.explained) if checked.explained else (),
    )
