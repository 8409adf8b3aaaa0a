"""One run into the history, in one transaction: its results, the standings of its cases, the outcomes per input key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from tools.runs.history.database import Database
from tools.runs.history.recent import LAYOUT, SIZE, unpack
from tools.runs.record import RECENT, RED, CaseId, CaseResult, Outcome, Run

OUTCOMES: tuple[Outcome, ...] = ("passed", "failed", "error", "timeout", "skipped", "xfailed")
CODES = {outcome: code for code, outcome in enumerate(OUTCOMES)}
KINDS = ("", "action", "commit")
KIND_CODES = {kind: code for code, kind in enumerate(KINDS)}
PASSED, FAILED = 1, 2
MOST = 2**31 - 1
SKEW = 60.0  # seconds that clocks of machines may differ
BOTH = PASSED | FAILED


def digest(*parts: str) -> bytes:
    """Of 16 bytes, over texts of any length and content."""
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def identity(case: CaseId) -> bytes:
    return digest(case.label, case.classname, case.name, case.parameters)


def clean(text: str) -> str:
    """As both databases can hold it: no lone surrogates, no NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def count(number: int) -> int:
    """As both databases can hold it."""
    return number if -MOST <= number <= MOST else MOST


def duration(seconds: float) -> float:
    """Sane: no NaN, nothing below nothing, no more than thirty years."""
    return seconds if 0.0 <= seconds < 1e9 else 0.0


def moment(when: float) -> float:
    """Sane: no NaN, after 1970, before the year 5000."""
    return when if 0.0 <= when < 1e11 else 0.0


def commit_key(run: Run) -> str:
    """The key of everything that ran on a clean tree: commit and configuration; empty where that says nothing."""
    if run.dirty or not run.commit:
        return ""
    return digest("commit", run.commit, run.configuration).hex()


@dataclass(slots=True)
class _Standing:
    """A row of `standing` while it changes; the order of fields is that of the columns."""

    test: int
    trials: int = 0
    reds: int = 0
    contradictions: int = 0
    contradiction: int = 0
    first_seen: float = 0.0
    last_seen: float = 0.0
    last: int = 0
    seconds: float = 0.0
    node: int = 0
    streaks: int = 0
    lone: int = 0
    greens: int = 0
    recent: bytes = b""
    fresh: list[bytes] = field(default_factory=list)

    def add(self, trials: bytes, most: int) -> None:
        """With trials that are newer than all it knows."""
        recent = self.recent
        for at in range(SIZE - 1, len(trials), SIZE):
            if trials[at]:  # a trial's last byte says whether it was red
                self.streaks += not (recent and recent[-1])
                self.greens = 0
            else:
                self.lone += len(recent) > SIZE and recent[-1] and not recent[-1 - SIZE]
                self.greens += 1
            recent += trials[at - SIZE + 1 : at + 1]
        self.recent = recent[-most * SIZE :]

    def add_late(self, trials: bytes, at: int, most: int) -> None:
        """With trials that belong before the newest ones, at index `at` of them: an old report, read late.

        What the newest trials do not reach any more is known by its sums only, and the trials then count there.
        """
        if not at and len(self.recent) >= most * SIZE:
            return
        reds = self.recent[SIZE - 1 :: SIZE]
        streaks, lone, _ = rows(reds)
        self.recent = self.recent[: at * SIZE] + trials + self.recent[at * SIZE :]
        now = self.recent[SIZE - 1 :: SIZE]
        more_streaks, more_lone, greens = rows(now)
        self.streaks += more_streaks - streaks
        self.lone += more_lone - lone
        self.greens = greens if any(now) else self.greens + len(now) - len(reds)
        self.recent = self.recent[-most * SIZE :]

    def row(self) -> tuple[object, ...]:
        return (
            self.trials,
            self.reds,
            self.contradictions,
            self.contradiction,
            self.first_seen,
            self.last_seen,
            self.last,
            self.seconds,
            self.node,
            self.streaks,
            self.lone,
            self.greens,
            self.recent,
            self.test,
        )


def rows(reds: bytes) -> tuple[int, int, int]:
    """Of trials, 1 red and 0 green: rows of reds, rows of one red between greens, greens at the end."""
    streaks = sum(red > before for before, red in zip(b"\0" + reds, reds, strict=False))
    lone = sum(reds[at : at + 3] == b"\0\1\0" for at in range(len(reds) - 2))
    return streaks, lone, len(reds) - len(reds.rstrip(b"\0"))


class Recording:
    """Use once, inside `database.writing()`."""

    def __init__(self, database: Database, now: float) -> None:
        self._database = database
        self._now = now
        self.notice = ""

    def record(self, run: Run, results: Sequence[CaseResult]) -> bool:
        """Whether the run was new; one that is known is left as it is."""
        known = digest(run.id)
        if self._database.one("SELECT 1 FROM run WHERE digest = ?", (known,)):
            return False
        newest = self._database.one("SELECT max(placed) FROM run")
        latest = newest[0] if newest and newest[0] is not None else 0.0
        # No run lies in the future, whatever its report says. Where the present itself lies before the newest run, the
        # clock went back: then the order of recording counts, and the run comes last.
        if self._now < latest - SKEW:
            self.notice = (
                f"the clock stands {latest - self._now:.0f} s before the newest run of {self._database.where}; "
                "this run is kept as the newest. Set the clock right"
            )
        elif run.started > self._now + SKEW:
            self.notice = f"run {run.id[:80]!r} says that it began in the future; it is kept as of now"
        placed = latest if self._now < latest else min(moment(run.started), self._now)
        number = self._next("run")
        self._database.execute(
            "INSERT INTO run VALUES (" + ",".join("?" * 18) + ")",
            (
                number,
                clean(run.id),
                known,
                placed,
                moment(run.started),
                None if run.ended is None else moment(run.ended),
                clean(run.source),
                clean(run.command),
                clean(run.commit),
                clean(run.branch),
                int(run.dirty),
                clean(run.configuration),
                clean(run.host),
                None if run.exit_code is None else count(run.exit_code),
                clean(run.outage),
                len(results),
                sum(result.outcome in RED for result in results),
                sum(result.cached for result in results),
            ),
        )
        if results:
            self._results(run, number, placed, results, late=placed < latest)
        return True

    def _results(self, run: Run, number: int, placed: float, results: Sequence[CaseResult], *, late: bool) -> None:
        standings = self._standings({result.case for result in results}, placed)
        commit = commit_key(run)
        words = self._words(results, commit)
        failures = self._failures(results, words)
        ordinals: dict[int, int] = defaultdict(int)
        masks: dict[int, dict[int, int]] = defaultdict(dict)  # key → test → what was seen
        rows = []
        for result in results:
            standing = standings[result.case]
            test = standing.test
            outcome = CODES[result.outcome]
            key, kind = result.key, result.key_kind
            seconds, started = duration(result.seconds), moment(result.started)
            # What ran on a tree that no commit names says nothing about the commit.
            if kind == "commit" and not commit:
                key = kind = ""
            if not key and commit:
                key, kind = commit, "commit"
            key_number = words[key]
            node = words[result.node]
            rows.append(
                (
                    number,
                    test,
                    ordinals[test],
                    outcome,
                    seconds,
                    started,
                    count(result.attempt),
                    count(result.run_number),
                    count(result.shard),
                    int(result.cached),
                    int(result.quarantined),
                    key_number,
                    KIND_CODES[kind],
                    failures.get((result.message, result.detail, result.signature), 0),
                    node,
                    words[result.file],
                    count(result.line),
                    words[result.worker],
                    words[result.seed],
                )
            )
            ordinals[test] += 1
            if placed >= standing.last_seen:
                standing.last, standing.last_seen = outcome, placed
                if node:
                    standing.node = node
            if not run.outage and not result.cached and outcome != 4:
                red = 1 <= outcome <= 3
                standing.trials += 1
                standing.reds += red
                standing.seconds += seconds
                standing.fresh.append(
                    LAYOUT.pack(
                        number,
                        key_number,
                        words[result.signature],
                        seconds,
                        started,
                        max(0, min(result.attempt, 0xFFFF)),
                        red,
                    )
                )
                if key_number:
                    seen = masks[key_number]
                    seen[test] = seen.get(test, 0) | (FAILED if red else PASSED)
        # Rows come in the order of the primary key, so that the file grows at its end.
        rows.sort()
        self._database.many("INSERT INTO result VALUES (" + ",".join("?" * 19) + ")", rows)
        by_number = {standing.test: standing for standing in standings.values()}
        self._contradictions(masks, by_number)
        self._write(by_number, placed, late=late)

    def _next(self, table: str) -> int:
        found = self._database.one(f"SELECT coalesce(max(number), 0) + 1 FROM {table}")
        return int(found[0]) if found else 1

    def _numbers(self, table: str, digests: Iterable[bytes]) -> dict[bytes, int]:
        return {
            bytes(known): number
            for known, number in self._database.among(
                f"SELECT digest, number FROM {table} WHERE digest IN (…)", digests
            )
        }

    def _standings(self, cases: set[CaseId], placed: float) -> dict[CaseId, _Standing]:
        """The standing of every case; cases that are new come into the tables."""
        digests = {identity(case): case for case in cases}
        numbers = self._numbers("test", digests)
        for old, test in self._database.among("SELECT digest, test FROM alias WHERE digest IN (…)", digests):
            numbers.setdefault(bytes(old), test)
        fresh = {known: case for known, case in digests.items() if known not in numbers}
        first = self._next("test")
        new_rows = []
        for number, (known, case) in enumerate(sorted(fresh.items(), key=lambda item: item[1]), first):
            numbers[known] = number
            texts = (case.label, case.classname, case.name, case.parameters)
            new_rows.append((number, known, digest(case.label), *map(clean, texts)))
        if new_rows:
            self._database.many("INSERT INTO test VALUES (?,?,?,?,?,?,?)", new_rows)
            empty = ((row[0], 0, 0, 0, 0, placed, placed, 0, 0.0, 0, 0, 0, 0, b"") for row in new_rows)
            self._database.many("INSERT INTO standing VALUES (" + ",".join("?" * 14) + ")", empty)
        found = {
            row[0]: _Standing(*row)
            for row in self._database.among(
                "SELECT test, trials, reds, contradictions, contradiction, first_seen, last_seen, last, seconds, "
                "node, streaks, lone, greens, recent FROM standing WHERE test IN (…)",
                sorted(set(numbers.values())),
            )
        }
        return {case: found[numbers[known]] for known, case in digests.items()}

    def _words(self, results: Sequence[CaseResult], commit: str) -> dict[str, int]:
        texts = {commit}
        for result in results:
            texts.update((result.key, result.node, result.file, result.worker, result.seed, result.signature))
        texts.discard("")
        digests = {digest(text): text for text in texts}
        numbers = self._numbers("word", digests)
        fresh = sorted((text, known) for known, text in digests.items() if known not in numbers)
        rows = [(number, known, clean(text)) for number, (text, known) in enumerate(fresh, self._next("word"))]
        if rows:
            self._database.many("INSERT INTO word VALUES (?,?,?)", rows)
        numbers.update((known, number) for number, known, _ in rows)
        self._new_words = {number for number, _, _ in rows}
        return {"": 0} | {text: numbers[known] for known, text in digests.items()}

    def _failures(self, results: Sequence[CaseResult], words: dict[str, int]) -> dict[tuple[str, str, str], int]:
        texts = {
            (result.message, result.detail, result.signature)
            for result in results
            if result.message or result.detail or result.signature
        }
        digests = {digest(*text): text for text in texts}
        numbers = self._numbers("failure", digests)
        fresh = sorted((text, known) for known, text in digests.items() if known not in numbers)
        rows = [
            (number, known, clean(message), clean(detail), words[signature])
            for number, ((message, detail, signature), known) in enumerate(fresh, self._next("failure"))
        ]
        if rows:
            self._database.many("INSERT INTO failure VALUES (?,?,?,?,?)", rows)
        numbers.update((row[1], row[0]) for row in rows)
        return {text: numbers[known] for known, text in digests.items()}

    def _contradictions(self, masks: dict[int, dict[int, int]], standings: dict[int, _Standing]) -> None:
        """Exact, over all time: a key that a case passed on once and failed on another time counts once."""
        for key, seen in sorted(masks.items()):
            before: dict[int, int] = {}
            if key not in self._new_words:
                before.update(self._database.rows("SELECT test, seen FROM key_outcome WHERE input_key = ?", (key,)))
            rows = []
            for test, mask in sorted(seen.items()):
                old = before.get(test, 0)
                if old | mask == BOTH:
                    standings[test].contradiction = key
                    if old != BOTH:
                        standings[test].contradictions += 1
                if old | mask != old:
                    rows.append((key, test, old | mask))
            if rows:
                self._database.many(
                    "INSERT INTO key_outcome VALUES (?,?,?) "
                    "ON CONFLICT (input_key, test) DO UPDATE SET seen = excluded.seen",
                    rows,
                )

    def _write(self, standings: dict[int, _Standing], placed: float, *, late: bool) -> None:
        places: dict[int, float] = dict(self._database.rows("SELECT number, placed FROM run")) if late else {}
        for standing in standings.values():
            standing.first_seen = min(standing.first_seen, placed)
            trials = b"".join(standing.fresh)
            if not late:
                standing.add(trials, RECENT)
            elif trials:
                at = sum(places[trial[0]] <= placed for trial in unpack(standing.recent))
                standing.add_late(trials, at, RECENT)
        self._database.many(
            "UPDATE standing SET trials = ?, reds = ?, contradictions = ?, contradiction = ?, first_seen = ?, "
            "last_seen = ?, last = ?, seconds = ?, node = ?, streaks = ?, lone = ?, greens = ?, recent = ? "
            "WHERE test = ?",
            (standing.row() for _, standing in sorted(standings.items())),
        )
