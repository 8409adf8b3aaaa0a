"""Cases, as `samewire history` shows them."""

from __future__ import annotations

import sys
import time

from tools.runs.history import text as words
from tools.runs.history.recent import SIZE, unpack
from tools.runs.history.text import WIDTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from tools.runs.history.reader import Query

NAME = (
    "label || CASE WHEN classname <> '' THEN ' ' || classname ELSE '' END || CASE WHEN name <> '' THEN ' ' || name "
    "ELSE '' END || CASE WHEN parameters <> '' THEN '[' || parameters || ']' ELSE '' END"
)


def cases(query: Query, pattern: str, limit: int, as_json: bool, where: str) -> int:
    """The standings; `where` names the history in errors."""
    numbers, count = chosen(query, pattern, limit)
    if not numbers:
        named = f"no case has {words.line(pattern, 80)!r} in its name" if pattern else "no case in it yet"
        sys.stderr.write(f"samewire: {where}: {named}\n")
        return 1
    found = among(
        query,
        "SELECT label, classname, name, parameters, trials, reds, contradictions, first_seen, last_seen, last, "
        "coalesce(node.word, ''), recent, standing.test FROM standing JOIN test ON test.number = standing.test "
        "LEFT JOIN word AS node ON node.number = standing.node WHERE standing.test IN (…)",
        numbers,
    )
    by_number = {row[12]: row for row in found}
    rows = [by_number[number] for number in numbers if number in by_number]
    every = []
    for row in rows:
        seconds = [trial[3] for trial in unpack(row[11])]
        every.append(
            {
                "case": words.case(*row[:4]),
                "label": row[0],
                "classname": row[1],
                "name": row[2],
                "parameters": row[3],
                "node": row[10],
                "recent": words.strip(row[11][SIZE - 1 :: SIZE]),
                "trials": row[4],
                "reds": row[5],
                "contradictions": row[6],
                "first_seen": row[7],
                "last_seen": row[8],
                "last": words.OUTCOMES[row[9]],
                "seconds": words.median(seconds) if seconds else 0.0,
                "trend": words.trend(seconds),
            }
        )
    trials = newest(query, rows[0][12]) if len(rows) == count == 1 else []
    if as_json:
        import json

        print(json.dumps({"cases": every, "count": count} | ({"trials": trials} if trials else {})))
        return 0
    print(f"{'newest trials':>20}  {'red':>6}  {'of':>6}  {'takes':>7}  {'':6}  case")
    now = time.time()
    for case in every:
        share = f"{100 * case['reds'] / case['trials']:.1f} %" if case["trials"] else "–"
        known = "  (a flake, proven)" if case["contradictions"] else ""
        trend = "" if case["trend"] == "steady" else case["trend"]
        print(
            f"{case['recent']:>20}  {share:>6}  {case['trials']:>6}  {words.duration(case['seconds']):>7}  {trend:6}  "
            f"{words.line(case['case'], WIDTH)}{known}"
        )
    if count > len(rows):
        print(f"… and {count - len(rows)} more; --limit 0 shows all, a part of a name fewer")
    for trial in trials:
        print(
            f"  {trial['outcome']:<7}  {words.moment(trial['started'])}  {words.duration(trial['seconds']):>7}"
            f"  attempt {trial['attempt']}  {tree(trial['commit'], trial['dirty']):<13}"
            f"  {words.line(trial['message'], 80)}".rstrip()
        )
    if trials:
        first, newest_ = (words.ago(now - every[0][seen]) for seen in ("first_seen", "last_seen"))
        print(f"  first seen {first}, last seen {newest_}")
    return 0


def chosen(query: Query, pattern: str, limit: int) -> tuple[list[int], int]:
    """Numbers of the cases to show, what matters first, and how many there are in all.

    Of twenty thousand standings few are read: their trials make each a kilobyte.
    """
    worst = (
        "CASE WHEN contradictions > 0 THEN 0 ELSE 1 END, CASE WHEN last IN (1, 2, 3) THEN 0 ELSE 1 END, "
        "1.0 * reds / (trials + 1) DESC, test"
    )
    if not pattern:
        [(count,)] = query("SELECT count(*) FROM test", ())
        numbers = [
            row[0] for row in query(f"SELECT test FROM standing WHERE reds > 0 ORDER BY {worst} LIMIT ?", (limit,))
        ]
        if len(numbers) < limit:
            calm = "SELECT number FROM test WHERE number NOT IN (SELECT test FROM standing WHERE reds > 0)"
            numbers += [row[0] for row in query(f"{calm} ORDER BY number LIMIT ?", (limit - len(numbers),))]
        return numbers, count
    like = pattern.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%")
    matching, value = "LIKE ? ESCAPE '\\'", (f"%{like}%",)
    found = [row[0] for row in query(f"SELECT number FROM test WHERE lower({NAME}) {matching}", value)]
    nodes = "SELECT test FROM standing JOIN word ON word.number = standing.node WHERE lower(word)"
    found = found or [row[0] for row in query(f"{nodes} {matching}", value)]
    order = among(query, f"SELECT {worst.replace(' DESC', '')} FROM standing WHERE test IN (…)", found)
    ordered = sorted(order, key=lambda row: (row[0], row[1], -row[2], row[3]))
    return [row[3] for row in ordered[:limit]], len(found)


def among(query: Query, sql: str, values: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """Rows of `sql`, whose `IN (…)` is filled with the values, some hundreds at a time."""
    for start in range(0, len(values), 500):
        part = values[start : start + 500]
        yield from query(sql.replace("…", ",".join("?" * len(part))), part)


def tree(commit: str, dirty: bool) -> str:
    """`c0ffee012345+`: the commit, and that there were changes."""
    return words.line(commit[:12], 12) + "+" * dirty if commit else "tree unknown"


def newest(query: Query, test: int) -> list[dict[str, Any]]:
    """The newest trials of a case, newest first."""
    return [
        {
            "run": run,
            "started": started,
            "outcome": words.OUTCOMES[outcome],
            "seconds": seconds,
            "attempt": attempt,
            "commit": commit,
            "dirty": bool(dirty),
            "message": message,
        }
        for run, started, outcome, seconds, attempt, commit, dirty, message in query(
            "SELECT run.id, run.started, outcome, seconds, attempt, commit_hash, dirty, coalesce(message, '') "
            "FROM run CROSS JOIN result LEFT JOIN failure ON failure.number = result.failure "
            "WHERE result.run = run.number AND result.test = ? AND result.cached = 0 AND outcome <> 4 AND outage = '' "
            "ORDER BY placed DESC, run.number DESC, ordinal DESC LIMIT 20",
            (test,),
        )
    ]
