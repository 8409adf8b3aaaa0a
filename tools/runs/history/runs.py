"""Runs, as `samewire last` and `samewire history --runs` show them."""

from __future__ import annotations

import time

from tools.runs.history import HistoryError
from tools.runs.history import text as words
from tools.runs.history.recent import SIZE
from tools.runs.history.text import WIDTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tools.runs.history.reader import Query

RUN_NAMES = (
    *("number", "placed", "id", "started", "ended", "source", "command", "commit_hash", "branch", "dirty"),
    *("configuration", "host", "exit_code", "outage", "results", "reds", "cached"),
)
RUN = ", ".join(RUN_NAMES)
LIMIT = 40  # reds of a run that are shown


def last(query: Query, as_json: bool, where: str) -> int:
    """The newest run."""
    found = list(query(f"SELECT {RUN} FROM run ORDER BY placed DESC, number DESC LIMIT 1", ()))
    if not found:
        raise HistoryError(f"{where}: no run in it yet")
    run = dict(zip(RUN_NAMES, found[0], strict=True))
    counts: dict[str, int] = {}
    cached = 0
    for outcome, from_cache, count in query(
        "SELECT outcome, cached, count(*) FROM result WHERE run = ? GROUP BY outcome, cached", (run["number"],)
    ):
        counts[words.OUTCOMES[outcome]] = counts.get(words.OUTCOMES[outcome], 0) + count
        cached += count if from_cache else 0
    # A case with a red result is shown once: with its newest, and flaky if another result of it was green.
    shown = []
    for row in query(
        "SELECT label, classname, test.name, parameters, red.outcome, red.seconds, red.quarantined, red.attempt, "
        "coalesce(failure.message, ''), standing.recent, standing.contradictions, "
        "(SELECT count(*) FROM result AS green WHERE green.run = red.run AND green.test = red.test "
        "AND green.outcome IN (0, 5)) "
        "FROM result AS red JOIN test ON test.number = red.test JOIN standing ON standing.test = red.test "
        "LEFT JOIN failure ON failure.number = red.failure WHERE red.run = ? AND red.outcome IN (1, 2, 3) AND "
        "red.ordinal = (SELECT max(ordinal) FROM result AS other WHERE other.run = red.run AND other.test = red.test "
        "AND other.outcome IN (1, 2, 3)) ORDER BY red.test",
        (run["number"],),
    ):
        state = "flaky" if row[11] else "quarantined" if row[6] else words.OUTCOMES[row[4]]
        shown.append(
            {
                "case": words.case(*row[:4]),
                "state": state,
                "seconds": row[5],
                "message": row[8],
                "recent": words.strip(row[9][SIZE - 1 :: SIZE]),
                "contradictions": row[10],
            }
        )
    order = ("error", "timeout", "failed", "flaky", "quarantined")
    shown.sort(key=lambda case: order.index(case["state"]))
    pruned = run["results"] and not counts
    red = run["reds"] if pruned else sum(case["state"] in order[:3] for case in shown)
    good = not red and run["exit_code"] in (0, None)
    verdict = "PASSED" if good else "FAILED"
    if as_json:
        import json

        del run["number"], run["placed"]
        print(json.dumps({"verdict": verdict.lower(), "run": run, "counts": counts, "cached": cached, "reds": shown}))
        return 0 if good else 1
    print(f"{verdict}  {about(run)}")
    said = [f"{sum(case['state'] == state for case in shown)} {state}" for state in order]
    said = [part for part in said if not part.startswith("0 ")]
    green = counts.get("passed", 0) + counts.get("xfailed", 0)
    said.append(f"{green} passed" + (f" ({cached} from the cache)" if cached else ""))
    if counts.get("skipped"):
        said.append(f"{counts['skipped']} skipped")
    print("  " + ", ".join(said))
    if pruned:
        print(f"  of its {run['results']} results, {run['reds']} of them red, the history was pruned")
    if run["outage"]:
        print(f"  an outage, no trials: {words.line(run['outage'], WIDTH)}")
    if good is False and not red:
        print(f"  no case is red, yet it ended with {run['exit_code']}: something was not built, or it was broken off")
    for case in shown[:LIMIT]:
        proven = "  a flake, proven" if case["contradictions"] else ""
        print(f"  {case['state'].upper():<11}  {words.line(case['case'], WIDTH)}")
        print(f"      {words.duration(case['seconds'])}  {case['recent']}{proven}")
        if case["message"]:
            print(f"      {words.line(case['message'], WIDTH)}")
    if len(shown) > LIMIT:
        print(f"  … and {len(shown) - LIMIT} more: samewire last --json")
    return 0 if good else 1


def about(run: dict[str, Any]) -> str:
    """A run in a line: what, when, how long, of what tree."""
    parts = [words.line(run["command"] or run["source"], 80), words.moment(run["started"])]
    parts.append(f"({words.ago(time.time() - run['started'])})")
    if run["ended"] is not None and run["ended"] >= run["started"]:
        parts.append(f"took {words.duration(run['ended'] - run['started'])}")
    if run["commit_hash"]:
        dirty = " and changes" if run["dirty"] else ""
        parts.append(f"at {words.line(run['commit_hash'][:12], 12)}{dirty}")
    if run["branch"]:
        parts.append(f"on {words.line(run['branch'], 40)}")
    return "  ".join(parts)


def runs(query: Query, limit: int, as_json: bool) -> int:
    """The newest runs, newest first."""
    found = query(f"SELECT {RUN} FROM run ORDER BY placed DESC, number DESC LIMIT ?", (limit,))
    every = [dict(zip(RUN_NAMES, row, strict=True)) for row in found]
    if as_json:
        import json

        print(json.dumps({"runs": [{k: v for k, v in run.items() if k not in ("number", "placed")} for run in every]}))
        return 0
    for run in every:
        print(f"{words.line(run['id'], 40):<36}  {run['results']:>6} results  {run['reds']:>5} red  {about(run)}")
    return 0
