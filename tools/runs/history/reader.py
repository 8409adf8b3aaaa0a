"""`samewire last` and `samewire history`: what the history says, with the standard library alone, in milliseconds.

Starts without Bazel and without dataclasses, typing, pathlib or argparse, each of which costs more than the answer.
"""

from __future__ import annotations

import os
import sys
import time

from tools.runs.history import HistoryError, is_url, location
from tools.runs.history import text as words
from tools.runs.history.recent import SIZE, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any, TypeAlias

    Query: TypeAlias = Callable[[str, Sequence[Any]], Iterable[tuple[Any, ...]]]

USE_BAZEL = 97  # exit code: this history needs more than the standard library
WIDTH = 160
LIMIT = 40

HELP = {
    "last": """Usage: samewire last [--json]

What the last run said: its verdict, reds first, flakes, time. Exits with 0 when it was good, 1 when it was not,
3 when there is no history.

Example: samewire last
""",
    "history": """Usage: samewire history [CASE] [--limit N] [--runs] [--json]
       samewire history rename OLD NEW | prune --older-than 180d

Per case: the newest trials, oldest first (P passed, F failed), how often it was red, how long it takes, since when.
Reds and proven flakes first. CASE is part of a case's name, of its label or pytest node id; * stands for anything.
One case alone is shown trial by trial. What came from a cache is no trial.

  --limit N  cases to show, 40 by default; 0 shows all
  --runs     the newest runs instead
  --json     for scripts

Example: samewire history '//proto/*_test' --limit 10
""",
}

NAME = (
    "label || CASE WHEN classname <> '' THEN ' ' || classname ELSE '' END || CASE WHEN name <> '' THEN ' ' || name "
    "ELSE '' END || CASE WHEN parameters <> '' THEN '[' || parameters || ']' ELSE '' END"
)


class Misuse(Exception):
    """Wrong options."""


def main(argv: Sequence[str], workspace: str) -> int:
    """`argv`: command and options. Returns the exit code; prints."""
    opened: list[Any] = []
    try:
        where = location(workspace)
        if is_url(where) and not {"-h", "--help"} & set(argv):
            return USE_BAZEL
        code = run(argv, lambda: sqlite(where, opened), where)
        sys.stdout.flush()
        return code
    except HistoryError as error:
        sys.stderr.write(f"samewire: {error}\n")
        return 3
    except BrokenPipeError:  # `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        for connection in opened:
            connection.close()


def run(argv: Sequence[str], connect: Callable[[], Query], where: str) -> int:
    """The command over any database; `connect` is called once it is clear what is asked."""
    command = argv[0]
    try:
        if {"-h", "--help"} & set(argv[1:]):
            sys.stdout.write(HELP[command])
            return 0
        options = parse(argv[1:], {"--json"} if command == "last" else {"--json", "--runs"}, command == "history")
    except Misuse as error:
        sys.stderr.write(f"samewire {command}: {error}; see samewire {command} --help\n")
        return 2
    query = connect()
    if command == "last":
        return last(query, "--json" in options, where)
    if "--runs" in options:
        return runs(query, options)
    return cases(query, options, where)


def parse(words_: Sequence[str], flags: set[str], pattern: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    rest = iter(words_)
    for word in rest:
        name, equals, value = word.partition("=")
        if name in flags and not equals:
            found[name] = ""
        elif name == "--limit" and pattern:
            value = value if equals else next(rest, "")
            if not (value.isascii() and value.isdigit() and len(value) < 10):
                raise Misuse(f"--limit takes a number, not {words.line(value, 40)!r}")
            found[name] = value
        elif word.startswith("-") and len(word) > 1:
            raise Misuse(f"no option {words.line(word, 40)}")
        elif not pattern or "" in found:
            raise Misuse(f"one word too many: {words.line(word, 40)}")
        else:
            found[""] = word
    return found


def sqlite(where: str, opened: list[Any]) -> Query:
    """Opens the file for reading only; the connection is added to `opened`, to be closed."""
    import sqlite3

    if not os.path.exists(where):
        raise HistoryError(f"{where}: no history yet; `samewire check` or `samewire import` begin one")
    try:
        name = os.path.abspath(where).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        folder = os.path.dirname(os.path.abspath(where))
        # As database.read_only_uri.
        mode = "mode=ro" if os.access(folder, os.W_OK) or os.path.exists(f"{where}-wal") else "immutable=1"
        connection = sqlite3.connect(f"file:{name}?{mode}", uri=True, timeout=10, isolation_level=None)
        opened.append(connection)
        [(version,)] = connection.execute("SELECT max(number) FROM migration")
        known = sum(step.endswith(".sql") for step in os.listdir(os.path.join(os.path.dirname(__file__), "migrations")))
        if version > known:
            raise HistoryError(f"{where}: written by a newer samewire (format {version}, this one knows {known})")

        def query(sql: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
            try:
                yield from connection.execute(sql, values)
            except sqlite3.Error as error:
                raise explained(where, error) from None
    except sqlite3.Error as error:
        raise explained(where, error) from None
    return query


def explained(where: str, error: Any) -> HistoryError:
    from pathlib import Path

    from tools.runs.history.database import explain

    return HistoryError(f"{where}: {explain(error, Path(where))}")


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


RUN_NAMES = (
    *("number", "placed", "id", "started", "ended", "source", "command", "commit_hash", "branch", "dirty"),
    *("configuration", "host", "exit_code", "outage", "results", "reds", "cached"),
)
RUN = ", ".join(RUN_NAMES)


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


def runs(query: Query, options: dict[str, str]) -> int:
    """The newest runs, newest first."""
    if "" in options:
        sys.stderr.write("samewire history: --runs takes no case; see samewire history --help\n")
        return 2
    limit = int(options.get("--limit", LIMIT)) or 10**9
    found = query(f"SELECT {RUN} FROM run ORDER BY placed DESC, number DESC LIMIT ?", (limit,))
    every = [dict(zip(RUN_NAMES, row, strict=True)) for row in found]
    if "--json" in options:
        import json

        print(json.dumps({"runs": [{k: v for k, v in run.items() if k not in ("number", "placed")} for run in every]}))
        return 0
    for run in every:
        print(f"{words.line(run['id'], 40):<36}  {run['results']:>6} results  {run['reds']:>5} red  {about(run)}")
    return 0


def cases(query: Query, options: dict[str, str], where: str) -> int:
    """The standings."""
    pattern = options.get("", "")
    limit = int(options.get("--limit", LIMIT)) or 10**9
    condition, values = "", []
    if pattern:
        like = pattern.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%")
        condition = f"WHERE lower({NAME}) LIKE ? ESCAPE '\\' OR lower(coalesce(node.word, '')) LIKE ? ESCAPE '\\'"
        values = [f"%{like}%"] * 2
    tables = "standing JOIN test ON test.number = standing.test LEFT JOIN word AS node ON node.number = standing.node"
    rows = list(
        query(
            "SELECT label, classname, name, parameters, trials, reds, contradictions, first_seen, last_seen, last, "
            f"coalesce(node.word, ''), recent, standing.test, standing.seconds FROM {tables} {condition} "
            "ORDER BY CASE WHEN contradictions > 0 THEN 0 ELSE 1 END, CASE WHEN last IN (1, 2, 3) THEN 0 ELSE 1 END, "
            "1.0 * reds / (trials + 1) DESC, label, classname, name, parameters LIMIT ?",
            [*values, limit],
        )
    )
    [(count,)] = query(f"SELECT count(*) FROM {tables} {condition}", values) if len(rows) == limit else [(len(rows),)]
    if not rows:
        named = f"no case has {words.line(pattern, 80)!r} in its name" if pattern else "no case in it yet"
        sys.stderr.write(f"samewire: {where}: {named}\n")
        return 1
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
    if "--json" in options:
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
