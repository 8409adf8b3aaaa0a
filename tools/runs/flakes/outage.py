"""Runs that say nothing of their tests: the machine, the network or something that all tests share was broken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tools.runs.record import CaseId, CaseResult

# A share of all cases, red at once.
SHARE = 0.3
# Fewer cases than this are no crowd: a package under work may well be red whole.
LEAST_CASES = 20
# One message on so many targets, and on such a share of all of them.
TARGETS = 5
TARGET_SHARE = 0.1


def outage(results: Iterable[CaseResult], share: float = SHARE) -> str | None:
    """Why these results of one run are no trials, in words; None where they are.

    Cached results count as green cases of the run: where little was executed, what is red is no crowd. A change that
    breaks everything looks the same and is left out of statistics too; the run is red all the same.

    Args:
        results: of one run, all attempts.
        share: of the run's cases that may be red.
    """
    last: dict[CaseId, CaseResult] = {}
    for result in results:
        last[result.case] = result
    red = [result for result in last.values() if result.red]
    if len(last) >= LEAST_CASES and len(red) > share * len(last):
        return f"{len(red)} of {len(last)} cases are red at once (more than {100 * share:.0f} %)"
    targets: dict[str, set[str]] = defaultdict(set)
    messages: dict[str, str] = {}
    for result in red:
        if result.signature:
            targets[result.signature].add(result.case.label)
            messages.setdefault(result.signature, result.message)
    total = len({case.label for case in last})
    most = max(targets, key=lambda signature: (len(targets[signature]), signature), default="")
    if most and len(targets[most]) >= max(TARGETS, TARGET_SHARE * total):
        message = (messages[most].strip().splitlines() or [""])[0][:80]
        return f"{len(targets[most])} of {total} targets fail with one message: {message}"
    return None
