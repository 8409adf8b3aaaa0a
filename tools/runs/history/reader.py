"""`samewire last` and `samewire history`: what the history says, with the standard library alone, in milliseconds.

Starts without Bazel and without dataclasses, typing, pathlib or argparse, each of which costs more than the answer.
"""

from __future__ import annotations

import os
import sys

from tools.runs.history import HistoryError, is_url, location
from tools.runs.history import text as words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any, TypeAlias

    Query: TypeAlias = Callable[[str, Sequence[Any]], Iterable[tuple[Any, ...]]]

USE_BAZEL = 97  # exit code: this history needs more than the standard library
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
        if "" in options and "--runs" in options:
            raise Misuse("--runs takes no case")
    except Misuse as error:
        sys.stderr.write(f"samewire {command}: {error}; see samewire {command} --help\n")
        return 2
    query, as_json, limit = connect(), "--json" in options, int(options.get("--limit", LIMIT)) or 10**9
    if command == "last":
        from tools.runs.history.runs import last

        return last(query, as_json, where)
    if "--runs" in options:
        from tools.runs.history.runs import runs

        return runs(query, limit, as_json)
    from tools.runs.history.cases import cases

    return cases(query, options.get("", ""), limit, as_json, where)


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
