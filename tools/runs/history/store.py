"""The history: runs go in, standings, trials and results come out."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from types import TracebackType
from typing import Any

from tools.runs.history.database import Database, Row
from tools.runs.history.recent import unpack
from tools.runs.history.recording import KINDS, OUTCOMES, Recording, digest, identity
from tools.runs.record import RED, CaseId, CaseResult, Run, Standing, Trial

_RUN = "id, started, ended, source, command, commit_hash, branch, dirty, configuration, host, exit_code, outage"


class History:
    """Open it with `history.open`; a context manager. Every method raises HistoryError when the database can't.

    Not for two threads at once; processes may share the file as they like.

    Attributes:
        notices: what was odd and what was done about it, a line each: a clock that went back, runs from the future.
    """

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self.database = database
        self.clock = clock
        self.notices: list[str] = []

    def __enter__(self) -> History:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.database.close()

    @property
    def where(self) -> str:
        """Path, or URL without its password."""
        return self.database.where

    def record(self, run: Run, results: Iterable[CaseResult]) -> bool:
        """Keeps a run with all its results and brings the standings up to date; all of it or nothing.

        A result without a key gets the commit's (commit and configuration) when the tree was clean; a key of kind
        "commit" of a tree that was not is dropped.

        Args:
            run: known by its id: recording it again changes nothing. With an `outage` none of its results is a trial.
            results: in the order they happened; held in memory while they are written.

        Returns:
            Whether the run was new.
        """
        every = list(results)  # read before the database is locked: other runs shall not wait for a parser
        recording = Recording(self.database, self.clock())
        with self.database.writing():
            new = recording.record(run, every)
        if recording.notice:
            self.notices.append(recording.notice)
        return new

    def standings(self, labels: Iterable[str] | None = None, *, reds_only: bool = False) -> Iterator[Standing]:
        """Every case, or those of some labels, in the order they were first seen.

        `reds_only`: only cases that were red in a trial at least once. No other can be flaky, and of 20,000 cases few
        are; it is what makes `flaky` fast. `tallies()` has the counts of all, for a prior.
        """
        condition = "WHERE standing.reds > 0" if reds_only else "WHERE 1 = 1"
        sql = (
            "SELECT label, classname, test.name, parameters, trials, reds, contradictions, contradiction, first_seen, "
            f"last_seen, last, seconds, node, recent, streaks, lone, greens "
            f"FROM standing JOIN test ON test.number = standing.test {condition}"
        )
        rows: Iterator[Row]
        if labels is None:
            rows = self.database.rows(sql + " ORDER BY standing.test")
        else:
            rows = self.database.among(
                sql + " AND label_digest IN (…) ORDER BY standing.test", [digest(label) for label in labels]
            )
        runs: dict[int, tuple[str, str]] = {}
        while part := list(islice(rows, 1000)):
            trials = [list(unpack(row[13])) for row in part]
            numbers = {row[7] for row in part} | {row[12] for row in part}
            for recent in trials:
                for trial in recent:
                    numbers.add(trial[1])
                    numbers.add(trial[2])
            words = self._words(numbers)
            missing = {trial[0] for recent in trials for trial in recent} - runs.keys()
            named = "SELECT number, id, commit_hash, dirty FROM run WHERE number IN (…)"
            for number, run, commit, dirty in self.database.among(named, sorted(missing)):
                runs[number] = (run, "" if dirty else commit)
            for row, recent in zip(part, trials, strict=True):
                yield Standing(
                    case=CaseId(*row[:4]),
                    trials=row[4],
                    reds=row[5],
                    contradictions=row[6],
                    contradiction=words[row[7]],
                    first_seen=row[8],
                    last_seen=row[9],
                    last=OUTCOMES[row[10]],
                    seconds=row[11] / row[4] if row[4] else 0.0,
                    node=words[row[12]],
                    recent=tuple(
                        Trial(runs[run][0], started, bool(red), words[key], runs[run][1], attempt, seconds, words[sign])
                        for run, key, sign, seconds, started, attempt, red in recent
                    ),
                    streaks=row[14],
                    lone=row[15],
                    greens=row[16],
                )

    def tallies(self) -> dict[tuple[int, int], int]:
        """(trials, reds) → how many cases have them: all that a prior needs of steady cases."""
        return {
            (trials, reds): count
            for trials, reds, count in self.database.rows(
                "SELECT trials, reds, count(*) FROM standing WHERE trials > 0 GROUP BY trials, reds"
            )
        }

    def trials(self, case: CaseId, limit: int) -> list[Trial]:
        """The newest trials of a case, oldest first; a name from before a rename will do."""
        test = self._number(case)
        if test is None:
            return []
        rows = self.database.rows(
            "SELECT run.id, result.started, outcome, key.word, commit_hash, dirty, attempt, seconds, sign.word "
            "FROM run CROSS JOIN result "
            "LEFT JOIN word AS key ON key.number = input_key LEFT JOIN failure ON failure.number = result.failure "
            "LEFT JOIN word AS sign ON sign.number = failure.signature "
            "WHERE result.run = run.number AND result.test = ? AND result.cached = 0 AND outcome <> 4 "
            "AND outage = '' ORDER BY placed DESC, run.number DESC, ordinal DESC LIMIT ?",
            (test, limit),
        )
        trials = [
            Trial(
                run,
                started,
                OUTCOMES[outcome] in RED,
                key or "",
                "" if dirty else commit,
                attempt,
                seconds,
                sign or "",
            )
            for run, started, outcome, key, commit, dirty, attempt, seconds, sign in rows
        ]
        return trials[::-1]

    def runs(self, limit: int) -> list[Run]:
        """The newest runs, newest first."""
        rows = self.database.rows(f"SELECT {_RUN} FROM run ORDER BY placed DESC, number DESC LIMIT ?", (limit,))
        return [_run(row) for row in rows]

    def results(self, run_id: str) -> Iterator[CaseResult]:
        """What a run recorded, in the order of cases; empty where nothing is known of it, or it was pruned."""
        rows = self.database.rows(
            "SELECT label, classname, test.name, parameters, outcome, seconds, result.started, attempt, run_number, "
            "shard, result.cached, input_key, key_kind, message, detail, signature, node, file, line, worker, seed, "
            "quarantined FROM run JOIN result ON result.run = run.number JOIN test ON test.number = result.test "
            "LEFT JOIN failure ON failure.number = result.failure WHERE run.digest = ? "
            "ORDER BY result.test, ordinal",
            (digest(run_id),),
        )
        while part := list(islice(rows, 1000)):
            words = self._words({row[at] for row in part for at in (11, 15, 16, 17, 19, 20)})
            for row in part:
                yield CaseResult(
                    CaseId(*row[:4]),
                    OUTCOMES[row[4]],
                    seconds=row[5],
                    started=row[6],
                    attempt=row[7],
                    run_number=row[8],
                    shard=row[9],
                    cached=bool(row[10]),
                    key=words[row[11]],
                    key_kind=KINDS[row[12]],  # type: ignore[arg-type]
                    message=row[13] or "",
                    detail=row[14] or "",
                    signature=words[row[15]],
                    node=words[row[16]],
                    file=words[row[17]],
                    line=row[18],
                    worker=words[row[19]],
                    seed=words[row[20]],
                    quarantined=bool(row[21]),
                )

    def durations(self, label: str) -> dict[str, float]:
        """Seconds a case of this label takes: the median of its newest executed trials.

        By pytest's node id; by the full name where there is none, which is "" for a whole target that is one case.
        """
        rows = self.database.rows(
            "SELECT word, test.name, parameters, recent FROM test JOIN standing ON standing.test = test.number "
            "LEFT JOIN word ON word.number = standing.node WHERE label_digest = ? AND trials > 0 ORDER BY test.number",
            (digest(label),),
        )
        found = {}
        for node, name, parameters, recent in rows:
            if seconds := [trial[3] for trial in unpack(recent)]:
                found[node or CaseId(label, "", name, parameters).full_name] = statistics.median(seconds)
        return found

    def target_durations(self) -> dict[str, float]:
        """Seconds a target takes, by label: the mean of every case's trials, added up."""
        rows = self.database.rows(
            "SELECT label, SUM(seconds / trials) FROM standing JOIN test ON test.number = standing.test "
            "WHERE trials > 0 GROUP BY label"
        )
        return {str(label): float(seconds) for label, seconds in rows}

    def _number(self, case: CaseId) -> int | None:
        known = identity(case)
        for sql in ("SELECT number FROM test WHERE digest = ?", "SELECT test FROM alias WHERE digest = ?"):
            if row := self.database.one(sql, (known,)):
                return int(row[0])
        return None

    def _words(self, numbers: Iterable[Any]) -> dict[Any, str]:
        found: dict[Any, str] = dict.fromkeys(numbers, "")
        found.update(self.database.among("SELECT number, word FROM word WHERE number IN (…)", filter(None, found)))
        return found


def _run(row: Row) -> Run:
    values = list(row)
    values[7] = bool(values[7])
    return Run(*values)
