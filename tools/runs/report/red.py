"""What is red, for the page: clusters of one fault, their cases with text, story and command."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tools.runs.failures import cluster
from tools.runs.record import CaseResult
from tools.runs.report import rerun, text
from tools.runs.report.cases import Row
from tools.runs.report.data import Report, Story
from tools.runs.report.figures import ms, share

# Bazel's link in the workspace says the same in fewer words.
_BAZELS = re.compile(r"^(?:file://)?/.*/execroot/[^/]+/bazel-out/[^/]+/testlogs/")
# A run that is red all over is one fault or a few: of each, some cases are told in full, the rest by name.
TOLD = 10  # cases of a cluster
TOLD_IN_ALL = 400


def clusters(report: Report, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Clusters of what is red and not masked, then of what is masked, each with the numbers of its rows."""
    stories = {story.case: story for story in report.stories}
    places = {row.case: (index, row) for index, row in enumerate(rows)}
    left = TOLD_IN_ALL
    told: list[dict[str, Any]] = []
    for masked in (False, True):
        newest = (_newest(row) for row in rows if row.red and (row.state == "masked") is masked)
        for group in cluster(newest):
            cases = [places[each.case] for each in group.results]
            full = cases[: min(TOLD, left)]
            left -= len(full)
            told.append(
                {
                    "message": text.lines(group.message, 1_000),
                    "signature": text.name(group.signature),
                    "masked": masked,
                    "targets": len(group.labels),
                    "cases": [index for index, _ in cases],
                    "told": [told_case(row, stories.get(row.case), report.logs) for _, row in full],
                }
            )
    return told


def flaky(report: Report, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Cases that were red and then green in this run."""
    stories = {story.case: story for story in report.stories}
    found = [(index, row) for index, row in enumerate(rows) if row.state == "flaky"]
    return [{"case": index, **told_case(row, stories.get(row.case), report.logs)} for index, row in found[:TOLD_IN_ALL]]


def told_case(row: Row, story: Story | None, logs: Mapping[str, str]) -> dict[str, Any]:
    """One case in full; what is empty is left out."""
    newest = _newest(row)
    told = {
        "message": text.lines(newest.message),
        "detail": text.lines(newest.detail),
        "where": text.name(f"{newest.file}:{newest.line}" if newest.file and newest.line else newest.file),
        "seed": text.name(newest.seed),
        # A process within a test says nothing of where it ran.
        "worker": "" if newest.worker.startswith("pid-") else text.name(newest.worker),
        "attempts": [[each.outcome, ms(each.seconds)] for each in row.attempts[:20]],
        "command": text.lines((story and story.command) or rerun.command(row.case, newest.node)),
        "log": text.name(_BAZELS.sub("bazel-testlogs/", (story and story.log) or logs.get(row.case.label, ""))),
        **(_story(story) if story else {}),
    }
    return {key: value for key, value in told.items() if value not in ("", None)}


def _story(story: Story) -> dict[str, Any]:
    return {
        "flake": None if story.flake is None else share(story.flake),
        "why": text.lines(story.why, 500),
        "reach": "" if story.reach == "unknown" else story.reach,
        "reachWhy": text.name(story.reach_why),
        "excerpt": text.lines(story.excerpt),
    }


def _newest(row: Row) -> CaseResult:
    """The newest red attempt."""
    return next(each for each in reversed(row.attempts) if each.red)
